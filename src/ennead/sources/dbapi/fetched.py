"""Cursors whose fetched rows are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ennead.sources.dbapi.proxy import Proxy, adapted
from ennead.sources.dbapi.session import seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.agent.unit_of_work import Hit


class FetchedCursor(Proxy):
    """Stands in for a cursor while its rows are fetched.

    Parameters
    ----------
    raw
        The driver's cursor.
    hit
        What it has executed already.
    """

    __slots__ = ("_ennead_hit",)

    _ennead_hit: Hit | None

    def __init__(self, raw: Any, hit: Hit | None = None) -> None:
        super().__init__(raw)
        set_hit(self, hit)

    def fetchone(self) -> Any:
        """Part of the DB-API."""
        row = self._ennead_raw.fetchone()
        if row is not None and self._ennead_hit is not None:
            seen(self._ennead_hit, (row,))
        return row

    def fetchmany(self, *args: Any, **kwargs: Any) -> Any:
        """Part of the DB-API."""
        rows = self._ennead_raw.fetchmany(*args, **kwargs)
        if self._ennead_hit is not None:
            seen(self._ennead_hit, rows)
        return rows

    def fetchall(self) -> Any:
        """Part of the DB-API."""
        rows = self._ennead_raw.fetchall()
        if self._ennead_hit is not None:
            seen(self._ennead_hit, rows)
        return rows

    def __iter__(self) -> Iterator[Any]:
        rows = iter(self._ennead_raw)
        return rows if self._ennead_hit is None else counted(rows, self._ennead_hit)

    def __next__(self) -> Any:
        row = next(self._ennead_raw)
        if self._ennead_hit is not None:
            seen(self._ennead_hit, (row,))
        return row

    def __enter__(self) -> Any:
        result = self._ennead_raw.__enter__()
        return self if result is self._ennead_raw else result

    def __exit__(self, *exc_info: object) -> Any:
        return self._ennead_raw.__exit__(*exc_info)


set_hit = FetchedCursor.__dict__["_ennead_hit"].__set__


def counted(rows: Iterator[Any], hit: Hit) -> Iterator[Any]:
    """The rows, each noted as it is fetched."""
    for row in rows:
        seen(hit, (row,))
        yield row


def count_fetched(cursor: Any, hit: Hit) -> FetchedCursor:
    """Let the rows of a cursor be counted that has just executed something."""
    return adapted(FetchedCursor, type(cursor))(cursor, hit)
