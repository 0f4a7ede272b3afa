"""Relations between two models."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple


class Relation(NamedTuple):
    """One relation between two models, as the rows of ``owner`` call it."""

    owner: str
    name: str
    target: str
    cardinality: Literal["one", "many"]

    @classmethod
    def of_field(cls, model: Any, name: str) -> Relation:
        """A relation that a model has, declared there or on the other side."""
        meta = model._meta
        is_many = name in meta.backward_fk_fields or name in meta.m2m_fields
        return cls(model.__name__, name, meta.fields_map[name].related_model.__name__, "many" if is_many else "one")
