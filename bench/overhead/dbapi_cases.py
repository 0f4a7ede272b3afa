"""A connection of the standard library's sqlite3: plain, in a wrapper that does nothing, and in ours."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from bench.overhead.case import SELECTS, Case

_wrap: list[Callable[[Any], Any]] = []


def case() -> Case:
    """Its connection goes through whatever `wrapping` says when it is prepared."""
    return Case("sqlite3, SELECT 1", SELECTS, _cursor, _select_one)


@contextmanager
def wrapping(
    wrap: Callable[[Any], Any], active: Callable[[], AbstractContextManager[object]] = nullcontext
) -> Iterator[None]:
    """Wrap connections made inside."""
    _wrap.append(wrap)
    try:
        with active():
            yield
    finally:
        _wrap.pop()


def unwrapped(connection: Any) -> Any:
    return connection


def _cursor() -> Any:
    return _wrap[-1](sqlite3.connect(":memory:")).cursor()


def _select_one(cursor: Any) -> None:
    for _ in range(SELECTS):
        cursor.execute("SELECT 1")
        cursor.fetchone()


class EmptyConnection:
    """What any wrapper has to be: Python methods between the caller and the driver."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self.raw, name)

    def cursor(self) -> "EmptyCursor":
        return EmptyCursor(self.raw.cursor())


class EmptyCursor:
    """Passes everything on and does nothing else. Drivers' cursors have more methods than the standard names."""

    __slots__ = ("raw",)

    def __init__(self, raw: Any) -> None:
        self.raw = raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self.raw, name)

    def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        self.raw.execute(query, *args, **kwargs)
        return self

    def fetchone(self) -> Any:
        return self.raw.fetchone()
