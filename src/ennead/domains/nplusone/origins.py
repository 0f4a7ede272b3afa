"""Finding the query whose rows were looped over.

Three witnesses, added up: provenance (the parameters' values are in its rows), the ORM (it selected the model that owns
the relation), and nearness (the last result of several rows before the repeats). Provenance alone may be fooled by
small integers that are in every table, the model alone by two queries of one model.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.observation import QueryRecord
    from ennead.kernel.call_site import CallSite

_WINDOW = 400
_CHAINED_SHARE = 0.6
_MADE = "_origin"
"""What a group remembers of it, as a cached property would."""


class Origin(NamedTuple):
    """Where the rows came from."""

    site: CallSite | None
    """Where the collection was queried; where the query set was built, if that is another line."""
    row_count: int | None
    """Of all executions of the origin together."""
    indexes: tuple[int, ...]
    """Of the queries that supplied the rows."""
    supplied_ratio: float | None
    """Share of the repeats whose parameters are in the origin's rows; ``None`` without provenance."""
    matches_owner: bool
    """The ORM says it selected the model that owns the relation."""


def origin_of(group: QueryGroup, groups: Sequence[QueryGroup]) -> Origin | None:
    """The group's origin, found once: rules, features and the findings of a chain ask for it again and again."""
    known = vars(group)
    if _MADE not in known:
        known[_MADE] = find_origin(group, groups)
    origin: Origin | None = known[_MADE]
    return origin


def is_fed_by(origin: Origin, group: QueryGroup) -> bool:
    """Whether the origin's rows are those of a group; a query is in one group only."""
    return origin.indexes[0] == group.indexes[0]


def find_origin(group: QueryGroup, groups: Sequence[QueryGroup]) -> Origin | None:
    """The best candidate among the groups that ran before the repeats, or ``None``."""
    first, last, unit = group.indexes[0], group.indexes[-1], group.first.unit
    traced = group.context.has_provenance
    best: tuple[float, QueryGroup, int] | None = None
    for candidate in _suppliers(group, groups) if traced else groups:
        if candidate.indexes[0] > first:
            break  # they stand in the order of their first execution
        if not candidate.first.is_read or candidate.first.unit != unit:
            continue
        before = bisect_left(candidate.indexes, last)
        if not before or (candidate is group and not _feeds_itself(group)):
            continue
        score = _score(candidate, before, group, traced=traced)
        if score is not None and (best is None or score > best[0]):
            best = (score, candidate, before)
    if best is None:
        return None
    origin = _origin(best[1], best[2], group, traced=traced)
    return origin._replace(site=_collection_site(best[1], groups) or origin.site)


def _suppliers(group: QueryGroup, groups: Sequence[QueryGroup]) -> Iterator[QueryGroup]:
    """With provenance, rows that supplied nothing were not looped over, unless they are of the owning model."""
    supplied, owner = group.supplied_counts, _owner(group)
    if owner is None:
        return (groups[number] for number in sorted(supplied) if number >= 0)
    return (other for other in groups if other.number in supplied or _selects(other.first, owner))


def _feeds_itself(group: QueryGroup) -> bool:
    """A tree walked node by node: the rows of one execution are the parameters of the next ones."""
    return not is_chain(group) and group.supplied_ratio(group) > _CHAINED_SHARE


def is_chain(group: QueryGroup) -> bool:
    """Whether each execution's parameter came out of the one row of the execution before: a walk along a chain."""
    return group.count > 1 and group.link_count >= _CHAINED_SHARE * (group.count - 1)


def _score(candidate: QueryGroup, before: int, group: QueryGroup, *, traced: bool) -> float | None:
    """How likely the rows of so many of the candidate's first executions were looped over; ``None`` if not at all."""
    owner = _selects(candidate.first, _owner(group))
    share = group.supplied_ratio(candidate) if traced else None
    if not owner and not share and (traced or not _is_near(candidate, before, group)):
        return None
    rows = candidate.row_sums[before]
    known_rows = candidate.first_known_rows < before
    if known_rows and rows < 2 and not (owner and share):  # noqa: PLR2004 -- one row is no collection
        return None
    score = 3.0 * owner + 3.0 * (share or 0.0) + (rows >= group.distinct_count) * 0.5
    score += 1.0 * _same_unit_code(candidate, group)
    distance = group.indexes[0] - candidate.indexes[bisect_right(candidate.indexes, group.indexes[0], 0, before) - 1]
    return score + 0.5 / (1 + distance) - (0.5 if candidate.call_path == group.call_path else 0.0)


def _owner(group: QueryGroup) -> str | None:
    """Label of the model whose rows were looped over, if the ORM says it."""
    return group.orm.owner if group.orm else None


def _selects(query: QueryRecord, model: str | None) -> bool:
    return model is not None and query.orm is not None and (model in query.orm.models or query.orm.target == model)


def _is_near(candidate: QueryGroup, before: int, group: QueryGroup) -> bool:
    """Whether it ran shortly before, and one of its executions returned several rows, or that is not known."""
    if group.lazy_load_count or group.indexes[0] - candidate.indexes[before - 1] > _WINDOW:
        return False
    return any(rows is None or rows > 1 for rows in candidate.row_counts[:before])


def _same_unit_code(candidate: QueryGroup, group: QueryGroup) -> bool:
    """Whether the collection was queried in a function that is on the access's call path."""
    return any(function in group.functions for function in candidate.functions[:2])


def _collection_site(candidate: QueryGroup, groups: Sequence[QueryGroup]) -> CallSite | None:
    """Where the user's code asked for rows that an eager load brought: at the query it belongs to."""
    orm = candidate.orm
    if orm is None or not orm.eager:
        return None
    for earlier in reversed(groups[: candidate.number]):
        if earlier.orm is not None and orm.owner in (earlier.orm.target, *earlier.orm.models):
            if earlier.orm.eager:
                return _collection_site(earlier, groups)
            return earlier.orm.built_at or (earlier.call_path[0] if earlier.call_path else None)
    return None


def _origin(candidate: QueryGroup, before: int, group: QueryGroup, *, traced: bool) -> Origin:
    built_at = candidate.orm.built_at if candidate.orm else None
    site = built_at or (candidate.call_path[0] if candidate.call_path else None)
    return Origin(
        site,
        candidate.row_sums[before] if candidate.first_known_rows < before else None,
        candidate.indexes[:before],
        group.supplied_ratio(candidate) if traced else None,
        _selects(candidate.first, _owner(group)),
    )
