"""What a relation's statement asks for on behalf of one parent: which columns equal which of its values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from sqlalchemy import CHAR, NCHAR, Enum, Integer, String, Uuid
from sqlalchemy.orm import with_parent
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import BindParameter

from ennead.sources.sqlalchemy.identity import IdentityMap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Dialect
    from sqlalchemy.orm import InstanceState, RelationshipProperty
    from sqlalchemy.types import TypeEngine

    Key = tuple[Any, ...]

_NO_LETTER_OR_DIGIT = re.compile(r"[^a-z0-9]+")
_NUMBER = re.compile(r"\d+")


class KeyPart(NamedTuple):
    """One equality: a column of the related or secondary table, and the parent's attribute."""

    attribute: str
    local: ColumnElement[Any]
    remote: ColumnElement[Any]


class RelationKey:
    """All the equalities of one relation; without any, the relation is refused."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[KeyPart, ...]) -> None:
        self.parts = parts

    def values_of(self, parent: InstanceState[Any]) -> Key | None:
        """A parent's values; ``None`` if one is not loaded, NULL, or of a type whose equality may not be Python's."""
        loaded = parent.dict
        values = tuple(loaded.get(part.attribute) for part in self.parts)
        return values if all(type(value) in (int, str, UUID) for value in values) else None

    def is_comparable(self, dialect: Dialect) -> bool:
        """Whether what the database finds equal can be told from what is equal in Python."""
        return all(
            _python_type(part.local.type, dialect) == _python_type(part.remote.type, dialect) is not None
            for part in self.parts
        )


_KNOWN = IdentityMap[RelationKey]()


def relation_key(relationship: RelationshipProperty[Any], parent: InstanceState[Any]) -> RelationKey:
    """The key of a relation, read once. It depends on the relation only, ``parent`` is any object that has it."""
    known = _KNOWN.get(relationship)
    if known is None:
        known = _KNOWN.set(relationship, RelationKey(_key_parts(relationship, parent)))
    return known


def refuse_for_good(relationship: RelationshipProperty[Any]) -> None:
    """The database found rows for values that nobody asked for: its equality is not Python's."""
    _KNOWN.set(relationship, RelationKey(()))


def forget_keys() -> None:
    """Forget what was read."""
    _KNOWN.clear()


def _key_parts(relationship: RelationshipProperty[Any], parent: InstanceState[Any]) -> tuple[KeyPart, ...]:
    """All parts, or none if the statement asks for something of the parent in another form."""
    target = relationship.mapper
    mappers = (*target.self_and_descendants, *target.iterate_to_root())
    if relationship.entity.is_aliased_class or any(mapper.concrete for mapper in mappers):
        return ()
    attributes = dict(_column_attributes(relationship))
    parts = tuple(
        KeyPart(attributes[local], local, remote)
        for local, remote in _pairs(relationship)
        if local in attributes
        and not (relationship.secondary is not None and remote.table is not relationship.secondary)
    )
    return parts if len(parts) == _asked_of_parent(relationship, parent) else ()


def _pairs(relationship: RelationshipProperty[Any]) -> Iterable[tuple[ColumnElement[Any], ColumnElement[Any]]]:
    """Pairs of a parent's column and the one that is compared with it. Through a secondary table there are others."""
    primary = relationship.synchronize_pairs if relationship.secondary is not None else relationship.local_remote_pairs
    return primary or ()


def _column_attributes(relationship: RelationshipProperty[Any]) -> Iterable[tuple[ColumnElement[Any], str]]:
    for attribute in relationship.parent.column_attrs:
        for column in attribute.columns:
            yield column, attribute.key


def _asked_of_parent(relationship: RelationshipProperty[Any], parent: InstanceState[Any]) -> int:
    """How many of the parent's values the statement has: they are the ones that are computed from the instance."""
    criterion = with_parent(parent.object, relationship.class_attribute)
    binds = (element for element in visitors.iterate(criterion) if isinstance(element, BindParameter))
    return sum(bind.callable is not None for bind in binds)


def _python_type(declared: TypeEngine[Any], dialect: Dialect) -> type | None:
    """The type of a column's values if their equality is known: integers, UUIDs, and most texts."""
    for kind in (declared, declared.dialect_impl(dialect)):
        if not type(kind).__module__.startswith("sqlalchemy."):
            return None
    if isinstance(declared, Integer):
        return int
    if isinstance(declared, Uuid):
        return UUID if declared.as_uuid else str
    if isinstance(declared, String) and not isinstance(declared, CHAR | NCHAR | Enum) and declared.collation is None:
        return str
    return None


def are_distinct(keys: Iterable[Key]) -> bool:
    """Whether no database could take two of these keys for the same, whatever its collation ignores.

    Examples
    --------
    >>> are_distinct([("ada",), ("emmy",)]), are_distinct([("ada",), ("Ada",)]), are_distinct([("no 1",), ("no-01",)])
    (True, False, False)
    """
    keys = list(keys)
    folded = {tuple(map(_folded, key)) for key in keys}
    return len(folded) == len(keys) and all(_is_ascii(value) for key in keys for value in key)


def _folded(value: object) -> object:
    if not isinstance(value, str):
        return value
    return _NUMBER.sub(lambda number: str(int(number[0])), _NO_LETTER_OR_DIGIT.sub("", value.lower()))


def _is_ascii(value: object) -> bool:
    return not isinstance(value, str) or value.isascii()
