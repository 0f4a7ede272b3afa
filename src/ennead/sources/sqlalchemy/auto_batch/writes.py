"""Whether anything may have been written since rows were loaded.

Each thread counts what it sends that is no plain SELECT, on whatever connection, and what is expired in its sessions.
"""

from __future__ import annotations

from threading import get_ident, local
from typing import Any, Protocol
from weakref import WeakSet

Mark = tuple[int, int]


class Clearable(Protocol):
    """Something that holds what was loaded."""

    def clear(self) -> None:
        """Let go of it."""


class _Thread(local):
    def __init__(self) -> None:
        self.write_count = 0
        self.holders: WeakSet[Clearable] = WeakSet()


_THREAD = _Thread()


def mark() -> Mark:
    """Equal to an earlier one: the same thread, and it has written and expired nothing in between."""
    return get_ident(), _THREAD.write_count


def clear_on_write(holder: Clearable) -> None:
    """Have something cleared by this thread's next write: the session must not find the old objects any more."""
    _THREAD.holders.add(holder)


def note_write(*_details: object) -> None:
    """What was loaded before may no longer be what the database holds, or is not to be trusted any more."""
    _THREAD.write_count += 1
    while _THREAD.holders:
        _THREAD.holders.pop().clear()


def note_statement(_connection: Any, _cursor: Any, statement: str, *_details: object) -> None:
    """Listener of ``before_cursor_execute``."""
    if not only_reads(statement):
        note_write()


def only_reads(statement: str) -> bool:
    """Whether a statement is a SELECT from tables. One without tables may be the call of a procedure.

    Examples
    --------
    >>> only_reads("SELECT a.id FROM a"), only_reads("SELECT move_all()"), only_reads("WITH d AS (DELETE ...")
    (True, False, False)
    """
    if not statement.startswith("SELECT"):
        return False
    return "FROM " in statement and " INTO " not in statement
