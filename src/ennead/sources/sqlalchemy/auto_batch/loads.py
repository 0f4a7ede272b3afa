"""Answering lazy loads: one by one the first time, all siblings the second time, from what waits afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import inspect
from sqlalchemy.orm import RelationshipProperty

from ennead.sources.sqlalchemy.auto_batch.certainty import dialect_of, is_as_loaded, loads_alike, why_not
from ennead.sources.sqlalchemy.auto_batch.counts import COUNTS, refuse
from ennead.sources.sqlalchemy.auto_batch.relation_key import are_distinct, refuse_for_good, relation_key
from ennead.sources.sqlalchemy.auto_batch.siblings import rows_of
from ennead.sources.sqlalchemy.auto_batch.statement import DIALECTS_WITH_TUPLES, lazy_statement
from ennead.sources.sqlalchemy.auto_batch.waiting import Batch
from ennead.sources.sqlalchemy.handover import BATCHED_FOR, OPTION
from ennead.sources.sqlalchemy.relations import relation_evidence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Result, Row
    from sqlalchemy.orm import InstanceState, ORMExecuteState, Session

    from ennead.sources.sqlalchemy.auto_batch.siblings import ResultRows
    from ennead.sources.sqlalchemy.auto_batch.statement import LazyStatement

    Key = tuple[Any, ...]

MOST_PARENTS = 500
"""In one batch, as in SQLAlchemy's select-IN loads."""
_LAZY = frozenset({"select", True, "raise", "raise_on_sql", "noload", None, "dynamic", "write_only"})
"""Kinds of relations that a query loads only if it is told to."""
MOST_RELATED_ROWS = 10_000
"""That one batch is expected to load, judged by what the first sibling has."""


class LazyLoad(NamedTuple):
    """A relation that the ORM is about to load for one object."""

    state: ORMExecuteState
    parent: InstanceState[Any]
    key: Key
    """The parent's identity."""
    relationship: RelationshipProperty[Any]
    result: ResultRows
    """What made the parent."""


def lazy_load(state: ORMExecuteState) -> LazyLoad | None:
    """The lazy load that a statement is for; ``None`` if it is for none, or its object came out of no known result."""
    path: Any = state.loader_strategy_path
    parent = state.lazy_loaded_from if path else None
    if parent is None or parent.key is None or not isinstance(path[-1], RelationshipProperty):
        return None
    rows = rows_of(state.session)
    result = None if rows is None else rows.result_of(parent.key)
    return None if result is None else LazyLoad(state, parent, parent.key, path[-1], result)


def waiting_for(load: LazyLoad) -> Result[Any] | None:
    """The rows that an earlier batch has loaded for this one; ``None`` if there are none to be sure of."""
    waiting = load.result.session_rows.waiting
    if not len(waiting) or why_not(load.state, load.parent) is not None:
        return None
    rows = waiting.take(load.state, load.parent, load.relationship)
    if rows is not None:
        COUNTS["answered"] += 1
    return rows


def batch_for(load: LazyLoad) -> Result[Any] | None:
    """The rows of this load out of one for all siblings, if it is not the first; ``None``: it is left to the ORM."""
    if not load.result.is_batch_due(load.relationship, load.key):
        return None
    why = why_not(load.state, load.parent) or _relation_why_not(load)
    if why is not None:
        refuse(why)
        return None
    return _batch(load)


def _relation_why_not(load: LazyLoad) -> str | None:
    key = relation_key(load.relationship, load.parent)
    dialect = dialect_of(load.state)
    if not key.parts:
        return "the relation asks for more than equal columns"
    if len(key.parts) > 1 and dialect.name not in DIALECTS_WITH_TUPLES:
        return "composite keys in this dialect"
    if _has_otherwise_loaded(load.state.session, load.relationship, load.parent):
        return "related objects that were loaded with other options"
    return None if key.is_comparable(dialect) else "the type of the key"


def _has_otherwise_loaded(
    session: Session, relationship: RelationshipProperty[Any], parent: InstanceState[Any]
) -> bool:
    """Whether the session holds related objects that the batch may complete: a load fills in what an object lacks."""
    base = relationship.mapper.base_mapper
    return any(
        state.mapper.base_mapper is base
        and state.load_options != parent.load_options
        and (bool(parent.load_options) or _lacks_something(state))
        for state in session.identity_map.all_states()
    )


