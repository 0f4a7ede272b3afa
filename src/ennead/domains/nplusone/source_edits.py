"""Advice written into the user's own line, where that line is a whole expression that can be read."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ennead.domains.nplusone.syntax_tree import parse_quietly

if TYPE_CHECKING:
    from ennead.kernel.call_site import CallSite

_SYNC_ENDINGS = (
    "get first last latest earliest count exists aggregate in_bulk iterator contains explain "
    "values values_list dates datetimes update delete create bulk_create get_or_create update_or_create"
)
_QUERY_ENDINGS = frozenset(prefix + name for name in _SYNC_ENDINGS.split() for prefix in ("", "a"))
"""Methods of query sets after which there is no query set any more, or one whose rows are no objects."""


def append_to_query(place: CallSite | None, call: str) -> str:
    """The origin's line with a query-set call appended to its query, or the bare call if the line is not whole.

    Examples
    --------
    >>> from ennead.kernel.call_site import CallSite
    >>> append_to_query(CallSite("v.py", 3, "v", "for o in Order.objects.all():"), '.select_related("customer")')
    'for o in Order.objects.all().select_related("customer"):'
    """
    line = _line_of(place)
    ends = _query_ends(_parse(line))
    return _inserted(line, ends[0], call) if len(ends) == 1 else call


def add_options(place: CallSite | None, option: str) -> str:
    """The origin's line with ``.options(...)`` on its ``select``, or the bare call.

    Examples
    --------
    >>> from ennead.kernel.call_site import CallSite
    >>> place = CallSite("v.py", 3, "v", "orders = session.scalars(select(Order)).all()")
    >>> add_options(place, "selectinload(Order.lines)")
    'orders = session.scalars(select(Order).options(selectinload(Order.lines))).all()'
    """
    call = f".options({option})"
    line = _line_of(place)
    for node in ast.walk(_parse(line)):
        is_select = isinstance(node, ast.Call) and _called_name(node) in ("select", "query")
        if isinstance(node, ast.expr) and (is_select or _is_query_property(node)):
            return _inserted(line, node.end_col_offset or 0, call)
    return call


def _line_of(place: CallSite | None) -> str:
    return (place.source or "") if place is not None and place.language == "python" else ""


def _inserted(line: str, end: int, call: str) -> str:
    """Put ``call`` at a column of the syntax tree; those count bytes of UTF-8."""
    text = line.encode()
    return (text[:end] + call.encode() + text[end:]).decode()


def _parse(line: str) -> ast.AST:
    """The tree of a line, a block's header included; an empty one if the line is no whole statement."""
    for text in (line, f"{line} pass"):
        try:
            return parse_quietly(text)
        except (SyntaxError, ValueError):
            continue
    return ast.Module([], [])


def _query_ends(tree: ast.AST) -> list[int]:
    """For each query set that is written out, the column behind the last method that leaves it a query set.

    What stands in the arguments of another one is a part of that one. A chain that goes on with the rows is left out.
    """
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    managers = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and _is_manager(node))
    chains = dict(_climb(manager, parents) for manager in managers)
    return [end for top, end in chains.items() if end and not _is_below(top, chains, parents)]


def _is_manager(node: ast.Attribute) -> bool:
    return node.attr == "objects" or node.attr.endswith("_set")


def _climb(manager: ast.Attribute, parents: dict[ast.AST, ast.AST]) -> tuple[ast.AST, int | None]:
    """The whole chain from a manager on, and where it stops being a query set; ``None`` where that is not clear."""
    top: ast.expr = manager
    end, ended = manager.end_col_offset, False
    while isinstance(attribute := parents.get(top), ast.Attribute):
        call = parents.get(attribute)
        if isinstance(call, ast.Call) and call.func is attribute:
            ends = attribute.attr in _QUERY_ENDINGS
            if ended or attribute.attr == "raw":
                end = None
            elif not ends:
                end = call.end_col_offset
            ended, top = ended or ends, call
        else:
            end, top = None, attribute
    return top, end


def _is_below(node: ast.AST, others: dict[ast.AST, int | None], parents: dict[ast.AST, ast.AST]) -> bool:
    above = parents.get(node)
    while above is not None and above not in others:
        above = parents.get(above)
    return above is not None


def _is_query_property(node: ast.AST) -> bool:
    """Flask-SQLAlchemy's ``Order.query``."""
    owner = node.value if isinstance(node, ast.Attribute) and node.attr == "query" else None
    return isinstance(owner, ast.Name) and owner.id[:1].isupper()


def _called_name(node: ast.Call) -> str:
    if isinstance(node.func, ast.Name):
        return node.func.id
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""
