"""Counting the rows that the host fetches, and keeping their values where provenance is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from ennead.sources.sqlalchemy.connections import count_internal_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.engine.interfaces import DBAPICursor, ExecutionContext

    from ennead.agent.unit_of_work import Hit

_MOST_ROWS = 2**31
"""Drivers that do not know the row count say -1, 0 or, for unbuffered cursors of MySQL, 2**64 - 1."""


def watch_rows(context: ExecutionContext, cursor: DBAPICursor, hit: Hit, provenance: bool) -> None:  # noqa: FBT001
    """Find out how many rows an execution returns, from the driver where it knows, else as they are fetched.

    Fetched through a stand-in that takes the place of the execution context's cursor, which SQLAlchemy's result then
    reads from.

    Parameters
    ----------
    context
        Of an execution that has just ended.
    cursor
        The one it ran on.
    hit
        Gets the row count.
    provenance
        Also keep the rows' values.
    """
    if context.cursor is not cursor or not _returns_rows(context, cursor):
        return
    if provenance:
        context.cursor = _stand_in(CapturingCursor, cursor, hit)
        return
    orm = hit.orm
    if orm is not None and orm.lazy_load and orm.cardinality == "one":  # one row at most: not worth a stand-in
        return
    count = cursor.rowcount
    if 0 < count < _MOST_ROWS:
        hit.row_count = count
    else:
        context.cursor = _stand_in(CountingCursor, cursor, hit)


def _returns_rows(context: ExecutionContext, cursor: DBAPICursor) -> bool:
    """Whether there are rows to fetch. The driver is asked only where the statement does not tell: it may be slow."""
    statement = context.invoked_statement
    return (statement is not None and statement.is_select) or cursor.description is not None


class CountingCursor:
    """Stands in for a DB-API cursor while its rows are fetched; everything else is passed through.

    Parameters
    ----------
    cursor
        The driver's cursor, or SQLAlchemy's adapter of an asynchronous one.
    hit
        The execution whose rows are fetched.
    """

    # Names that no driver uses: any other one is the cursor's.
    __slots__ = ("_ennead_cursor", "_ennead_hit")

    _ennead_cursor: Any
    _ennead_hit: Hit

    def _ennead_see(self, rows: Sequence[Any]) -> None:
        try:
            hit = self._ennead_hit
            hit.row_count = len(rows) + (hit.row_count or 0)
        except Exception:
            count_internal_error()

    def fetchone(self) -> Any:
        """Part of the DB-API."""
        row = self._ennead_cursor.fetchone()
        self._ennead_see(() if row is None else (row,))
        return row

    def fetchmany(self, *args: Any, **kwargs: Any) -> Any:
        """Part of the DB-API."""
        rows = self._ennead_cursor.fetchmany(*args, **kwargs)
        self._ennead_see(rows)
        return rows

    def fetchall(self) -> Any:
        """Part of the DB-API."""
        rows = self._ennead_cursor.fetchall()
        self._ennead_see(rows)
        return rows

    def __iter__(self) -> Iterator[Any]:
        for row in self._ennead_cursor:
            self._ennead_see((row,))
            yield row

    def __next__(self) -> Any:
        row = next(self._ennead_cursor)
        self._ennead_see((row,))
        return row

    def __enter__(self) -> Self:
        self._ennead_cursor.__enter__()
        return self

    def __exit__(self, *exc_info: object) -> Any:
        return self._ennead_cursor.__exit__(*exc_info)

    # These two would be answered by __getattr__, too, but it takes longer and they are asked for each time.
    @property
    def description(self) -> Any:
        """Part of the DB-API."""
        return self._ennead_cursor.description

    def close(self) -> None:
        """Part of the DB-API."""
        self._ennead_cursor.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ennead_cursor, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._ennead_cursor, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._ennead_cursor, name)

    def __repr__(self) -> str:
        return repr(self._ennead_cursor)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """The cursor's own class: code that asks ``isinstance`` sees what it would see without us."""
        return type(self._ennead_cursor)


class CapturingCursor(CountingCursor):
    """Keeps the values of the fetched rows, too."""

    __slots__ = ()

    def _ennead_see(self, rows: Sequence[Any]) -> None:
        try:
            self._ennead_hit.capture_rows(rows if type(rows) is list or type(rows) is tuple else list(rows))
        except Exception:
            count_internal_error()


_unset = object.__new__
_set_cursor = CountingCursor.__dict__["_ennead_cursor"].__set__
_set_hit = CountingCursor.__dict__["_ennead_hit"].__set__


def _stand_in(kind: type[CountingCursor], cursor: Any, hit: Hit) -> Any:
    """Make a stand-in. A constructor that is not called through the class takes half the time."""
    stand_in = _unset(kind)
    _set_cursor(stand_in, cursor)
    _set_hit(stand_in, hit)
    return stand_in
