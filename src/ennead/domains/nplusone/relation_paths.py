"""The whole path of a nested relation: order line -> product -> supplier is one path, not three.

All findings of one chain get the same paths, from the rows that no relation brought down to the last relation that was
loaded one by one: what is loaded eagerly level by level leaves a query per row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ennead.domains.nplusone.origins import is_chain, is_fed_by, origin_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.origins import Origin
    from ennead.domains.nplusone.rules import Evidence
    from ennead.kernel.call_site import CallSite
    from ennead.kernel.records import OrmEvidence

_DEEPEST = 5
_WHOLE_COLLECTION = (None, "all")
_WALKED_SHARE = 0.3
_MADE = "_relation_paths"
"""What a group remembers of it, as a cached property would: advice and evidence ask for the same paths."""
Path = tuple["OrmEvidence", ...]


class RelationPaths(NamedTuple):
    """How to get from the rows of the root to the relations that were loaded."""

    paths: tuple[Path, ...]
    """Each from the root's relation on; those that an eager load has brought already are among them."""
    root: QueryGroup | None
    """The query that the first relation hangs on."""
    place: CallSite | None
    """Where the root was queried."""

    @property
    def owner(self) -> str | None:
        """Label of the model that the paths start from."""
        return self.paths[0][0].owner

    @property
    def single(self) -> bool:
        """Every step leads to one row."""
        return all(step.cardinality == "one" for path in self.paths for step in path)

    @property
    def starts_at_root(self) -> bool:
        """The root selects the model that the paths start from."""
        orm = self.root.orm if self.root else None
        if orm is None:
            return False
        return orm.target == self.owner if orm.library == "django" else self.owner in (orm.target, *orm.models)


def relation_paths(evidence: Evidence) -> RelationPaths:
    """The paths of the tree of relations that the evidence's one is part of; it is loaded as a whole."""
    known = vars(evidence.group)
    if _MADE not in known:
        known[_MADE] = _find_paths(evidence)
    paths: RelationPaths = known[_MADE]
    return paths


def _find_paths(evidence: Evidence) -> RelationPaths:
    steps, origin = _climb(evidence.group, evidence.groups)
    brought = next((number for number, step in enumerate(steps) if not _is_eager(step)), len(steps) - 1)
    paths = tuple(
        tuple(group.orm for group in path if group.orm) for path in _leaves(steps[: brought + 1], evidence.groups)
    )
    return RelationPaths(paths, _group_of(origin, evidence.groups), origin.site if origin else None)


def path_to(evidence: Evidence) -> RelationPaths:
    """The one path to the evidence's relation, whatever hangs on its rows."""
    steps, origin = _climb(evidence.group, evidence.groups)
    path = tuple(group.orm for group in steps if group.orm)
    return RelationPaths((path,), _group_of(origin, evidence.groups), origin.site if origin else None)


def walks_a_tree(evidence: Evidence) -> bool:
    """Whether a relation of a model with itself is followed step by step: its rows are where the next step starts."""
    group, origin, orm = evidence.group, evidence.origin, evidence.group.orm
    if orm is None or orm.relation is None or orm.owner != orm.target or not group.lazy_load_count:
        return False
    if feeds_itself(evidence):
        return True
    if orm.cardinality == "many":
        return _fed_by_itself(group) >= _WALKED_SHARE and _is_deep(origin)
    return is_chain(group) or _links(group) >= _WALKED_SHARE * group.count


def feeds_itself(evidence: Evidence) -> bool:
    """Whether the rows of one execution are what the next ones ask for."""
    origin = evidence.origin
    return origin is not None and is_fed_by(origin, evidence.group)


def _fed_by_itself(group: QueryGroup) -> float:
    """Share of the executions whose parameter is in the rows of an earlier one."""
    own = set(group.indexes)
    return sum(any(supply.query in own for supply in supplies) for supplies in group.supplies) / group.count


def _is_deep(origin: Origin | None) -> bool:
    """Whether the origin's rows alone cannot have been the parents of all."""
    return origin is None or (origin.supplied_ratio or 0.0) < 1.0


def _links(group: QueryGroup) -> int:
    """Executions whose parameter came out of the row of the execution right before."""
    pairs = zip(group.indexes, group.supplies[1:], strict=False)
    return sum(any(supply.query == previous for supply in supplies) for previous, supplies in pairs)


def _climb(group: QueryGroup, groups: Sequence[QueryGroup]) -> tuple[list[QueryGroup], Origin | None]:
    """The relations on whose rows this one hangs, outermost first, and the origin of the first."""
    steps = [group]
    origin = origin_of(group, groups)
    while len(steps) < _DEEPEST:
        feeding = _feeding_group(origin, steps, groups)
        if feeding is None:
            break
        steps.insert(0, feeding)
        origin = origin_of(feeding, groups)
    return steps, origin


def _feeding_group(
    origin: Origin | None, steps: Sequence[QueryGroup], groups: Sequence[QueryGroup]
) -> QueryGroup | None:
    """What brought the rows, if that is a relation again and can be part of a path."""
    if origin is None or not origin.matches_owner:
        return None
    feeding = _group_of(origin, groups)
    if feeding is None or any(feeding is step for step in steps):
        return None
    return feeding if _is_eager(feeding) or (_loads_whole_relation(feeding) and _is_inner(feeding)) else None


def _group_of(origin: Origin | None, groups: Sequence[QueryGroup]) -> QueryGroup | None:
    if origin is None:
        return None
    return next((group for group in groups if is_fed_by(origin, group)), None)


def _is_eager(group: QueryGroup) -> bool:
    return group.orm is not None and group.orm.eager and group.orm.relation is not None


def _loads_whole_relation(group: QueryGroup) -> bool:
    orm = group.orm
    if orm is None or orm.relation is None or not group.lazy_load_count:
        return False
    return orm.cardinality == "one" or (orm.method in _WHOLE_COLLECTION and not group.roles.has_limit)


def _is_inner(group: QueryGroup) -> bool:
    """Whether it is no place to add to: attribute access, or one collection of many. One query set can be extended."""
    orm = group.orm
    return group.count > 1 or (orm is not None and (orm.library != "django" or orm.method != "all"))


def _leaves(path: Sequence[QueryGroup], groups: Sequence[QueryGroup]) -> Iterator[tuple[QueryGroup, ...]]:
    """The path prolonged by each relation that was loaded one by one on the rows of its last one, and so on."""
    found = [group for group in groups if _hangs_on(group, path[-1], groups)] if len(path) < _DEEPEST else []
    found = [group for group in found if not any(group is step for step in path)]
    if not found:
        yield tuple(path)
    for group in found:
        yield from _leaves([*path, group], groups)


def _hangs_on(group: QueryGroup, above: QueryGroup, groups: Sequence[QueryGroup]) -> bool:
    if group.count < 2 or not _loads_whole_relation(group) or group.orm is None or above.orm is None:  # noqa: PLR2004 -- once is no loop
        return False
    if group.orm.owner != above.orm.target or group.first.unit != above.first.unit:
        return False
    origin = origin_of(group, groups)
    return origin is not None and origin.matches_owner and is_fed_by(origin, above)
