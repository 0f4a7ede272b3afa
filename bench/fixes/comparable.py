"""Values as JSON, so that what two runs returned can be compared, and written rows beside them.

Nothing here is counted: the runs have ended when their values come here.
"""

import dataclasses
import json
import re
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

VOLATILE = re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]*')
PLAIN = (str, int, float, bool, type(None))
MAX_DEPTH = 12

Table = dict[str, list[Any]]
"""``columns`` and ``rows``."""


def comparable(value: Any, depth: int = 0) -> Any:
    """A value as JSON: rows by their table, key and columns, everything else by its content.

    >>> comparable({"b": (1, 2.5), "a": {3, 1}})
    {'dict': [['b', [1, 2.5]], ['a', {'set': [1, 3]}]]}
    """
    if isinstance(value, str):
        return VOLATILE.sub(r"\1", value)
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, bytes):
        return VOLATILE.sub(r"\1", value.decode("utf-8", "backslashreplace"))
    if depth > MAX_DEPTH:
        return f"<{type(value).__name__}>"
    return _structure(value, depth + 1)


def in_any_order(value: Any) -> Any:
    """A comparable value with its lists sorted, to tell another order from another content.

    >>> in_any_order([2, [3, 1]]) == in_any_order([[1, 3], 2])
    True
    """
    if isinstance(value, list):
        return sorted((in_any_order(each) for each in value), key=_as_text)
    if isinstance(value, dict):
        return {key: in_any_order(each) for key, each in value.items()}
    return value


def tables(directory: Path) -> dict[str, Table]:
    """All rows of all SQLite files of a directory, as ``file.table``, each table sorted."""
    found: dict[str, Table] = {}
    for file in sorted(directory.glob("*.sqlite3")):
        if file.stem in ("pristine", "template"):
            continue
        with closing(sqlite3.connect(file)) as database:
            names = [
                name
                for (name,) in database.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                )
            ]
            found |= {f"{file.stem}.{name}": _content(database, name) for name in names}
    return found


def without(columns: Mapping[str, Iterable[str]], content: Mapping[str, Table]) -> dict[str, list[str]]:
    """The rows of each table as sorted texts, with some columns of it left out."""
    left: dict[str, list[str]] = {}
    for name, table in content.items():
        hidden = {table["columns"].index(column) for column in columns.get(name, ()) if column in table["columns"]}
        rows = ([cell for i, cell in enumerate(row) if i not in hidden] for row in table["rows"])
        left[name] = sorted(map(_as_text, rows))
    return left


def differing_columns(one: Mapping[str, Table], other: Mapping[str, Table]) -> dict[str, list[str]]:
    """The columns whose values differ between two runs of the same code: clocks, session keys, random numbers."""
    found: dict[str, list[str]] = {}
    for name, table in one.items():
        twin = other.get(name)
        if twin is None or twin == table or twin["columns"] != table["columns"]:
            continue
        for position, column in enumerate(table["columns"]):
            mine, theirs = (sorted(_as_text(row[position]) for row in each["rows"]) for each in (table, twin))
            if mine != theirs:
                found.setdefault(name, []).append(column)
    return found


def _structure(value: Any, depth: int) -> Any:
    if isinstance(value, Mapping):
        return {"dict": [[comparable(key, depth), comparable(each, depth)] for key, each in value.items()]}
    if isinstance(value, (set, frozenset)):
        return {"set": sorted((comparable(each, depth) for each in value), key=_as_text)}
    if hasattr(value, "_meta") and hasattr(value, "pk"):
        return _django_row(value, depth)
    if hasattr(value, "_sa_instance_state"):
        return _sqlalchemy_row(value, depth)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return comparable(dataclasses.asdict(value), depth)
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"
    if isinstance(value, Iterable) and not isinstance(value, type):
        return [comparable(each, depth) for each in value]
    return _by_its_text(value)


def _django_row(row: Any, depth: int) -> Any:
    fields = {field.attname: comparable(getattr(row, field.attname), depth) for field in row._meta.concrete_fields}
    return {"row": row._meta.label, **fields}


def _sqlalchemy_row(row: Any, depth: int) -> Any:
    """What is loaded of a row, deferred columns aside: a closed session loads nothing any more."""
    from sqlalchemy import inspect

    state: Any = inspect(row)
    columns = [each.key for each in state.mapper.column_attrs if not each.deferred and each.key in state.dict]
    return {"row": state.mapper.class_.__name__, **{key: comparable(state.dict[key], depth) for key in columns}}


def _by_its_text(value: Any) -> str:
    text = str(value)
    return re.sub(r" at 0x[0-9a-f]+", "", text)


def _content(database: sqlite3.Connection, name: str) -> Table:
    cursor = database.execute(f'SELECT * FROM "{name}"')
    columns = [column[0] for column in cursor.description]
    rows = [[cell if isinstance(cell, PLAIN) else repr(cell) for cell in row] for row in cursor]
    return {"columns": columns, "rows": sorted(rows, key=_as_text)}


def _as_text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
