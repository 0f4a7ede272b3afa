"""The whole path of a nested relation: order line -> product -> supplier is one path, not three."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.domains.nplusone.origins import find_origin

if TYPE_CHECKING:
    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.rules import Evidence

_DEEPEST = 5


def relation_path(evidence: Evidence, *, qualified: bool = False) -> tuple[list[str], bool]:
    """Relation names from the collection's model to the relation loaded, and whether all of them lead to one row.

    Parameters
    ----------
    evidence
        Of the innermost relation.
    qualified
        With the owner's name in front (``Order.customer``), as SQLAlchemy's loader options want it.
    """
    names: list[str] = []
    single = True
    group: QueryGroup | None = evidence.group
    while group is not None and group.orm is not None and group.orm.relation and len(names) < _DEEPEST:
        relation = group.orm.relation
        name = relation if qualified else relation.rsplit(".", 1)[-1]
        if name in names:
            break
        names.insert(0, name)
        single = single and group.orm.cardinality == "one"
        group = _feeding_group(group, evidence)
    return names, single


def _feeding_group(group: QueryGroup, evidence: Evidence) -> QueryGroup | None:
    """The lazy load whose rows this one hangs on, if that is what fed it."""
    origin = find_origin(group, evidence.groups)
    if origin is None or not origin.matches_owner:
        return None
    fed_by = set(origin.indexes)
    return next(
        (
            other
            for other in evidence.groups
            if other is not group and other.lazy_load_count and fed_by & set(other.indexes)
        ),
        None,
    )
