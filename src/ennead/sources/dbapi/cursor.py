"""Cursors of wrapped connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ennead.agent.unit_of_work import CURRENT
from ennead.sources.dbapi.fetched import FetchedCursor, counted, set_hit
from ennead.sources.dbapi.proxy import Proxy, adapted
from ennead.sources.dbapi.session import ABSENT, Batch, bound, seen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ennead.agent.unit_of_work import Hit, UnitOfWork
    from ennead.sources.dbapi.session import Session


class CursorProxy(FetchedCursor):
    """Stands in for a cursor.

    Parameters
    ----------
    raw
        The driver's cursor.
    owner
        The wrapped connection it belongs to.
    session
        Of that connection.
    hit
        What it has executed already.
    """

    __slots__ = ("_ennead_owner", "_ennead_session")

    _ennead_owner: Any
    _ennead_session: Session

    def __init__(self, raw: Any, owner: Any, session: Session, hit: Hit | None = None) -> None:
        _set_raw(self, raw)
        _set_owner(self, owner)
        _set_session(self, session)
        set_hit(self, hit)

    @property
    def connection(self) -> Any:
        """The wrapped connection where the driver's cursor names its connection."""
        self._ennead_raw.connection  # noqa: B018 -- an AttributeError is the driver's own
        return self._ennead_owner

    def execute(self, query: Any, parameters: Any = ABSENT, *more: Any, **kwargs: Any) -> Any:
        """Part of the DB-API."""
        unit = CURRENT.get()
        raw = self._ennead_raw
        if not more and not kwargs:  # what most programs do most of the time, without a detour
            if self._ennead_hit is not None:
                set_hit(self, None)
            if unit is not None:
                return self._ennead_execute(unit, query, parameters)
            result = raw.execute(query) if parameters is ABSENT else raw.execute(query, parameters)
            return self if result is raw else result
        args = more if parameters is ABSENT else (parameters, *more)
        if unit is None:
            result = raw.execute(query, *args, **kwargs)
        else:
            result = self._ennead_observe(unit, raw.execute, query, bound(args, kwargs), args, kwargs)
        return self if result is raw else result

    def executemany(self, query: Any, rows: Iterable[Any], *args: Any, **kwargs: Any) -> Any:
        """Part of the DB-API."""
        unit = CURRENT.get()
        raw = self._ennead_raw
        if unit is None:
            result = raw.executemany(query, rows, *args, **kwargs)
        else:
            batch = Batch(rows)
            result = self._ennead_observe(unit, raw.executemany, query, None, (batch.rows, *args), kwargs, batch)
        return self if result is raw else result

    def executescript(self, script: Any) -> Any:
        """Part of sqlite3's cursor."""
        unit = CURRENT.get()
        raw = self._ennead_raw
        if unit is None:
            result = raw.executescript(script)
        else:
            result = self._ennead_observe(unit, raw.executescript, script, None, (), {})
        return self if result is raw else result

    def callproc(self, name: Any, *args: Any, **kwargs: Any) -> Any:
        """Part of the DB-API."""
        unit = CURRENT.get()
        if unit is None:
            return self._ennead_raw.callproc(name, *args, **kwargs)
        session = self._ennead_session
        started = session.begin()
        try:
            result = self._ennead_raw.callproc(name, *args, **kwargs)
        except BaseException as error:
            session.end(unit, f"CALL {name}", bound(args, kwargs), started, 1, error)
            raise
        set_hit(self, session.end(unit, f"CALL {name}", bound(args, kwargs), started))
        return result

    def stream(self, query: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """Part of psycopg's cursor."""
        unit = CURRENT.get()
        rows = self._ennead_raw.stream(query, *args, **kwargs)
        return rows if unit is None else self._ennead_streamed(unit, rows, query, bound(args, kwargs))

    def _ennead_execute(self, unit: UnitOfWork, query: Any, parameters: Any) -> Any:
        raw, session = self._ennead_raw, self._ennead_session
        known = None if parameters is ABSENT else parameters
        started = session.begin()
        try:
            result = raw.execute(query) if parameters is ABSENT else raw.execute(query, parameters)
        except BaseException as error:
            session.end(unit, query, known, started, 1, error)
            raise
        set_hit(self, session.end(unit, query, known, started))
        return self if result is raw else result

    def _ennead_observe(
        self,
        unit: UnitOfWork,
        function: Any,
        query: Any,
        parameters: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        batch: Batch | None = None,
    ) -> Any:
        session = self._ennead_session
        set_hit(self, None)
        started = session.begin()
        try:
            result = function(query, *args, **kwargs)
        except BaseException as error:
            session.end(unit, query, parameters, started, batch.size if batch else 1, error)
            raise
        set_hit(self, session.end(unit, query, parameters, started, batch.size if batch else 1))
        return result

    def _ennead_streamed(self, unit: UnitOfWork, rows: Iterator[Any], query: Any, parameters: Any) -> Iterator[Any]:
        session = self._ennead_session
        started = session.begin()
        try:
            first = next(rows, _NOTHING)
        except BaseException as error:
            session.end(unit, query, parameters, started, 1, error)
            raise
        hit = session.end(unit, query, parameters, started)
        if first is _NOTHING:
            return
        if hit is not None:
            seen(hit, (first,))
        yield first
        yield from rows if hit is None else counted(rows, hit)


_NOTHING = object()
_set_raw = Proxy.__dict__["_ennead_raw"].__set__
_set_owner = CursorProxy.__dict__["_ennead_owner"].__set__
_set_session = CursorProxy.__dict__["_ennead_session"].__set__


def wrap_cursor(cursor: Any, owner: Any, session: Session, hit: Hit | None = None) -> CursorProxy:
    """Let a cursor of a wrapped connection be recorded, too."""
    return adapted(CursorProxy, type(cursor))(cursor, owner, session, hit)  # type: ignore[no-any-return,unused-ignore]
