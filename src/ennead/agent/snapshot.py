"""From the recorder's hits to immutable raw records. Runs after the unit of work, off its path."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from ennead.agent.bound_values import bound_values, kept_value
from ennead.agent.parameters import HashMemo, ParameterHasher, project_secret
from ennead.agent.places import PROJECT
from ennead.agent.provenance import supplied_by
from ennead.kernel.records import RawQuery, RawUnitOfWork, Supply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.agent.fingerprint import NormalizedStatement
    from ennead.agent.unit_of_work import Hit, UnitOfWork

_hasher: ParameterHasher | None = None


def snapshot(unit: UnitOfWork) -> RawUnitOfWork:
    """The unit of work as an immutable record; queries in the order they started."""
    hits = sorted(unit.hits, key=lambda hit: hit.started_ns)
    parameters = [_parameters(hit) for hit in hits]
    supplies = supplied_by(hits, parameters) if unit.provenance else [()] * len(hits)
    hasher = HashMemo(_shared_hasher())
    queries = tuple(
        _raw_query(hit, values, supply, unit.started_ns, hasher)
        for hit, values, supply in zip(hits, parameters, supplies, strict=True)
    )
    return RawUnitOfWork(
        name=unit.name,
        kind=unit.kind,
        route=unit.route,
        trace_id=unit.trace_id,
        started_at=unit.started_at,
        duration_ns=unit.duration_ns,
        entry=unit.entry,
        handler=None if unit.handler is None else unit.handler(),
        project_root=PROJECT.path,
        queries=queries,
        dropped_count=unit.dropped_count,
        internal_error_count=unit.internal_error_count,
        inside=unit.inside,
    )


def _raw_query(
    hit: Hit,
    values: tuple[object, ...],
    supply: tuple[Supply, ...],
    unit_started_ns: int,
    hasher: HashMemo,
) -> RawQuery:
    site = hit.site
    hashes = tuple(map(hasher.hash_one, values))
    normalized = _normalized(hit)
    return RawQuery(
        normalized.statement,
        normalized.fingerprint,
        normalized.operation,
        normalized.tables,
        hashes,
        hasher.hash_all(hashes) if hashes else None,
        normalized.list_sizes,
        hit.started_ns - unit_started_ns,
        hit.duration_ns,
        hit.row_count,
        site.path.sites,
        hit.orm,
        hit.connection.name,
        hit.connection.database,
        hit.transaction,
        max(hit.batch_size, normalized.row_count),
        hit.error,
        supply,
        hit.thread,
        hit.unit,
    )


def _shared_hasher() -> ParameterHasher:
    global _hasher  # noqa: PLW0603 -- one secret for the life of the process
    if _hasher is None:
        _hasher = ParameterHasher(project_secret())
    return _hasher


def _parameters(hit: Hit) -> tuple[object, ...]:
    """Literals and bound values in the order of the statement's placeholders."""
    bound = bound_values(hit.parameters)
    normalized = _normalized(hit)
    if not normalized.literals:
        return bound
    return _interleave(normalized, bound)


def _normalized(hit: Hit) -> NormalizedStatement:
    return hit.site.statement.normalized(hit.connection.database)


def _interleave(normalized: NormalizedStatement, bound: Sequence[object]) -> tuple[object, ...]:
    values: list[object] = []
    rest = iter(bound)
    for slot in normalized.slots:
        if slot is not None:
            values.append(kept_value(normalized.literals[slot]))
        else:
            values.extend(islice(rest, 1))
    values.extend(rest)
    return tuple(values)
