"""Advice written into the user's own ``Model.select(...)`` or ``Model.filter(...)``.

Where its line is a whole expression that can be read.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from ennead.domains.nplusone.access_chain import line_of, parse_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ennead.kernel.call_site import CallSite

_ENDINGS = frozenset(
    {
        "count",
        "exists",
        "first",
        "get",
        "get_or_none",
        "iterator",
        "peek",
        "scalar",
        "prefetch",
        "values",
        "values_list",
    }
)


class _Select(NamedTuple):
    line: bytes
    call: ast.Call
    end: int
    """Column behind the last call that leaves it a query."""


def append_to_select(place: CallSite | None, model: str, call: str) -> str | None:
    """The line with a call behind the only query on ``model``; ``None`` if it cannot be read.

    Examples
    --------
    >>> from ennead.kernel.call_site import CallSite
    >>> place = CallSite("v.py", 3, "v", "for order in Order.select().where(Order.day > 5):")
    >>> append_to_select(place, "Order", ".prefetch(Line)")
    'for order in Order.select().where(Order.day > 5).prefetch(Line):'
    """
    select = _select_in(place, model)
    return None if select is None else _inserted(select.line, select.end, call)


def extend_select(place: CallSite | None, model: str, columns: str, joins: str) -> str | None:
    """The line with further columns in its only query on ``model``, and joins behind ``select()``.

    Examples
    --------
    >>> from ennead.kernel.call_site import CallSite
    >>> place = CallSite("v.py", 3, "v", "orders = Order.select().where(Order.day > 5)")
    >>> extend_select(place, "Order", "Customer", ".join_from(Order, Customer)")
    'orders = Order.select(Order, Customer).join_from(Order, Customer).where(Order.day > 5)'
    """
    select = _select_in(place, model)
    if select is None or select.call.keywords:
        return None
    end = select.call.end_col_offset or 0
    arguments = f", {columns}" if select.call.args else f"{model}, {columns}"
    line = _inserted(select.line, end, joins)
    return _inserted(line.encode(), end - 1, arguments)


def append_to_query_of(place: CallSite | None, model: str, call: str) -> str | None:
    """The line with a call behind the only chain of calls that begins with the model's name, or ``None``.

    Examples
    --------
    >>> from ennead.kernel.call_site import CallSite
    >>> place = CallSite("v.py", 3, "v", "orders = await Order.filter(day__gt=5).first()")
    >>> append_to_query_of(place, "Order", '.prefetch_related("lines")')
    'orders = await Order.filter(day__gt=5).prefetch_related("lines").first()'
    """
    line = line_of(place)
    tree = parse_line(line)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_method_of(node, model)]
    return _inserted(line.encode(), _end_of_chain(calls[0], parents), call) if len(calls) == 1 else None


def _select_in(place: CallSite | None, model: str) -> _Select | None:
    line = line_of(place)
    tree = parse_line(line)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_select(node, model)]
    if len(found) != 1:
        return None
    return _Select(line.encode(), found[0], _end_of_chain(found[0], parents))


def _end_of_chain(start: ast.Call, parents: Mapping[ast.AST, ast.AST]) -> int:
    """Column behind the last call of a chain that leaves it a query."""
    top: ast.expr = start
    while isinstance(attribute := parents.get(top), ast.Attribute):
        call = parents.get(attribute)
        if not isinstance(call, ast.Call) or call.func is not attribute or attribute.attr in _ENDINGS:
            break
        top = call
    return top.end_col_offset or 0


def _is_method_of(call: ast.Call, model: str) -> bool:
    function = call.func
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == model


def _is_select(call: ast.Call, model: str) -> bool:
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr != "select":
        return False
    return ast.unparse(function.value).rpartition(".")[2] == model


def _inserted(line: bytes, column: int, text: str) -> str:
    return (line[:column] + text.encode() + line[column:]).decode()
