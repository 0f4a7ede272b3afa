"""Loads of single columns of an object that is there already: deferred ones, and refreshes of expired ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import inspect
from sqlalchemy.sql.expression import ColumnClause

from ennead.kernel.records import OrmEvidence
from ennead.sources.sqlalchemy.compiled import EvidenceOfStatement
from ennead.sources.sqlalchemy.relations import label

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPICursor, ExecutionContext
    from sqlalchemy.orm import InstanceState, Mapper, ORMExecuteState


class ColumnLoads(EvidenceOfStatement):
    """Evidence for loading columns of one model's objects: which ones, the statement's result tells.

    If several are loaded at once, the relation names the one that the model declares first.
    """

    def __init__(self, mapper: Mapper[Any]) -> None:
        super().__init__()
        self._model = label(mapper)
        self._attribute_of = _attributes_by_result_name(mapper)
        self._declared_by = {name: label(_declaring(mapper, name)) for name in self._attribute_of.values()}
        self.refresh = replace(_deferred(self._model), method="refresh")

    def evidence_for(self, context: ExecutionContext, cursor: DBAPICursor) -> OrmEvidence:
        """See :class:`~ennead.sources.sqlalchemy.compiled.EvidenceOfStatement`."""
        loaded = self.loaded_by(cursor)
        if not loaded:
            return _deferred(self._model)
        owner = self._declared_by[loaded[0]]
        return replace(_deferred(owner), relation=f"{owner}.{loaded[0]}")

    def loaded_by(self, cursor: DBAPICursor) -> list[str]:
        """Names of the attributes that a result holds, in the order of declaration."""
        loaded = {self._attribute_of.get(column[0]) for column in cursor.description or ()}
        return [name for name in self._declared_by if name in loaded]


class LoadOfExpired:
    """A load of columns of an object of which some attributes have expired: they may be the ones, or others may."""

    __slots__ = ("_expired", "_loads")

    def __init__(self, loads: ColumnLoads, expired: frozenset[str]) -> None:
        self._loads = loads
        self._expired = expired

    def resolve(self, context: ExecutionContext, cursor: DBAPICursor) -> OrmEvidence | None:
        """See :class:`~ennead.sources.sqlalchemy.handover.Pending`."""
        if self._expired.isdisjoint(self._loads.loaded_by(cursor)):
            return self._loads.resolve(context, cursor)
        return self._loads.refresh


def column_load(state: ORMExecuteState, loads: ColumnLoads) -> ColumnLoads | LoadOfExpired:
    """What to hand over for a load of columns.

    The event does not name the object, but it is in the session and the statement asks for its primary key. Only the
    columns of a subclass whose own table was not selected are asked for otherwise: they are loaded for the first time.
    """
    mapper, keys = state.bind_mapper, state.parameters
    if mapper is None or not isinstance(keys, dict):
        return loads
    instance = state.session.identity_map.get(mapper.identity_key_from_primary_key(tuple(keys.values())))
    if instance is None:
        return loads
    expired = cast("InstanceState[Any]", inspect(instance)).expired_attributes
    return LoadOfExpired(loads, frozenset(expired)) if expired else loads


def _attributes_by_result_name(mapper: Mapper[Any]) -> dict[str, str]:
    """Attribute names by what SQLAlchemy may call their columns in a result, in the order of declaration."""
    names: dict[str, str] = {}
    for attribute in mapper.column_attrs:
        for column in attribute.columns:
            if isinstance(column, ColumnClause):
                names.setdefault(column.name, attribute.key)
                names.setdefault(f"{getattr(column.table, 'name', '')}_{column.name}", attribute.key)
    return names


def _declaring(mapper: Mapper[Any], attribute: str) -> Mapper[Any]:
    """The model that an inherited attribute comes from."""
    while mapper.inherits is not None and attribute in mapper.inherits.column_attrs:
        mapper = mapper.inherits
    return mapper


def _deferred(model: str) -> OrmEvidence:
    return OrmEvidence(
        library="sqlalchemy", lazy_load=True, kind="deferred", owner=model, target=model, models=(model,)
    )
