"""Every statement that an engine sends to a cursor: ORM, Core and text, synchronous and asynchronous.

The hook is SQLAlchemy's own: ``before_cursor_execute``, ``after_cursor_execute`` and ``handle_error`` on the class
``Engine``, so that engines and connections which are there already take part.
"""

from __future__ import annotations

from pathlib import Path
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from ennead.agent.unit_of_work import CURRENT, WATCHERS, call_watchers
from ennead.sources.drivers.callers import claim, release
from ennead.sources.sqlalchemy.batch import add_to_batch, sent_batch
from ennead.sources.sqlalchemy.connections import CONNECTIONS, count_internal_error, on_begin, on_end
from ennead.sources.sqlalchemy.cursor import watch_rows
from ennead.sources.sqlalchemy.handover import evidence_of
from ennead.sources.sqlalchemy.listeners import ListenerSet
from ennead.sources.sqlalchemy.version import supported_version

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, ExceptionContext
    from sqlalchemy.engine.interfaces import DBAPICursor

_listeners = ListenerSet()


def install() -> str:
    """Listen to all engines; idempotent. Returns SQLAlchemy's version.

    Raises
    ------
    UnsupportedVersionError
        It is older than 2.0.
    """
    installed = supported_version()
    if _listeners:
        return installed
    from sqlalchemy.engine import Engine

    _listeners.add(Engine, "before_cursor_execute", _before_cursor_execute, returns_value=True)
    _listeners.add(Engine, "after_cursor_execute", _after_cursor_execute)
    _listeners.add(Engine, "handle_error", _handle_error)
    for name in ("begin", "begin_twophase"):
        _listeners.add(Engine, name, on_begin)
    for name in ("commit", "rollback", "commit_twophase", "rollback_twophase"):
        _listeners.add(Engine, name, on_end)
    claim(_folder())
    return installed


def uninstall() -> None:
    """Undo :func:`install`; idempotent."""
    release(_folder())
    _listeners.remove()
    CONNECTIONS.clear()


def _folder() -> str:
    """Where SQLAlchemy calls the drivers."""
    import sqlalchemy

    return str(Path(sqlalchemy.__file__).parent)


def _before_cursor_execute(
    connection: Connection,
    cursor: DBAPICursor,
    statement: str,
    parameters: Any,
    context: Any,
    executemany: bool,  # noqa: FBT001 -- the event's signature
) -> tuple[str, Any]:
    if CURRENT.get() is not None and context is not None:
        try:
            if executemany:
                context.ennead_sent = (statement, parameters)
            context.ennead_started_ns = perf_counter_ns()
        except Exception:
            count_internal_error()
    return statement, parameters


def _after_cursor_execute(
    connection: Connection,
    cursor: DBAPICursor,
    statement: str,
    parameters: Any,
    context: Any,
    executemany: bool,  # noqa: FBT001 -- the event's signature
) -> None:
    unit = CURRENT.get()
    if unit is None:
        return
    try:
        started_ns = getattr(context, "ennead_started_ns", None)
        if started_ns is None:
            return
        context.ennead_started_ns = None
        batch_size = 1
        if executemany:
            statement, parameters, batch_size = sent_batch(context, statement, parameters)
            if add_to_batch(context, started_ns, batch_size):
                return
        orm = evidence_of(context, cursor)
        hit = unit.record(statement, parameters, started_ns, CONNECTIONS.of(connection), batch_size, None, orm)
        if executemany:
            context.ennead_hit = hit
        elif hit is not None:
            watch_rows(context, cursor, hit, unit.provenance)
    except Exception:
        unit.internal_error_count += 1
        return
    if WATCHERS:
        call_watchers(unit, hit)


def _handle_error(failure: ExceptionContext) -> None:
    unit = CURRENT.get()
    if unit is None:
        return
    try:
        context: Any = failure.execution_context
        started_ns = getattr(context, "ennead_started_ns", None)
        connection = failure.connection
        if started_ns is None or connection is None:
            return
        context.ennead_started_ns = None
        statement, parameters, batch_size = failure.statement or "", failure.parameters, 1
        if context.executemany:
            statement, parameters, batch_size = sent_batch(context, statement, parameters)
        orm = evidence_of(context, context.cursor)
        known = CONNECTIONS.of(connection)
        unit.record(statement, parameters, started_ns, known, batch_size, failure.original_exception, orm)
    except Exception:
        unit.internal_error_count += 1
