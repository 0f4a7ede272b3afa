"""Advice written into the user's own line, where that line is a whole expression that can be read."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ennead.domains.nplusone.access_chain import line_of, parse_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ennead.kernel.call_site import CallSite

_SYNC_ENDINGS = (
    "get first last latest earliest count exists aggregate in_bulk iterator contains explain "
    "values values_list dates datetimes update delete create bulk_create get_or_create update_or_create"
)
_QUERY_ENDINGS = frozenset(prefix + name for name in _SYNC_ENDINGS.split() for prefix in ("", "a"))
"""Methods of query sets after which there is no query set any more, or one whose rows are no objects."""
_UNCLEAR = frozenset({"raw", "union", "intersection", "difference"})
_EXECUTING = frozenset({"scalars", "execute", "stream", "stream_scalars", "scalar"})


class QueryText(NamedTuple):
    """The one query set that is written out in a line."""

    line: str
    end: int
    """Column, in bytes, behind the last method that leaves it a query set."""
    calls: Mapping[str, ast.Call]
    """Calls of its chain by method."""

    def appended(self, call: str) -> str:
        """The line with a call behind the query set."""
        return _replaced(self.line, self.end, self.end, call)

    def constants(self, method: str) -> list[str] | None:
        """The arguments of a call of its chain, if they are all plain texts."""
        call = self.calls.get(method)
        if call is None or call.keywords or not all(_is_text(argument) for argument in call.args):
            return None
        return [str(argument.value) for argument in call.args if isinstance(argument, ast.Constant)]

    def with_arguments(self, method: str, arguments: list[str]) -> str:
        """The line with other arguments for a call of its chain, or without that call if there are none left."""
        call = self.calls[method]
        owner = call.func.value if isinstance(call.func, ast.Attribute) else call.func
        text = ", ".join(f'"{argument}"' for argument in arguments)
        manager_alone = "" if isinstance(owner, ast.Call) else ".all()"
        by = f".{method}({text})" if arguments else manager_alone
        return _replaced(self.line, owner.end_col_offset or 0, call.end_col_offset or 0, by)


def query_in(place: CallSite | None, model: str | None = None, relation: str | None = None) -> QueryText | None:
    """The query set of a line, if there is exactly one: on ``model``, or on the manager ``relation``."""
    return _query_in(line_of(place), model, relation)


@lru_cache(maxsize=512)
def _query_in(line: str, model: str | None, relation: str | None) -> QueryText | None:
    tree = parse_line(line)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    managers = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    starts: list[ast.expr] = [node for node in managers if _is_manager(node, parents, model, relation)]
    starts += [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _called_name(node) == "get_queryset"]
    chains = {chain.top: chain for chain in (_climb(start, parents) for start in starts)}
    found = [chain for chain in chains.values() if chain.end and not _is_below(chain.top, chains, parents)]
    return QueryText(line, found[0].end or 0, found[0].calls) if len(found) == 1 else None


def append_to_query(place: CallSite | None, call: str, model: str | None = None, relation: str | None = None) -> str:
    """The origin's line with a query-set call appended to its query, or the bare call if the line is not whole.

    Parameters
    ----------
    place
        The line.
    call
        Begins with a dot.
    model
        Name of the model whose rows the query set must load.
    relation
        Name of the related manager it may come from.

    Examples
    --------
    >>> from ennead.kernel.call_site import CallSite
    >>> append_to_query(CallSite("v.py", 3, "v", "for o in Order.objects.all():"), '.select_related("customer")')
    'for o in Order.objects.all().select_related("customer"):'
    """
    query = query_in(place, model, relation)
    return query.appended(call) if query else call


def add_options(place: CallSite | None, option: str, model: str | None = None) -> str:
    """The origin's line with ``.options(...)`` on its ``select``, or the bare call.

    Examples
    --------
    >>> from ennead.kernel.call_site import CallSite
    >>> place = CallSite("v.py", 3, "v", "orders = session.scalars(select(Order)).all()")
    >>> add_options(place, "selectinload(Order.lines)")
    'orders = session.scalars(select(Order).options(selectinload(Order.lines))).all()'
    """
    call, line = f".options({option})", line_of(place)
    end = _select_end(line, model)
    return call if end is None else _replaced(line, end, end, call)


@lru_cache(maxsize=512)
def _select_end(line: str, model: str | None) -> int | None:
    ends = (_statement_end(node, model) for node in ast.walk(parse_line(line)))
    return next((end for end in ends if end is not None), None)


def _statement_end(node: ast.AST, model: str | None) -> int | None:
    """Where a select on ``model`` ends, or the name of a statement that is executed."""
    if isinstance(node, ast.Attribute) and _is_query_property(node, model):
        return node.end_col_offset
    if not isinstance(node, ast.Call):
        return None
    if _called_name(node) in ("select", "query"):
        names = {ast.unparse(argument).rpartition(".")[2] for argument in node.args}
        return node.end_col_offset if model is None or model in names else None
    if isinstance(node.func, ast.Attribute) and node.func.attr in _EXECUTING and node.args:
        statement = node.args[0]
        return statement.end_col_offset if isinstance(statement, ast.Name) else None
    return None


def _replaced(line: str, start: int, end: int, by: str) -> str:
    """Put ``by`` between two columns of the syntax tree; those count bytes of UTF-8."""
    text = line.encode()
    return (text[:start] + by.encode() + text[end:]).decode()


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_manager(
    node: ast.Attribute, parents: Mapping[ast.AST, ast.AST], model: str | None, relation: str | None
) -> bool:
    """Whether query sets come out of an attribute: ``Order.objects``, ``order.line_set``, ``order.lines``."""
    of_class = node.value.id if isinstance(node.value, ast.Name) and node.value.id[:1].isupper() else None
    if relation is not None and node.attr == relation:
        return True
    if node.attr.endswith("_set"):
        return relation is None
    if model is not None and of_class is not None:
        is_other_manager = node.attr != "objects" and isinstance(parents.get(node), ast.Attribute)
        return of_class == model and (node.attr == "objects" or is_other_manager)
    return node.attr == "objects"


class _Chain(NamedTuple):
    top: ast.AST
    end: int | None
    calls: dict[str, ast.Call]


def _climb(manager: ast.expr, parents: Mapping[ast.AST, ast.AST]) -> _Chain:
    """The whole chain from a manager on, and where it stops being a query set; ``None`` where that is not clear."""
    top: ast.expr = manager
    end, ended = manager.end_col_offset, False
    calls: dict[str, ast.Call] = {}
    while isinstance(attribute := parents.get(top), ast.Attribute):
        call = parents.get(attribute)
        if isinstance(call, ast.Call) and call.func is attribute:
            ends = attribute.attr in _QUERY_ENDINGS
            calls[attribute.attr] = call
            if ended or attribute.attr in _UNCLEAR:
                end = None
            elif not ends and end is not None:
                end = call.end_col_offset
            ended, top = ended or ends, call
        else:
            end, top = None, attribute
    return _Chain(top, end, calls)


def _is_below(node: ast.AST, others: Mapping[ast.AST, _Chain], parents: Mapping[ast.AST, ast.AST]) -> bool:
    above = parents.get(node)
    while above is not None and above not in others:
        above = parents.get(above)
    return above is not None


def _is_query_property(node: ast.Attribute, model: str | None) -> bool:
    """Flask-SQLAlchemy's ``Order.query``."""
    owner = node.value if node.attr == "query" else None
    return isinstance(owner, ast.Name) and owner.id[:1].isupper() and model in (None, owner.id)


def _called_name(node: ast.Call) -> str:
    if isinstance(node.func, ast.Name):
        return node.func.id
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""
