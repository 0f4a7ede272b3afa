"""The whole path of a nested relation: order line -> product -> supplier is one path, not three."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ennead.domains.nplusone.origins import find_origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.origins import Origin
    from ennead.domains.nplusone.rules import Evidence
    from ennead.kernel.call_site import CallSite

_DEEPEST = 5
_WHOLE_COLLECTION = (None, "all")


class RelationPath(NamedTuple):
    """How to get from the collection's model to the relation that was loaded."""

    names: tuple[str, ...]
    """The collection's own relation first."""
    single: bool
    """Every one of them leads to one row."""
    place: CallSite | None
    """Where the collection was queried that the first one starts from."""


def relation_path(evidence: Evidence, *, qualified: bool = False) -> RelationPath:
    """The relations from the outermost collection to the one loaded, each loaded lazily on the rows of the one before.

    Parameters
    ----------
    evidence
        Of the innermost relation.
    qualified
        With the owner's name in front (``Order.customer``), as SQLAlchemy's loader options want it.
    """
    names: list[str] = []
    single = True
    origin = evidence.origin
    group: QueryGroup | None = evidence.group
    while group is not None and group.orm is not None and group.orm.relation and len(names) < _DEEPEST:
        relation = group.orm.relation
        name = relation if qualified else relation.rsplit(".", 1)[-1]
        if name in names:
            break
        names.insert(0, name)
        single = single and group.orm.cardinality == "one"
        origin = find_origin(group, evidence.groups)
        group = _feeding_group(origin, group, evidence.groups)
    return RelationPath(tuple(names), single, origin.site if origin else None)


def _feeding_group(origin: Origin | None, group: QueryGroup, groups: Sequence[QueryGroup]) -> QueryGroup | None:
    """The lazy load whose rows this one hangs on, if that is what fed it and if it can be loaded eagerly as a whole."""
    if origin is None or not origin.matches_owner:
        return None
    fed_by = set(origin.indexes)
    feeding = (other for other in groups if other is not group and fed_by & set(other.indexes))
    return next((other for other in feeding if _loads_whole_relation(other)), None)


def _loads_whole_relation(group: QueryGroup) -> bool:
    orm = group.orm
    if orm is None or not group.lazy_load_count:
        return False
    return orm.cardinality == "one" or (orm.method in _WHOLE_COLLECTION and not group.roles.has_limit)
