"""Connections and cursors whose methods are awaited: psycopg's AsyncConnection, aiosqlite."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from ennead.agent.unit_of_work import CURRENT
from ennead.sources.dbapi.proxy import Proxy, adapted
from ennead.sources.dbapi.session import Batch, bound, seen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable

    from ennead.agent.unit_of_work import Hit
    from ennead.sources.dbapi.session import Session


class Awaited(Coroutine[Any, Any, Any]):
    """What an asynchronous driver's method returns: a coroutine that may also be entered, as aiosqlite allows.

    Parameters
    ----------
    outcome
        The coroutine that runs the method and wraps its result.
    """

    __slots__ = ("_outcome", "_result")

    def __init__(self, outcome: Coroutine[Any, Any, Any]) -> None:
        self._outcome = outcome

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._outcome.__await__()

    def send(self, value: Any) -> Any:
        """Part of the coroutine protocol."""
        return self._outcome.send(value)

    def throw(self, *error: Any) -> Any:
        """Part of the coroutine protocol."""
        return self._outcome.throw(*error)

    def close(self) -> None:
        """Part of the coroutine protocol."""
        self._outcome.close()

    async def __aenter__(self) -> Any:
        self._result = await self._outcome
        return self._result

    async def __aexit__(self, *exc_info: object) -> None:
        if issubclass(type(self._result), Proxy):
            await self._result.close()


class _Executing(Proxy):
    """What connections and cursors have in common."""

    __slots__ = ("_ennead_session",)

    _ennead_session: Session

    def _ennead_wrapped(self, result: Any, hit: Hit | None) -> Any:
        raise NotImplementedError

    async def _ennead_observed(
        self,
        method: Callable[..., Awaitable[Any]],
        query: Any,
        parameters: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        batch: Batch | None = None,
    ) -> Any:
        unit = CURRENT.get()
        if unit is None:
            return self._ennead_wrapped(await method(query, *args, **kwargs), None)
        session = self._ennead_session
        started = session.begin()
        try:
            result = await method(query, *args, **kwargs)
        except BaseException as error:
            session.end(unit, query, parameters, started, batch.size if batch else 1, error)
            raise
        hit = session.end(unit, query, parameters, started, batch.size if batch else 1)
        return self._ennead_wrapped(result, hit)

    def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        """Part of the DB-API, awaited."""
        method = self._ennead_raw.execute
        return Awaited(self._ennead_observed(method, query, bound(args, kwargs), args, kwargs))

    def executemany(self, query: Any, rows: Iterable[Any], *args: Any, **kwargs: Any) -> Any:
        """Part of the DB-API, awaited."""
        batch = Batch(rows)
        method = self._ennead_raw.executemany
        return Awaited(self._ennead_observed(method, query, None, (batch.rows, *args), kwargs, batch))

    def executescript(self, script: Any) -> Any:
        """Part of aiosqlite."""
        return Awaited(self._ennead_observed(self._ennead_raw.executescript, script, None, (), {}))


class AsyncConnectionProxy(_Executing):
    """Stands in for an asynchronous connection; see :func:`ennead.sources.dbapi.wrap_connection`."""

    __slots__ = ()

    def __init__(self, raw: Any, session: Session) -> None:
        super().__init__(raw)
        object.__setattr__(self, "_ennead_session", session)

    def _ennead_wrapped(self, result: Any, hit: Hit | None) -> Any:
        if hasattr(result, "fetchone"):
            return adapted(AsyncCursorProxy, type(result))(result, self, self._ennead_session, hit)
        if hit is not None and isinstance(result, list):  # of execute_fetchall
            seen(hit, result)
        return result

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        """Part of the DB-API: a cursor, or in aiosqlite something to be awaited for one."""
        cursor = self._ennead_raw.cursor(*args, **kwargs)
        if hasattr(cursor, "__await__"):
            return Awaited(self._ennead_made(cursor))
        return self._ennead_wrapped(cursor, None)

    def execute_fetchall(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        """Part of aiosqlite."""
        method = self._ennead_raw.execute_fetchall
        return Awaited(self._ennead_observed(method, query, bound(args, kwargs), args, kwargs))

    def execute_insert(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        """Part of aiosqlite."""
        method = self._ennead_raw.execute_insert
        return Awaited(self._ennead_observed(method, query, bound(args, kwargs), args, kwargs))

    def transaction(self, *args: Any, **kwargs: Any) -> Any:
        """Part of psycopg's connection."""
        self._ennead_session.forget_ended_transaction()
        return self._ennead_raw.transaction(*args, **kwargs)

    async def commit(self) -> Any:
        """Part of the DB-API, awaited."""
        self._ennead_session.forget_transaction()
        return await self._ennead_raw.commit()

    async def rollback(self) -> Any:
        """Part of the DB-API, awaited."""
        self._ennead_session.forget_transaction()
        return await self._ennead_raw.rollback()

    def __await__(self) -> Generator[Any, Any, Any]:
        yield from self._ennead_raw.__await__()
        return self

    async def __aenter__(self) -> Any:
        await self._ennead_raw.__aenter__()
        return self

    async def __aexit__(self, *exc_info: object) -> Any:
        self._ennead_session.forget_transaction()
        return await self._ennead_raw.__aexit__(*exc_info)

    async def _ennead_made(self, cursor: Awaitable[Any]) -> Any:
        return self._ennead_wrapped(await cursor, None)


