"""All rows of a SQLite file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from ennead.replay.databases.contents import ContentLimits, Contents, text_of
from ennead.replay.databases.growing.sqlite import SQLite
from ennead.replay.databases.sqlite_files import open_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.replay.databases.contents import Row


def read_sqlite(contents: Contents, path: str, name: str, limits: ContentLimits) -> None:
    """Add the tables of a file, each as ``name.table``."""
    try:
        with closing(open_database(path)) as connection:
            connection.text_factory = lambda value: value.decode("utf-8", "backslashreplace")
            for label, table in SQLite(connection).schema().tables.items():
                columns = [column.name for column in table.columns]
                contents.add(f"{name}.{label}", columns, _rows(connection, label), limits, table)
    except sqlite3.Error as error:
        contents.problems.append(f"the rows of {name} are not compared: {error}")


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[Row]:
    for row in connection.execute(f"SELECT * FROM {_quoted(table)}"):  # noqa: S608 -- a name of the schema, quoted
        yield tuple(text_of(value) for value in row)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
