"""Connections whose methods are called, not awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ennead.agent.unit_of_work import CURRENT
from ennead.sources.dbapi.cursor import wrap_cursor
from ennead.sources.dbapi.proxy import Proxy
from ennead.sources.dbapi.session import ABSENT, Batch, bound

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ennead.sources.dbapi.session import Session


class ConnectionProxy(Proxy):
    """Stands in for a connection; see :func:`ennead.sources.dbapi.wrap_connection`."""

    __slots__ = ("_ennead_session",)

    _ennead_session: Session

    def __init__(self, raw: Any, session: Session) -> None:
        super().__init__(raw)
        object.__setattr__(self, "_ennead_session", session)

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        """Part of the DB-API."""
        return wrap_cursor(self._ennead_raw.cursor(*args, **kwargs), self, self._ennead_session)

    def execute(self, query: Any, parameters: Any = ABSENT, *more: Any, **kwargs: Any) -> Any:
        """Execute on a new cursor: sqlite3, psycopg. Outside of units of work it is the driver's own."""
        unit = CURRENT.get()
        if unit is None and not more and not kwargs:
            raw = self._ennead_raw
            return raw.execute(query) if parameters is ABSENT else raw.execute(query, parameters)
        args = more if parameters is ABSENT else (parameters, *more)
        if unit is None:
            return self._ennead_raw.execute(query, *args, **kwargs)
        session = self._ennead_session
        started = session.begin()
        try:
            cursor = self._ennead_raw.execute(query, *args, **kwargs)
        except BaseException as error:
            session.end(unit, query, bound(args, kwargs), started, 1, error)
            raise
        return wrap_cursor(cursor, self, session, session.end(unit, query, bound(args, kwargs), started))

    def executemany(self, query: Any, rows: Iterable[Any], *args: Any, **kwargs: Any) -> Any:
        """Execute on a new cursor: sqlite3."""
        unit = CURRENT.get()
        if unit is None:
            return self._ennead_raw.executemany(query, rows, *args, **kwargs)
        session = self._ennead_session
        batch = Batch(rows)
        started = session.begin()
        try:
            cursor = self._ennead_raw.executemany(query, batch.rows, *args, **kwargs)
        except BaseException as error:
            session.end(unit, query, None, started, batch.size, error)
            raise
        return wrap_cursor(cursor, self, session, session.end(unit, query, None, started, batch.size))

    def executescript(self, script: Any) -> Any:
        """Execute on a new cursor: sqlite3."""
        unit = CURRENT.get()
        if unit is None:
            return self._ennead_raw.executescript(script)
        session = self._ennead_session
        started = session.begin()
        try:
            cursor = self._ennead_raw.executescript(script)
        except BaseException as error:
            session.end(unit, script, None, started, 1, error)
            raise
        return wrap_cursor(cursor, self, session, session.end(unit, script, None, started))

    def commit(self) -> Any:
        """Part of the DB-API."""
        self._ennead_session.forget_transaction()
        return self._ennead_raw.commit()

    def rollback(self, *args: Any, **kwargs: Any) -> Any:
        """Part of the DB-API."""
        self._ennead_session.forget_transaction()
        return self._ennead_raw.rollback(*args, **kwargs)

    def transaction(self, *args: Any, **kwargs: Any) -> Any:
        """Part of psycopg's connection."""
        self._ennead_session.forget_ended_transaction()
        return self._ennead_raw.transaction(*args, **kwargs)

    def __enter__(self) -> Any:
        result = self._ennead_raw.__enter__()
        if result is self._ennead_raw:
            return self
        return wrap_cursor(result, self, self._ennead_session) if hasattr(result, "fetchone") else result

    def __exit__(self, *exc_info: object) -> Any:
        self._ennead_session.forget_transaction()
        return self._ennead_raw.__exit__(*exc_info)
