"""Advice written into the user's own line, where that line is a whole expression that can be read."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ennead.kernel.call_site import CallSite

_QUERY_ENDINGS = frozenset({"get", "first", "last", "count", "exists", "aggregate", "latest", "earliest", "in_bulk"})


def append_to_query(place: CallSite | None, call: str) -> str:
    """The origin's line with a query-set call appended to its query, or the bare call if the line is not whole.

    Examples
    --------
    >>> from ennead.kernel.call_site import CallSite
    >>> append_to_query(CallSite("v.py", 3, "v", "for o in Order.objects.all():"), '.select_related("customer")')
    'for o in Order.objects.all().select_related("customer"):'
    """
    line = place.source if place and place.language == "python" else None
    end = _query_end(line) if line else None
    return call if line is None or end is None else line[:end] + call + line[end:]


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
    line = place.source if place and place.language == "python" else None
    tree = _parse(line) if line else None
    if line is None or tree is None:
        return call
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called_name(node) in ("select", "query") and node.end_col_offset:
            return line[: node.end_col_offset] + call + line[node.end_col_offset :]
    return call


def _query_end(line: str) -> int | None:
    """Column after the query-set chain: the outermost one that starts from a model's manager."""
    tree = _parse(line)
    if tree is None:
        return None
    chains = [node for node in ast.walk(tree) if isinstance(node, ast.Call | ast.Attribute) and _is_chain(node)]
    chains = [node for node in chains if not _ends_query(node)]
    ends = [node.end_col_offset for node in chains if node.end_col_offset is not None]
    return max(ends, default=None)


def _parse(line: str) -> ast.AST | None:
    for text in (line, f"{line} pass", f"async def f():\n {line}"):
        try:
            tree = ast.parse(text)
        except SyntaxError:
            continue
        return tree if not text.startswith("async def f") else None
    return None


def _is_chain(node: ast.AST) -> bool:
    while isinstance(node, ast.Call | ast.Attribute):
        if isinstance(node, ast.Attribute) and (node.attr == "objects" or node.attr.endswith("_set")):
            return True
        node = node.func if isinstance(node, ast.Call) else node.value
    return False


def _ends_query(node: ast.AST) -> bool:
    attribute = node.func if isinstance(node, ast.Call) else node
    if isinstance(attribute, ast.Attribute) and not isinstance(node, ast.Call):
        return attribute.attr != "objects" and not attribute.attr.endswith("_set")
    return isinstance(attribute, ast.Attribute) and attribute.attr in _QUERY_ENDINGS


def _called_name(node: ast.Call) -> str:
    if isinstance(node.func, ast.Name):
        return node.func.id
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""
