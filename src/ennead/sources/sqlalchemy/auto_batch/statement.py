"""The ORM's own lazy statement, asked for several parents at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Column, Select, true, tuple_
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, BooleanClauseList, ClauseElement

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import RelationshipProperty

    from ennead.sources.sqlalchemy.auto_batch.relation_key import RelationKey

    Key = tuple[Any, ...]

DIALECTS_WITH_TUPLES = frozenset({"sqlite", "postgresql", "mysql", "mariadb", "oracle"})


class LazyStatement:
    """A lazy load's statement whose equalities with the parent's values were found.

    Parameters
    ----------
    statement
        What the ORM is about to execute.
    equalities
        For each part of the relation's key the condition, and the column that it compares.
    is_get
        It looks objects up by their primary key: one that the session has already is not looked up.
    """

    __slots__ = ("_columns", "_equalities", "_statement", "is_get")

    def __init__(
        self, statement: Select[Any], equalities: list[tuple[ColumnElement[Any], Column[Any]]], *, is_get: bool
    ) -> None:
        self._statement = statement
        self._equalities = [equality for equality, _ in equalities]
        self._columns = [column for _, column in equalities]
        self.is_get = is_get

    def for_keys(self, keys: Collection[Key]) -> Select[Any]:
        """The statement for all these parents. Behind the object, each row has the values that it was found by."""
        if len(self._columns) == 1:
            is_asked = self._columns[0].in_([key[0] for key in keys])
        else:
            is_asked = tuple_(*self._columns).in_(list(keys))
        first, *others = self._equalities

        def replace(element: Any, **_: Any) -> Any:
            if element is first:
                return is_asked
            if not isinstance(element, ClauseElement):
                return element  # an option: taken over as it is
            return true() if any(element is other for other in others) else None

        batched = cast("Select[Any]", visitors.replacement_traverse(self._statement, {}, replace))
        labels = (column.label(f"ennead_key_{number}") for number, column in enumerate(self._columns))
        return batched.add_columns(*labels)


def lazy_statement(
    statement: object, parameters: object, relationship: RelationshipProperty[Any], key: RelationKey, values: Key
) -> LazyStatement | None:
    """Find the conditions that stand for the parent; ``None`` if it is not certain that these are all of them."""
    if not isinstance(statement, Select) or statement.whereclause is None or not isinstance(parameters, dict):
        return None
    found = list(_equalities(statement.whereclause, parameters))
    primary_key = relationship.mapper.primary_key
    is_get = relationship.secondary is None and {column for _, column, _ in found} == set(primary_key)
    if is_get and len(key.parts) == 1 == len(primary_key):
        wanted = [(primary_key[0], values[0])]
    else:
        wanted = [(part.remote, value) for part, value in zip(key.parts, values, strict=True)]
    equalities = []
    for column, value in wanted:
        matching = [(clause, own, its_value) for clause, own, its_value in found if _is_same(own, column)]
        if len(matching) != 1 or matching[0][2] != value:
            return None
        equalities.append(matching[0][:2])
    return LazyStatement(statement, equalities, is_get=is_get and len(found) == len(wanted))


def _is_same(column: ColumnElement[Any], other: ColumnElement[Any]) -> bool:
    """Columns in ORM statements are annotated copies, which hash like what they are copies of."""
    return hash(column) == hash(other)


def _equalities(
    clause: ColumnElement[Any], parameters: Mapping[str, Any]
) -> Iterator[tuple[ColumnElement[Any], Column[Any], Any]]:
    """Conditions ``column = :value`` that must all hold."""
    if isinstance(clause, BooleanClauseList) and clause.operator is operators.and_:
        for part in clause.clauses:
            yield from _equalities(part, parameters)
    elif isinstance(clause, BinaryExpression) and clause.operator is operators.eq:
        for column, bind in ((clause.left, clause.right), (clause.right, clause.left)):
            if isinstance(column, Column) and isinstance(bind, BindParameter) and bind.key in parameters:
                yield clause, column, parameters[bind.key]
