"""Switching automatic batching on and off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ennead.sources.sqlalchemy.auto_batch.certainty import SIBLINGS
from ennead.sources.sqlalchemy.auto_batch.counts import count_failure
from ennead.sources.sqlalchemy.auto_batch.loads import batch_for, lazy_load, waiting_for
from ennead.sources.sqlalchemy.auto_batch.relation_key import forget_keys
from ennead.sources.sqlalchemy.auto_batch.siblings import forget_sessions, new_result, rows_of
from ennead.sources.sqlalchemy.auto_batch.writes import note_statement, note_write
from ennead.sources.sqlalchemy.listeners import ListenerSet
from ennead.sources.sqlalchemy.version import supported_version

if TYPE_CHECKING:
    from sqlalchemy import Result
    from sqlalchemy.orm import InstanceState, ORMExecuteState, Session, SessionTransaction

_listeners = ListenerSet()


def install() -> str:
    """Batch the lazy loads of all sessions; idempotent. Returns SQLAlchemy's version.

    Raises
    ------
    UnsupportedVersionError
        It is older than 2.0.
    """
    installed = supported_version()
    if not _listeners:
        from sqlalchemy.engine import Engine
        from sqlalchemy.orm import Mapper, Session

        _listeners.add(Session, "do_orm_execute", _on_orm_execute)
        _listeners.add(Session, "after_transaction_end", _on_transaction_end)
        _listeners.add(Mapper, "load", _on_load, raw=True)
        _listeners.add(Mapper, "refresh", _on_refresh, raw=True)
        _listeners.add(Mapper, "expire", note_write, raw=True)
        _listeners.add(Engine, "before_cursor_execute", note_statement)
    return installed


def uninstall() -> None:
    """Undo :func:`install`; idempotent."""
    _listeners.remove()
    forget_sessions()
    forget_keys()


def _on_orm_execute(state: ORMExecuteState) -> Result[Any] | None:
    try:
        return _batched(state)
    except Exception:
        count_failure()
        return None


def _batched(state: ORMExecuteState) -> Result[Any] | None:
    rows = rows_of(state.session)
    load = lazy_load(state) if state.is_select and state.is_orm_statement else None
    answered = None if load is None else waiting_for(load)
    if answered is not None:
        return answered
    if rows is not None and len(rows.waiting) and not state.is_column_load:
        rows.waiting.make_way_for(state)
    if not state.is_select or not state.is_orm_statement or state.is_column_load:
        # A load that another one sets off inherits its options.
        if SIBLINGS in state.local_execution_options:
            state.update_execution_options(**{SIBLINGS: None})
        return None
    result = new_result(state.session) if load is None else load.result.related_by(load.relationship)
    state.update_execution_options(**{SIBLINGS: result})
    return None if load is None else batch_for(load)


def _on_load(instance: InstanceState[Any], context: Any) -> None:
    try:
        result = None if context is None else context.execution_options.get(SIBLINGS)
        if result is not None:
            result.add(instance)
    except Exception:
        count_failure()


def _on_refresh(_instance: object, _context: object, attributes: object) -> None:
    """Somebody asks for the newest state of whole objects; single columns are loaded whenever they are read."""
    if attributes is None:
        note_write()


def _on_transaction_end(session: Session, transaction: SessionTransaction) -> None:
    try:
        rows = rows_of(session)
        if rows is not None and transaction.parent is None:
            rows.waiting.clear()
    except Exception:
        count_failure()
