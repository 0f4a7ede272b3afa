"""How code names what evidence calls by label: models and the relations between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ennead.kernel.records import OrmEvidence


def model_of(label: str | None) -> str:
    """Class name of a label.

    >>> model_of("shop.Order")
    'Order'
    """
    return (label or "the model").rsplit(".", 1)[-1]


def field_of(orm: OrmEvidence) -> str:
    """Name of the relation, as the owner's rows call it."""
    return (orm.relation or "").rsplit(".", 1)[-1]


def target_of(orm: OrmEvidence) -> str:
    """Class name of the model that was loaded."""
    return model_of(orm.target or next(iter(orm.models), None))


def query_name_of(orm: OrmEvidence) -> str:
    """Name of a Django relation in look-ups and annotations: ``line`` for what the rows call ``line_set``."""
    field = field_of(orm)
    default = target_of(orm).lower()
    return default if field == f"{default}_set" else field
