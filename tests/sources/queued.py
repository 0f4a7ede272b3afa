"""What the jobs of the queues' tests do: one query for each title."""

from __future__ import annotations

from typing import Any


class Books:
    """A table of titles behind a connection that is recorded."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        connection.execute("CREATE TABLE book (id INTEGER PRIMARY KEY, title TEXT)")
        connection.executemany("INSERT INTO book VALUES (?, ?)", [(key, f"title {key}") for key in range(20)])

    def titles(self, count: int) -> list[str]:
        """The first titles, one by one."""
        found = []
        for key in range(count):
            found += self._connection.execute("SELECT title FROM book WHERE id = ?", (key,)).fetchone()
        return found
