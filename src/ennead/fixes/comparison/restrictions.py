"""Statements that may give other rows than the original's, though no row at hand shows it.

A replay sees two sizes of one data set. A LIMIT above them, an inner join whose partners are all there, or a condition
that every row meets give the same rows today and lose some tomorrow. So a restriction is accepted only if the schema
rules a loss out, or if the rows at hand put it to the test: a row that would have been lost was there, and the results
are still the same.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ennead.fixes.comparison.select_shape import Column, Join, SelectShape, select_shape
from ennead.fixes.comparison.units import UnitKey, numbered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ennead.fixes.comparison.notes import Notes
    from ennead.fixes.trace import ReplayTrace, StatementTrace, TableContent, UnitTrace


class _Data:
    """The rows at hand, at all sizes, by the table's bare name."""

    def __init__(self, traces: Iterable[ReplayTrace]) -> None:
        self._tables: dict[str, list[TableContent]] = {}
        for trace in traces:
            for name, content in trace.tables.items():
                self._tables.setdefault(name.rsplit(".", 1)[-1].lower(), []).append(content)

    def values(self, column: Column) -> list[list[str | None]] | None:
        """The column's values at each size; ``None`` if it is not known."""
        contents = self._tables.get(column.table, [])
        found = []
        for content in contents:
            names = [name.lower() for name in content.columns]
            if column.name in names:
                at = names.index(column.name)
                found.append([row[at] for row in content.rows])
        return found or None

    def schema(self, table: str) -> TableContent | None:
        """A content of the table that tells its schema."""
        contents = self._tables.get(table, [])
        return next((item for item in contents if item.foreign_keys is not None), None)

    def row_counts(self, table: str) -> list[int]:
        """Rows of the table at each size."""
        return [len(content.rows) for content in self._tables.get(table, [])]


def compare_restrictions(
    before: Sequence[Sequence[ReplayTrace]], after: Sequence[Sequence[ReplayTrace]], notes: Notes
) -> None:
    """Refuse restrictions of the patched work that neither the schema nor the rows at hand make sure of.

    Parameters
    ----------
    before, after
        Runs at the small size and, where there is one, at the large size.
    """
    data = _Data(traces[0] for traces in before)
    notes.compare("new limits, joins and conditions of statements")
    for originals, patched in zip(before, after, strict=True):
        units = numbered(originals[0].units)
        for trace in patched:
            for key, unit in numbered(trace.units).items():
                if key in units:
                    _compare_unit(key, units[key], unit, data, notes)


def _compare_unit(key: UnitKey, before: UnitTrace, after: UnitTrace, data: _Data, notes: Notes) -> None:
    known = {statement.fingerprint for statement in before.statements}
    kept = {statement.fingerprint for statement in after.statements}
    old = _shapes(before.statements, notes)
    new = {item: shape for item, shape in _shapes(after.statements, notes).items() if item.fingerprint not in known}
    gone = {item: shape for item, shape in old.items() if item.fingerprint not in kept}
    _compare_limits(key, list(gone.values()), list(new.values()), data, notes)
    pairs = {join.pair for shape in old.values() for join in shape.joins}
    conditions = {column for shape in old.values() for column in shape.conditions | shape.partner_conditions}
    for statement, shape in new.items():
        is_untested = _drops_nothing(statement, shape, gone, data)
        if is_untested and not shape.joins and not shape.keys:
            _compare_distinct(key, shape, gone.values(), data, notes)
        for table in sorted(shape.exists - {table for other in old.values() for table in other.exists}):
            _compare_exists(key, table, shape, notes, is_untested=is_untested)
        for column in sorted(shape.partner_conditions - conditions - {join.joined for join in shape.joins}):
            _compare_partners(key, column, data, notes)
        for join in shape.joins:
            if join.pair not in pairs and join.kept not in shape.keys:
                _compare_join(key, join, shape, data, notes)
        for column in sorted(shape.conditions - conditions - {join.joined for join in shape.joins}):
            if column not in shape.keys:
                _compare_condition(key, column, data, notes, is_untested=is_untested)


def _shapes(statements: Iterable[StatementTrace], notes: Notes) -> dict[StatementTrace, SelectShape]:
    found = {}
    for statement in statements:
        shape = select_shape(statement.statement)
        if shape is not None:
            found[statement] = shape
        elif statement.tables and not statement.is_write:
            notes.leave_out("new limits, joins and conditions", "some statements could not be parsed")
    return found


def _compare_limits(
    key: UnitKey, gone: Sequence[SelectShape], new: Sequence[SelectShape], data: _Data, notes: Notes
) -> None:
    """A new LIMIT is harmless if it takes the place of another on the same table, or where there is one row at most."""
    had = Counter(table for shape in gone for table in shape.limited)
    has = Counter(table for shape in new for table in shape.limited if not _is_single(shape, table, data))
    for table in has - had:
        notes.differ(
            f"{key}: a query of {table or 'a subquery'} has a LIMIT that it had not: with more rows it loses some"
        )