def _lacks_something(state: InstanceState[Any]) -> bool:
    """Whether an object is without something that a query with no options loads."""
    relationships = (each for each in state.mapper.relationships if each.lazy not in _LAZY)
    return any(each.key not in state.dict for each in (*state.mapper.column_attrs, *relationships))


def _batch(load: LazyLoad) -> Result[Any] | None:
    state, relationship = load.state, load.relationship
    key = relation_key(relationship, load.parent)
    own = key.values_of(load.parent)
    statement = None if own is None else lazy_statement(state.statement, state.parameters, relationship, key, own)
    if own is None or statement is None:
        refuse("the statement asks for more than equal columns")
        return None
    values = {load.key: own} | _siblings(load, is_get=statement.is_get)
    load.result.loads[relationship].covered.update(values)
    if len(values) == 1:
        _tell_batch_of_one(load)
        return None
    if not are_distinct(set(values.values())):
        refuse("keys that a collation may find equal")
        return None
    return _execute(load, statement, values)


def _as_batch(load: LazyLoad) -> dict[str, object]:
    """Execution options by which a statement is recorded as the load of all rows that it is."""
    return {OPTION: relation_evidence(load.state.loader_strategy_path, is_lazy=False), BATCHED_FOR: load.parent}


def _tell_batch_of_one(load: LazyLoad) -> None:
    """Where no other row is left the ORM's own statement loads all there is: once, or it would hide a real N+1."""
    loads = load.result.loads[load.relationship]
    if not loads.had_batch_of_one:
        loads.had_batch_of_one = True
        load.state.update_execution_options(**_as_batch(load))


def _siblings(load: LazyLoad, *, is_get: bool) -> dict[Key, Key]:
    """The rows of the result that would need a statement of their own, and the values that it would ask for."""
    session, key = load.state.session, relation_key(load.relationship, load.parent)
    covered, result_of = load.result.loads[load.relationship].covered, load.result.session_rows.result_of
    most = _most_parents(load)
    found: dict[Key, Key] = {}
    for other in load.result.near(load.key):
        if len(found) >= most:
            break
        instance: Any = session.identity_map.get(other)
        if instance is None or other in covered or result_of(other) is not load.result:
            continue
        sibling: InstanceState[Any] = inspect(instance)
        values = key.values_of(sibling)
        if values is None or not is_as_loaded(sibling, session):
            continue
        if not loads_alike(sibling, load.parent, load.relationship):
            continue
        if not (is_get and _is_in_session(session, load.relationship, values)):
            found[other] = values
    return found


def _is_in_session(session: Session, relationship: RelationshipProperty[Any], primary_key: Key) -> bool:
    return session.identity_map.get(relationship.mapper.identity_key_from_primary_key(primary_key)) is not None


def _most_parents(load: LazyLoad) -> int:
    """So many that a batch holds a bounded number of rows, if the siblings are like the first one."""
    first: Any = load.state.session.identity_map.get(load.result.loads[load.relationship].first)
    related = None if first is None else inspect(first).dict.get(load.relationship.key)
    if not load.relationship.uselist or related is None:
        return MOST_PARENTS
    return min(MOST_PARENTS, MOST_RELATED_ROWS // max(len(related), 1))


def _execute(load: LazyLoad, statement: LazyStatement, values: Mapping[Key, Key]) -> Result[Any] | None:
    """Send the batched statement; its rows wait for the siblings, those of the asking one are returned."""
    wanted = dict.fromkeys(values.values())
    batched = load.state.invoke_statement(statement.for_keys(wanted), execution_options=_as_batch(load))
    frozen = batched.unique().freeze()
    found: dict[Key, list[Row[Any]]] = {each: [] for each in wanted}
    for row in frozen.data:
        at = found.get(tuple(row[1:]))
        if at is None:
            refuse_for_good(load.relationship)
            refuse("the database's equality is another one")
            return None
        at.append(row)
    COUNTS["batched"] += 1
    key = relation_key(load.relationship, load.parent)
    batch = Batch(load.state, load.parent, load.relationship, key, values, frozen.with_new_rows(()), found)
    load.result.session_rows.waiting.add(batch, load.key)
    return batch.result(batch.rows_for(load.key))
