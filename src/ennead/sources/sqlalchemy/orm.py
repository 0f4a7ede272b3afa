"""What the ORM knows about a SELECT: lazy loads, deferred columns, eager loads, look-ups, aggregates.

The hook is the session's event ``do_orm_execute``. The evidence travels to the cursor's event with the statement
(:mod:`ennead.sources.sqlalchemy.handover`). Invisible to the event, and so without evidence: Core statements, text.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ennead.agent.unit_of_work import CURRENT
from ennead.agent.units import AGENT
from ennead.sources.sqlalchemy.columns import ColumnLoads, column_load
from ennead.sources.sqlalchemy.connections import count_internal_error
from ennead.sources.sqlalchemy.handover import BATCHED_FOR, OPTION
from ennead.sources.sqlalchemy.identity import IdentityMap
from ennead.sources.sqlalchemy.listeners import ListenerSet
from ennead.sources.sqlalchemy.relations import forget_relations, relation_evidence
from ennead.sources.sqlalchemy.selects import ModelSelects
from ennead.sources.sqlalchemy.version import supported_version

if TYPE_CHECKING:
    from sqlalchemy.orm import Mapper, ORMExecuteState

    from ennead.kernel.records import OrmEvidence
    from ennead.sources.sqlalchemy.handover import Pending

_listeners = ListenerSet()


class ModelEvidence:
    """Everything that statements about one model may hand over, made once. Holds names only."""

    __slots__ = ("columns", "selects")

    def __init__(self, mapper: Mapper[Any]) -> None:
        self.columns = ColumnLoads(mapper)
        self.selects = ModelSelects(mapper)


_MODELS = IdentityMap[ModelEvidence]()
_SELECTS_WITHOUT_MODEL = ModelSelects(None)


def install() -> str:
    """Listen to all sessions; idempotent. Returns SQLAlchemy's version.

    Raises
    ------
    UnsupportedVersionError
        It is older than 2.0.
    """
    installed = supported_version()
    if not _listeners:
        from sqlalchemy.orm import Session

        _listeners.add(Session, "do_orm_execute", _on_orm_execute)
    follow_settings()
    return installed


def follow_settings() -> None:
    """Switch automatic batching on or off, as the setting says now."""
    if _listeners and AGENT.settings.auto_batch:
        from ennead.sources.sqlalchemy.auto_batch import hooks

        hooks.install()
    else:
        _stop_batching()


def uninstall() -> None:
    """Undo :func:`install`; idempotent."""
    _stop_batching()
    _listeners.remove()
    _MODELS.clear()
    forget_relations()


def _stop_batching() -> None:
    # Not imported: never begun.
    hooks = sys.modules.get("ennead.sources.sqlalchemy.auto_batch.hooks")
    if hooks is not None:
        hooks.uninstall()


def _on_orm_execute(state: ORMExecuteState) -> None:
    if CURRENT.get() is None:
        return
    try:
        evidence = _evidence(state)
        # A load that another one sets off inherits its options.
        if evidence is not None or OPTION in state.local_execution_options:
            state.update_execution_options(ennead_evidence=evidence)
    except Exception:
        count_internal_error()


def _evidence(state: ORMExecuteState) -> OrmEvidence | Pending | None:
    path = state.loader_strategy_path
    if path is None:  # no loader at work, or no SELECT: then to ask for lazy_loaded_from would raise
        return _selects(state) if state.is_select and state.is_orm_statement else None
    if path.is_root:
        return _of_column_load(state) if state.is_column_load else _selects(state)
    parent = state.lazy_loaded_from
    # A batched load is made on behalf of one object, too, but loads all.
    is_lazy = parent is not None and state.local_execution_options.get(BATCHED_FOR) is not parent
    # Refreshing an object that came through a relation has the relation's path, too.
    if not is_lazy and state.is_column_load:
        return _of_column_load(state)
    return relation_evidence(path, is_lazy=is_lazy)


def _of_column_load(state: ORMExecuteState) -> Pending | None:
    known = _of_model(state.bind_mapper)
    return None if known is None else column_load(state, known.columns)


def _selects(state: ORMExecuteState) -> Pending:
    known = _of_model(state.bind_mapper)
    return _SELECTS_WITHOUT_MODEL if known is None else known.selects


def _of_model(mapper: Mapper[Any] | None) -> ModelEvidence | None:
    if mapper is None:
        return None
    return _MODELS.get(mapper) or _MODELS.set(mapper, ModelEvidence(mapper))