def _is_single(shape: SelectShape, table: str, data: _Data) -> bool:
    schema = data.schema(table)
    unique = _lower(schema.unique) if schema is not None else set()
    return any(column.table == table and column.name in unique for column in shape.equal)


def _compare_join(key: UnitKey, join: Join, shape: SelectShape, data: _Data, notes: Notes) -> None:
    if not join.kept.table or not join.joined.table:
        return
    kept, joined = data.values(join.kept), data.values(join.joined)
    schema, partner = data.schema(join.kept.table), data.schema(join.joined.table)
    if kept is None or joined is None or schema is None or partner is None:
        notes.leave_out(f"rows that the new join {_told(join)} drops or doubles", "the schema is not known")
        return
    refers = _is_reference(join, schema.foreign_keys or {})
    if join.is_inner and not (refers and join.kept.name in _lower(schema.not_null)) and not _has_lonely(kept, joined):
        notes.differ(
            f"{key}: the new inner join {_told(join)} drops rows of {join.kept.table} without a partner;"
            " none of the rows at hand is without, so that it does not show"
        )
    if not (refers or join.joined.name in _lower(partner.unique) or shape.is_reduced or _has_twins(joined)):
        notes.differ(
            f"{key}: the new join {_told(join)} doubles rows of {join.kept.table} with several partners;"
            " none of the rows at hand has several, so that it does not show"
        )


def _compare_exists(key: UnitKey, table: str, shape: SelectShape, notes: Notes, *, is_untested: bool) -> None:
    if is_untested:
        notes.differ(
            f"{key}: the new condition EXISTS drops rows of {shape.main} without a row of {table or 'a subquery'};"
            " it drops none of the rows at hand, so that it does not show"
        )


def _compare_distinct(key: UnitKey, shape: SelectShape, gone: Iterable[SelectShape], data: _Data, notes: Notes) -> None:
    schema = data.schema(shape.main)
    if shape.distinct is None or schema is None or shape.distinct & _lower(schema.unique):
        return
    if not any(other.main == shape.main and other.distinct is not None for other in gone):
        notes.differ(
            f"{key}: the new DISTINCT makes one row of {shape.main} of several that are equal in"
            f" {', '.join(sorted(shape.distinct))}; no rows at hand are, so that it does not show"
        )


def _compare_partners(key: UnitKey, column: Column, data: _Data, notes: Notes) -> None:
    values = data.values(column)
    if values is None:
        notes.leave_out(f"partners that the new condition on {column} drops", "the rows of the table are not known")
    elif not any(len(set(side)) > 1 for side in values):
        notes.differ(
            f"{key}: the new condition on {column} drops partners that do not meet it;"
            " all of the rows at hand meet it, so that it does not show"
        )


def _compare_condition(key: UnitKey, column: Column, data: _Data, notes: Notes, *, is_untested: bool) -> None:
    values = data.values(column)
    if values is None:
        notes.leave_out(f"rows that the new condition on {column} drops", "the rows of the table are not known")
        return
    if not any(len(set(side)) > 1 for side in values) or is_untested:
        notes.differ(
            f"{key}: the new condition on {column} drops rows that do not meet it;"
            " all of the rows at hand meet it, so that it does not show"
        )


def _drops_nothing(
    statement: StatementTrace, shape: SelectShape, gone: Mapping[StatementTrace, SelectShape], data: _Data
) -> bool:
    """Whether a query gave all rows of its table, or as many as the original's query of that table."""
    if statement.row_count is None or statement.count > 1:
        return False
    counts = {item.row_count for item, other in gone.items() if item.count == 1 and other.main == shape.main}
    return statement.row_count in {*data.row_counts(shape.main), *counts}


def _has_lonely(kept: Sequence[Sequence[str | None]], joined: Sequence[Sequence[str | None]]) -> bool:
    """Whether a row is there that an inner join drops."""
    return any(
        value is None or value not in set(partners)
        for values, partners in zip(kept, joined, strict=False)
        for value in values
    )


def _has_twins(joined: Sequence[Sequence[str | None]]) -> bool:
    """Whether two rows have the same partner."""
    return any(count > 1 for values in joined for value, count in Counter(values).items() if value is not None)


def _is_reference(join: Join, foreign_keys: Mapping[str, str]) -> bool:
    targets = {column.lower(): target.lower() for column, target in foreign_keys.items()}
    return targets.get(join.kept.name) == str(join.joined)


def _lower(names: Iterable[str] | None) -> set[str]:
    return {name.lower() for name in names or ()}


def _told(join: Join) -> str:
    return f"{join.kept} = {join.joined}"
