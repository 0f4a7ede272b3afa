"""psycopg 3: queries of every cursor, on the client and on the server, called or awaited."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import psycopg

from ennead.agent.patching import PatchSet
from ennead.agent.unit_of_work import CURRENT
from ennead.sources.dbapi.session import Batch, bound, seen
from ennead.sources.drivers.callers import is_recorded_elsewhere
from ennead.sources.drivers.sessions import FETCHING, session_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from ennead.agent.patching import Patch
    from ennead.agent.unit_of_work import Hit

_FETCHING = ("fetchone", "fetchmany", "fetchall")
_ON_SERVER = (psycopg.ServerCursor, psycopg.AsyncServerCursor)
_patches = PatchSet()


def install() -> str:
    """Hook cursors; see :class:`ennead.sources.registry.SourceModule`."""
    if not _patches:
        _hook(psycopg.Cursor, _CALLED)
        _hook(psycopg.ServerCursor, _CALLED)
        _hook(psycopg.AsyncCursor, _AWAITED)
        _hook(psycopg.AsyncServerCursor, _AWAITED)
    return psycopg.__version__


def uninstall() -> None:
    """Undo :func:`install`."""
    _patches.undo()
    FETCHING.clear()


def _hook(owner: Any, hooks: dict[str, Callable[..., Any]]) -> None:
    for name, make in hooks.items():
        if name in vars(owner):
            _patches.add(owner, name, make)


class _Execution:
    """One call of a cursor's method that executes something.

    Parameters
    ----------
    cursor
        Of psycopg.
    query, args, kwargs
        What the method was called with.
    is_batch
        It is ``executemany()``.
    """

    def __init__(
        self, cursor: Any, query: Any, args: tuple[Any, ...], kwargs: dict[str, Any], *, is_batch: bool
    ) -> None:
        self._cursor = cursor
        self._query = query
        self._batch = None
        if is_batch:
            self._batch = Batch(args[0] if args else kwargs.pop("params_seq"))
            args = (self._batch.rows, *args[1:])
        self.args = args
        self.kwargs = kwargs
        self._parameters = None if is_batch else bound(args, kwargs)
        self._session = session_of(cursor.connection)
        self._started = self._session.begin()

    def failed(self, error: BaseException) -> None:
        """Record that it raised."""
        unit = CURRENT.get()
        if unit is not None:
            self._session.end(unit, self._query, self._parameters, self._started, self._size, error)

    def ended(self, *, is_stream: bool = False) -> Hit | None:
        """Record that it has returned; a stream counts its rows itself."""
        unit = CURRENT.get()
        if unit is None:
            return None
        hit = self._session.end(unit, self._query, self._parameters, self._started, self._size)
        if hit is not None and not is_stream:
            _follow(self._cursor, hit)
        return hit

    @property
    def _size(self) -> int:
        return self._batch.size if self._batch else 1


def _follow(cursor: Any, hit: Hit) -> None:
    """Count the rows of a result that is here already; those of a server's cursor, and values, as they are fetched."""
    result = cursor.pgresult
    if result is None or not result.nfields:
        return
    if hit.budget is None and not isinstance(cursor, _ON_SERVER):
        hit.row_count = result.ntuples
    else:
        FETCHING.set(cursor, hit)


def _is_ours(cursor: Any, patch: Patch) -> bool:
    if CURRENT.get() is None or not patch.active:
        return False
    if len(FETCHING):
        FETCHING.forget(cursor)
    return True


def _executing(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    is_batch = original.__name__ == "executemany"

    @wraps(original)
    def execute(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        if not _is_ours(self, patch) or is_recorded_elsewhere():
            return original(self, query, *args, **kwargs)
        execution = _Execution(self, query, args, kwargs, is_batch=is_batch)
        try:
            result = original(self, query, *execution.args, **execution.kwargs)
        except BaseException as error:
            execution.failed(error)
            raise
        execution.ended()
        return result

    return execute


def _awaited_executing(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    is_batch = original.__name__ == "executemany"

    @wraps(original)
    async def execute(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        if not _is_ours(self, patch) or is_recorded_elsewhere():
            return await original(self, query, *args, **kwargs)
        execution = _Execution(self, query, args, kwargs, is_batch=is_batch)
        try:
            result = await original(self, query, *execution.args, **execution.kwargs)
        except BaseException as error:
            execution.failed(error)
            raise
        execution.ended()
        return result

    return execute


def _streaming(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def stream(self: Any, query: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
        rows = original(self, query, *args, **kwargs)
        if not _is_ours(self, patch) or is_recorded_elsewhere():
            yield from rows
            return
        execution: _Execution | None = _Execution(self, query, args, kwargs, is_batch=False)
        hit: Hit | None = None
        for row in rows:
            if execution is not None:
                hit, execution = execution.ended(is_stream=True), None
            if hit is not None:
                seen(hit, (row,))
            yield row
        if execution is not None:
            execution.ended(is_stream=True)

    return stream


def _awaited_streaming(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    async def stream(self: Any, query: Any, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        is_ours = _is_ours(self, patch) and not is_recorded_elsewhere()
        execution = _Execution(self, query, args, kwargs, is_batch=False) if is_ours else None
        hit: Hit | None = None
        async for row in original(self, query, *args, **kwargs):
            if execution is not None:
                hit, execution = execution.ended(is_stream=True), None
            if hit is not None:
                seen(hit, (row,))
            yield row
        if execution is not None:
            execution.ended(is_stream=True)

    return stream


def _fetching(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    is_one = original.__name__ == "fetchone"

    @wraps(original)
    def fetch(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        hit = FETCHING.get(self)
        if hit is not None:
            seen(hit, _rows(result) if is_one else result)
        return result

    return fetch


def _awaited_fetching(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    is_one = original.__name__ == "fetchone"

    @wraps(original)
    async def fetch(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = await original(self, *args, **kwargs)
        hit = FETCHING.get(self)
        if hit is not None:
            seen(hit, _rows(result) if is_one else result)
        return result

    return fetch


def _rows(row: Any) -> tuple[Any, ...]:
    return () if row is None else (row,)


def _iterating(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def __iter__(self: Any) -> Iterator[Any]:  # noqa: N807 -- it replaces the method of that name
        rows = original(self)
        hit = FETCHING.get(self)
        return rows if hit is None else _counted(rows, hit)

    return __iter__


def _awaited_iterating(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def __aiter__(self: Any) -> AsyncIterator[Any]:  # noqa: N807 -- it replaces the method of that name
        rows = original(self)
        hit = FETCHING.get(self)
        return rows if hit is None else _awaited_counted(rows, hit)

    return __aiter__


# By next(), because a cursor is its own iterator: a loop over it would come by the hook again.


def _counted(rows: Iterator[Any], hit: Hit) -> Iterator[Any]:
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        seen(hit, (row,))
        yield row


async def _awaited_counted(rows: AsyncIterator[Any], hit: Hit) -> AsyncIterator[Any]:
    while True:
        try:
            row = await anext(rows)
        except StopAsyncIteration:
            return
        seen(hit, (row,))
        yield row


_CALLED: dict[str, Callable[..., Any]] = {
    "execute": _executing,
    "executemany": _executing,
    "stream": _streaming,
    **dict.fromkeys(_FETCHING, _fetching),
    "__iter__": _iterating,
}
_AWAITED: dict[str, Callable[..., Any]] = {
    "execute": _awaited_executing,
    "executemany": _awaited_executing,
    "stream": _awaited_streaming,
    **dict.fromkeys(_FETCHING, _awaited_fetching),
    "__aiter__": _awaited_iterating,
}