class AsyncCursorProxy(_Executing):
    """Stands in for an asynchronous cursor."""

    __slots__ = ("_ennead_hit", "_ennead_owner")

    _ennead_hit: Hit | None
    _ennead_owner: Any

    def __init__(self, raw: Any, owner: Any, session: Session, hit: Hit | None = None) -> None:
        super().__init__(raw)
        object.__setattr__(self, "_ennead_session", session)
        object.__setattr__(self, "_ennead_owner", owner)
        _set_hit(self, hit)

    def _ennead_wrapped(self, result: Any, hit: Hit | None) -> Any:
        _set_hit(self, hit)
        return self if result is self._ennead_raw else result

    @property
    def connection(self) -> Any:
        """The wrapped connection where the driver's cursor names its connection."""
        self._ennead_raw.connection  # noqa: B018 -- an AttributeError is the driver's own
        return self._ennead_owner

    async def fetchone(self) -> Any:
        """Part of the DB-API, awaited."""
        row = await self._ennead_raw.fetchone()
        if row is not None and self._ennead_hit is not None:
            seen(self._ennead_hit, (row,))
        return row

    async def fetchmany(self, *args: Any, **kwargs: Any) -> Any:
        """Part of the DB-API, awaited."""
        rows = await self._ennead_raw.fetchmany(*args, **kwargs)
        if self._ennead_hit is not None:
            seen(self._ennead_hit, rows)
        return rows

    async def fetchall(self) -> Any:
        """Part of the DB-API, awaited."""
        rows = await self._ennead_raw.fetchall()
        if self._ennead_hit is not None:
            seen(self._ennead_hit, rows)
        return rows

    async def stream(self, query: Any, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        """Part of psycopg's cursor."""
        unit = CURRENT.get()
        session = self._ennead_session
        started = session.begin()
        hit: Hit | None = None
        async for row in self._ennead_raw.stream(query, *args, **kwargs):
            if unit is not None:
                hit = session.end(unit, query, bound(args, kwargs), started)
                unit = None
            if hit is not None:
                seen(hit, (row,))
            yield row

    async def __aiter__(self) -> AsyncIterator[Any]:
        async for row in self._ennead_raw:
            if self._ennead_hit is not None:
                seen(self._ennead_hit, (row,))
            yield row

    async def __aenter__(self) -> Any:
        await self._ennead_raw.__aenter__()
        return self

    async def __aexit__(self, *exc_info: object) -> Any:
        return await self._ennead_raw.__aexit__(*exc_info)


_set_hit = AsyncCursorProxy.__dict__["_ennead_hit"].__set__
