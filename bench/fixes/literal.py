"""A rival's advice, put where a literal-minded user would put it.

The call that the advice names goes into the query at the line that the tool names; where no query of the model stands
there, into the query of the collection, which the scenario's label tells: a reader who knows the code. The relation is
the advice's own; tracepanel names none, so the one that is accessed at its line is filled in.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Place = tuple[str, int]

DJANGO_CALL = re.compile(r"\b(select_related|prefetch_related)\((?:['\"](\w+)['\"])?\)")
DJANGO_MODEL = re.compile(r"to your (\w+) queryset")
SQLALCHEMY_CALL = re.compile(r"\b(selectinload|joinedload)\(\)")
QUERY_METHODS = frozenset({
    "all", "annotate", "defer", "distinct", "exclude", "filter", "iterator", "only", "order_by", "prefetch_related",
    "select_related", "using",
})  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What an advice asks for: ``select_related("customer")`` on a query of ``Shipment``."""

    call: str
    relation: str
    model: str | None
    place: Place | None


def wanted(text: str, place: Place | None, relations: Iterable[str]) -> Wanted | None:
    """Read an advice; ``None`` if it names no call, or no relation is to be had.

    Parameters
    ----------
    text
        The advice in the tool's words.
    place
        The line that the tool names.
    relations
        Relations accessed at that line, ``Model.attribute`` or ``app.Model.attribute``, for tools that name none.

    Examples
    --------
    >>> wanted("Add .select_related('ship') to your Shipment queryset", None, ()).relation
    'ship'
    >>> wanted("Fetch the rows in one query: Ship.objects.in_bulk(ids)", None, ()) is None
    True
    """
    named = DJANGO_CALL.search(text) or SQLALCHEMY_CALL.search(text)
    if named is None:
        return None
    model = DJANGO_MODEL.search(text)
    if named.lastindex == 2:
        return Wanted(named[1], named[2], model[1] if model else None, place)
    for relation in relations:
        owner, _, attribute = relation.rpartition(".")
        return Wanted(named[1], attribute, owner.rpartition(".")[2], place)
    return None


def applied(text: str, line: int, asked: Wanted, *, related: bool = False) -> str | None:
    r"""The file with the call added to the query of a line; ``None`` if there is none for this model.

    Parameters
    ----------
    related
        Take the rows of a related manager for those of the model: the text does not tell.

    Examples
    --------
    >>> applied("ships = Ship.objects.all()\n", 1, Wanted("select_related", "carrier", "Ship", None))
    'ships = Ship.objects.select_related("carrier").all()\n'
    """
    tree = ast.parse(text)
    if asked.call in ("selectinload", "joinedload"):
        return _with_loader(text, tree, line, asked)
    for call in _calls_on(tree, line):
        receiver = _first_receiver(call)
        if receiver is not None and _model_of(receiver) == (None if related else asked.model):
            return _inserted(text, receiver, f'.{asked.call}("{asked.relation}")')
    return None


def _with_loader(text: str, tree: ast.Module, line: int, asked: Wanted) -> str | None:
    """``select(Model)`` of the line, else of its function."""
    here = list(_calls_on(tree, line))
    function = [each for each in _functions_around(tree, line) for each in ast.walk(each) if isinstance(each, ast.Call)]
    for call in (*here, *function):
        if _name(call.func) in ("select", "query") and any(_name(each) == asked.model for each in call.args):
            changed = _inserted(text, call, f".options({asked.call}({asked.model}.{asked.relation}))")
            return _imported(changed, f"from sqlalchemy.orm import {asked.call}\n")
    return None


def _imported(text: str, line: str) -> str:
    """The line goes before the first import of the file."""
    first = next(each for each in ast.parse(text).body if isinstance(each, (ast.Import, ast.ImportFrom)))
    lines = text.splitlines(keepends=True)
    return "".join([*lines[: first.lineno - 1], line, *lines[first.lineno - 1 :]])


def _calls_on(tree: ast.Module, line: int) -> Iterator[ast.Call]:
    calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call)]
    on_line = [each for each in calls if each.lineno <= line <= (each.end_lineno or each.lineno)]
    # The shortest statement around a line comes first: a decorator's call may span a whole function.
    yield from sorted(on_line, key=lambda each: ((each.end_lineno or 0) - each.lineno, each.col_offset))


def _functions_around(tree: ast.Module, line: int) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        is_function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        if is_function and node.lineno <= line <= (node.end_lineno or node.lineno):  # type: ignore[attr-defined]
            yield node


def _first_receiver(call: ast.Call) -> ast.expr | None:
    """What the first query method of a chain is called on."""
    found: ast.expr | None = None
    node: ast.expr = call
    while isinstance(node, (ast.Call, ast.Attribute)):
        if isinstance(node, ast.Call):
            node = node.func
            continue
        if node.attr in QUERY_METHODS:
            found = node.value
        elif node.attr == "objects":
            return node
        node = node.value
    return found


def _model_of(receiver: ast.expr) -> str | None:
    """``Shipment`` of ``Shipment.objects``; ``None`` for a related manager, whose model the text does not tell."""
    if isinstance(receiver, ast.Attribute) and receiver.attr == "objects":
        return _name(receiver.value)
    return None


def _name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else None


def _inserted(text: str, after: ast.expr, new: str) -> str:
    lines = text.splitlines(keepends=True)
    row = (after.end_lineno or after.lineno) - 1
    column = len(lines[row].encode()[: after.end_col_offset].decode())
    lines[row] = lines[row][:column] + new + lines[row][column:]
    return "".join(lines)
