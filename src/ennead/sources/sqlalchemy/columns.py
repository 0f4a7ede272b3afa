"""Loads of single columns of an object that is there already: deferred ones, and refreshes of expired ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import inspect
from sqlalchemy.sql.expression import ColumnClause

from ennead.kernel.records import OrmEvidence
from ennead.sources.sqlalchemy.compiled import EvidenceOfStatement
from ennead.sources.sqlalchemy.relations import label

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPICursor, ExecutionContext
    from sqlalchemy.orm import InstanceState, Mapper, ORMExecuteState


class DeferredColumns(EvidenceOfStatement):
    """Evidence for loading deferred columns of one model: which ones, the statement's result tells.

    If several are loaded at once, the relation names the one that the model declares first.
    """

    def __init__(self, mapper: Mapper[Any]) -> None:
        super().__init__()
        self._model = label(mapper)
        self._attribute_of = _attributes_by_result_name(mapper)

    def evidence_for(self, context: ExecutionContext, cursor: DBAPICursor) -> OrmEvidence:
        """See :class:`~ennead.sources.sqlalchemy.compiled.EvidenceOfStatement`."""
        loaded = {self._attribute_of.get(column[0]) for column in cursor.description or ()}
        attribute = next((name for name in self._attribute_of.values() if name in loaded), None)
        return OrmEvidence(
            library="sqlalchemy",
            lazy_load=True,
            kind="deferred",
            relation=f"{self._model}.{attribute}" if attribute else None,
            owner=self._model,
            target=self._model,
            models=(self._model,),
        )


def refresh_evidence(mapper: Mapper[Any]) -> OrmEvidence:
    """Evidence for reading an expired object's columns anew."""
    model = label(mapper)
    return OrmEvidence(
        library="sqlalchemy",
        lazy_load=True,
        kind="deferred",
        owner=model,
        target=model,
        models=(model,),
        method="refresh",
    )


def is_refresh(state: ORMExecuteState) -> bool:
    """Whether a column load serves an object that has expired attributes.

    The event does not name the object, but it is in the session and the statement asks for its primary key. A subclass
    whose own table was not selected is asked for otherwise: to be loaded for the first time is more likely then.
    """
    mapper, keys = state.bind_mapper, state.parameters
    if mapper is None or not isinstance(keys, dict):
        return False
    instance = state.session.identity_map.get(mapper.identity_key_from_primary_key(tuple(keys.values())))
    if instance is None:
        return False
    return bool(cast("InstanceState[Any]", inspect(instance)).expired_attributes)


def _attributes_by_result_name(mapper: Mapper[Any]) -> dict[str, str]:
    """Attribute names by what SQLAlchemy may call their columns in a result, in the order of declaration."""
    names: dict[str, str] = {}
    for attribute in mapper.column_attrs:
        for column in attribute.columns:
            if isinstance(column, ColumnClause):
                names.setdefault(column.name, attribute.key)
                names.setdefault(f"{getattr(column.table, 'name', '')}_{column.name}", attribute.key)
    return names
