"""What is kept of the rows of a table."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from ennead.fixes.trace import TableContent
from ennead.replay.databases.contents import DIGEST_COLUMN, ContentLimits, Contents
from ennead.replay.databases.sqlite_contents import read_sqlite

SCRIPT = """
CREATE TABLE shelf (id INTEGER PRIMARY KEY, label TEXT NOT NULL UNIQUE);
CREATE TABLE book (title TEXT, shelf_id INTEGER REFERENCES shelf (id), weight REAL, cover BLOB);
INSERT INTO shelf VALUES (1, 'a');
INSERT INTO book VALUES ('Watt', 1, 1.5, x'00ff'), (NULL, NULL, NULL, NULL), ('Emma', 1, 2.0, NULL);
CREATE UNIQUE INDEX some ON book (title) WHERE weight > 1;
CREATE UNIQUE INDEX folded ON book (lower(title));
CREATE VIEW titles AS SELECT title FROM book;
"""


def read(tmp_path: Path, limits: ContentLimits) -> Contents:
    path = tmp_path / "books.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCRIPT)
    contents = Contents()
    read_sqlite(contents, str(path), "books", limits)
    path.unlink()
    return contents


def test_rows_are_texts_and_sorted(tmp_path: Path) -> None:
    contents = read(tmp_path, ContentLimits())
    assert contents.problems == []
    assert contents.tables == {
        "books.shelf": TableContent(
            columns=("id", "label"),
            rows=(("1", "a"),),
            not_null=("id", "label"),
            unique=("id", "label"),
            foreign_keys={},
        ),
        "books.book": TableContent(
            columns=("title", "shelf_id", "weight", "cover"),
            rows=((None, None, None, None), ("Emma", "1", "2.0", None), ("Watt", "1", "1.5", "x'00ff'")),
            not_null=(),
            unique=(),
            foreign_keys={"shelf_id": "shelf.id"},
        ),
    }


def test_large_tables_are_told_by_digests(tmp_path: Path) -> None:
    contents = read(tmp_path, ContentLimits(rows=2))
    found = contents.tables["books.book"]
    assert found.columns == (DIGEST_COLUMN,)
    assert len(set(found.rows)) == 3
    assert contents.tables == read(tmp_path, ContentLimits(rows=2)).tables
    assert contents.tables["books.shelf"].columns == ("id", "label")


def test_tables_that_are_too_large_are_told(tmp_path: Path) -> None:
    contents = read(tmp_path, ContentLimits(rows=1, digests=2))
    assert list(contents.tables) == ["books.shelf"]
    assert contents.problems == ["the rows of books.book are not compared: there are more than 2"]


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    contents = Contents()
    read_sqlite(contents, str(tmp_path / "absent.db"), "absent", ContentLimits())
    assert contents.problems == ["the rows of absent are not compared: unable to open database file"]
