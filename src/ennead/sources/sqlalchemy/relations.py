"""What a relationship's loader says: which relation of which model it loads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import RelationshipProperty

from ennead.kernel.records import OrmEvidence
from ennead.sources.sqlalchemy.identity import IdentityMap

if TYPE_CHECKING:
    from sqlalchemy.orm import Mapper


class RelationEvidence:
    """The evidence for one relationship, made once. Holds names only: models can be collected."""

    __slots__ = ("eager", "lazy")

    def __init__(self, relationship: RelationshipProperty[Any]) -> None:
        self.lazy = _evidence(relationship, eager=False)
        self.eager = _evidence(relationship, eager=True)


_KNOWN = IdentityMap[RelationEvidence]()


def relation_evidence(path: Any, *, is_lazy: bool) -> OrmEvidence | None:
    """Evidence for a statement that loads a relation; ``None`` if its loader's path names none.

    Lazy loaders work on behalf of one object, eager ones for all rows at once.
    """
    known = _KNOWN.get(path[-1]) or _remember(path)
    if known is None:
        return None
    return known.lazy if is_lazy else known.eager


def forget_relations() -> None:
    """Forget what was made."""
    _KNOWN.clear()


def _remember(path: Any) -> RelationEvidence | None:
    """Where a loader's path does not end with the relationship, it ends with the entity that it leads to."""
    for element in reversed(path[-2:]):
        if isinstance(element, RelationshipProperty):
            return _KNOWN.set(path[-1], RelationEvidence(element))
    return None


def _evidence(relationship: RelationshipProperty[Any], *, eager: bool) -> OrmEvidence:
    owner, target = label(relationship.parent), label(relationship.mapper)
    return OrmEvidence(
        library="sqlalchemy",
        lazy_load=not eager,
        kind="relation",
        relation=f"{owner}.{relationship.key}",
        owner=owner,
        target=target,
        cardinality="many" if relationship.uselist else "one",
        models=(target,),
        eager=eager,
    )


def label(mapper: Mapper[Any]) -> str:
    """What users call a model: its class."""
    return mapper.class_.__name__
