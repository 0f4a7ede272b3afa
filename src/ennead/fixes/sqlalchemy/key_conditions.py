"""The conditions of a statement that compare a column with a value of the loop: found, and taken out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.sqlalchemy.expressions import code_of, parsed, reads, replaced, walk
from ennead.fixes.sqlalchemy.lookup import select_call
from ennead.fixes.syntax.method_chain import chain_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.kernel.finding import Finding

_FILTERS = frozenset({"where", "filter", "filter_by"})


@dataclass(frozen=True)
class KeyCondition:
    """``Line.order_id == order.id``."""

    column: str
    """``Line.order_id``."""
    value: str
    """``order.id``."""
    argument: cst.Arg

    @property
    def attribute(self) -> str | None:
        """The column's name, if it is a plain attribute: ``order_id``."""
        return self.column.rpartition(".")[2] if self.column.replace(".", "").replace("_", "").isalnum() else None


def take_keys(
    statement: cst.BaseExpression, varying: set[str], finding: Finding
) -> tuple[list[KeyCondition], cst.BaseExpression] | None:
    """The key conditions, and the statement without them; ``None`` if it depends on the loop in other ways, too."""
    statement = _of_relation(statement, varying, finding)
    found = list(_conditions(statement, varying, finding))
    if not found:
        return None
    rest = _without(statement, {id(condition.argument) for condition in found})
    return None if reads(rest, varying) else (found, rest)


def _conditions(statement: cst.BaseExpression, varying: set[str], finding: Finding) -> Iterator[KeyCondition]:
    for node in walk(statement):
        if not isinstance(node, cst.Call):
            continue
        function = node.func.attr if isinstance(node.func, cst.Attribute) else node.func
        name = function.value if isinstance(function, cst.Name) else ""
        if name in _FILTERS or name == "and_":
            for argument in node.args:
                found = _condition(statement, argument, varying, finding)
                if found is not None:
                    yield found


def _condition(
    statement: cst.BaseExpression, argument: cst.Arg, varying: set[str], finding: Finding
) -> KeyCondition | None:
    value = argument.value
    if argument.keyword is not None:
        entity = selected_entity(statement)
        if entity is None or not reads(value, varying) or ".join(" in code_of(statement):
            return None
        return KeyCondition(f"{entity}.{argument.keyword.value}", code_of(value), argument)
    if isinstance(value, cst.Comparison) and len(value.comparisons) == 1:
        target = value.comparisons[0]
        if not isinstance(target.operator, cst.Equal):
            return None
        for column, key in ((value.left, target.comparator), (target.comparator, value.left)):
            if reads(key, varying) and not reads(column, varying):
                return _equality(column, key, argument, finding)
    return _single_in(value, argument, varying) or _with_parent(value, argument, varying, finding)


def _equality(column: cst.BaseExpression, key: cst.BaseExpression, argument: cst.Arg, finding: Finding) -> KeyCondition:
    """A relation that is compared with a whole row stands for its foreign key."""
    columns = finding.evidence.get("varying_columns") or []
    text = code_of(column)
    if isinstance(key, cst.Name) and len(columns) == 1 and isinstance(column, cst.Attribute):
        relation, foreign = column.attr.value, str(columns[0])
        if foreign != relation and foreign.startswith(relation):
            return KeyCondition(f"{code_of(column.value)}.{foreign}", f"{key.value}.id", argument)
    return KeyCondition(text, code_of(key), argument)


def _single_in(value: cst.BaseExpression, argument: cst.Arg, varying: set[str]) -> KeyCondition | None:
    """``Line.order_id.in_([order.id])``."""
    if not isinstance(value, cst.Call) or not isinstance(value.func, cst.Attribute) or value.func.attr.value != "in_":
        return None
    given = value.args[0].value if len(value.args) == 1 else None
    if not isinstance(given, cst.List | cst.Tuple) or len(given.elements) != 1:
        return None
    element = given.elements[0].value
    return KeyCondition(code_of(value.func.value), code_of(element), argument) if reads(element, varying) else None


def _with_parent(
    value: cst.BaseExpression, argument: cst.Arg, varying: set[str], finding: Finding
) -> KeyCondition | None:
    """``with_parent(order, Order.lines)``."""
    columns, target = finding.evidence.get("varying_columns") or [], finding.evidence.get("target")
    if not isinstance(value, cst.Call) or not code_of(value.func).endswith("with_parent") or not value.args:
        return None
    row = value.args[0].value
    if len(columns) != 1 or not target or not reads(row, varying):
        return None
    return KeyCondition(f"{str(target).rpartition('.')[2]}.{columns[0]}", f"{code_of(row)}.id", argument)


def _of_relation(statement: cst.BaseExpression, varying: set[str], finding: Finding) -> cst.BaseExpression:
    """``order.events.select()`` of a write-only relation, as a ``select()`` of its own."""
    call = select_call(statement)
    columns, target = finding.evidence.get("varying_columns") or [], finding.evidence.get("target")
    is_relation = call is not None and isinstance(call.func, cst.Attribute) and not call.args and reads(call, varying)
    if call is None or not is_relation or len(columns) != 1 or not target:
        return statement
    row = chain_of(call).root
    model = str(target).rpartition(".")[2]
    text = f"select({model}).where({model}.{columns[0]} == {code_of(row)}.id)"
    return replaced(statement, call, parsed(text))


def selected_entity(statement: cst.BaseExpression) -> str | None:
    """The class that a statement selects, or whose columns."""
    call = select_call(statement)
    for node in walk(call.args[0].value) if call is not None and call.args else ():
        if isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name) and node.value.value[:1].isupper():
            return node.value.value
        if isinstance(node, cst.Attribute) and node.attr.value[:1].isupper():
            return code_of(node)
        if isinstance(node, cst.Name) and node.value[:1].isupper():
            return node.value
    return None


class _Taking(cst.CSTTransformer):
    """Takes arguments out of calls, and calls that have none left out of the chain."""

    def __init__(self, taken: set[int]) -> None:
        super().__init__()
        self._taken = taken

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:  # noqa: N802 -- named by the library
        kept = [
            new.with_changes(comma=cst.MaybeSentinel.DEFAULT)
            for old, new in zip(original_node.args, updated_node.args, strict=True)
            if id(old) not in self._taken
        ]
        if len(kept) == len(original_node.args):
            return updated_node
        function = updated_node.func
        if not kept and isinstance(function, cst.Attribute) and function.attr.value in _FILTERS:
            return function.value
        return updated_node.with_changes(args=kept)


def _without(statement: cst.BaseExpression, arguments: set[int]) -> cst.BaseExpression:
    rest = statement.visit(_Taking(arguments))
    return rest if isinstance(rest, cst.BaseExpression) else statement
