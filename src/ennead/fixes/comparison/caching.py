"""Whether each unit of work still asks the database for what it shows, and not a cache that an earlier one filled."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from ennead.fixes.comparison.select_shape import select_shape
from ennead.fixes.comparison.units import numbered, size_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ennead.fixes.comparison.edit import Edit
    from ennead.fixes.comparison.notes import Notes
    from ennead.fixes.trace import ReplayTrace, StatementTrace, UnitTrace

_WORD = re.compile(r"\w+")
_KEY = re.compile(r"\b\w+_(?:id|pk)\b")
"""What a key of another row is called, whatever the schema says."""


def compare_sources_of_data(original: ReplayTrace, patched: ReplayTrace, edit: Edit, notes: Notes) -> None:
    """Compare which tables each unit of work reads and writes.

    A unit that asks for nothing at all any more answers from what was kept: right in this replay, stale when the rows
    change. So does one that no longer reads a table which an earlier unit still reads for the same purpose: for the
    same route, or with a statement that both used to share. A table that no unit reads any more may really be needless,
    unless the line that asked for it is gone, too, or says something else in which there is no key of its rows: then
    nobody can tell whether its work was done. Nor may an earlier unit load a whole table that a later one does not read
    any more.
    """
    before, after = numbered(original.units), numbered(patched.units)
    at = size_words(patched)
    keys = _key_names(original)
    earlier: list[UnitTrace] = []
    filled: set[str] = set()
    for key, unit in after.items():
        if key in before:
            _compare_unit(f"{key}{at}", before[key], unit, earlier, edit, notes)
            for table in sorted(lost_tables(before[key], unit)):
                _compare_lost(f"{key}{at}", table, before[key], filled, keys.get(table, set()), edit, notes)
            filled |= _newly_loaded(unit, before[key])
        earlier.append(unit)
    notes.compare("tables that each unit of work reads and writes")


def _compare_unit(
    where: str, before: UnitTrace, after: UnitTrace, earlier: Iterable[UnitTrace], edit: Edit, notes: Notes
) -> None:
    if before.query_count and not after.query_count:
        notes.differ(f"{where} asks no database any more: what it shows comes from a cache or from elsewhere")
        return
    for table in sorted(lost_tables(before, after)):
        if any(_is_same_source(before, unit, table) for unit in earlier):
            notes.differ(f"{where} does not read {table} any more though an earlier one does: it answers from a cache")
        elif any(table in item.tables and _is_gone(item, edit) for item in before.statements):
            notes.differ(f"{where} does not read {table} any more, and the line that asked for it is gone")
    for table in sorted(_written(before) - _written(after)):
        notes.differ(f"{where} does not write to {table} any more")


def _compare_lost(
    where: str, table: str, before: UnitTrace, filled: set[str], keys: set[str], edit: Edit, notes: Notes
) -> None:
    """A table that is not read any more was loaded as a whole elsewhere, or its rows were looked up for their keys."""
    if table in filled:
        notes.differ(f"{where} does not read {table} any more, which an earlier one now loads: it answers from a cache")
        return
    lookups = [item for item in before.statements if table in item.tables and item.count > 1]
    lines = [line for item in lookups if (line := _rewritten_access(item, edit))]
    if any(not _KEY.search(line) and not keys & set(_WORD.findall(line)) for line in lines):
        notes.differ(
            f"{where} does not read {table} any more, and no key of its rows takes its place:"
            " nobody can tell what the new code works on"
        )


def _rewritten_access(statement: StatementTrace, edit: Edit) -> str:
    access = statement.access
    return edit.rewritten_text(access.file, access.line) if access is not None else ""


def _newly_loaded(unit: UnitTrace, before: UnitTrace) -> set[str]:
    """Tables that a new statement of the unit loads as a whole."""
    known = {statement.fingerprint for statement in before.statements}
    shapes = [select_shape(item.statement) for item in unit.statements if item.fingerprint not in known]
    return {shape.main for shape in shapes if shape is not None and not (shape.conditions or shape.joins)}


def _key_names(trace: ReplayTrace) -> dict[str, set[str]]:
    """Columns that refer to a table, by its name."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for content in trace.tables.values():
        for column, target in (content.foreign_keys or {}).items():
            found[target.partition(".")[0]].add(column)
    return found


def _is_same_source(before: UnitTrace, earlier: UnitTrace, table: str) -> bool:
    if table not in _read(earlier):
        return False
    if (earlier.kind, earlier.route or earlier.name) == (before.kind, before.route or before.name):
        return True
    shared = {item.fingerprint for item in before.statements if table in item.tables}
    return any(item.fingerprint in shared for item in earlier.statements)


def _is_gone(statement: StatementTrace, edit: Edit) -> bool:
    access = statement.access
    return access is not None and edit.line_after(access.file, access.line) is None


def lost_tables(before: UnitTrace, after: UnitTrace) -> set[str]:
    """Tables that a unit of work does not read any more, though it still asks the database."""
    return _read(before) - _read(after) if after.query_count else set()


def _read(unit: UnitTrace) -> set[str]:
    return {table for item in unit.statements for table in item.tables}


def _written(unit: UnitTrace) -> set[str]:
    return {item.tables[0] for item in unit.statements if item.is_write and item.tables}
