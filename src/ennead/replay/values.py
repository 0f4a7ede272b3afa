"""Return values in canonical form: two runs that returned the same say the same, in JSON values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from hashlib import blake2b
from itertools import islice
from typing import Any
from uuid import UUID

_DEEPEST = 50
_MOST_ITEMS = 20_000
"""Items of one collection that are told in full; the rest is told by a digest."""
_MOST_REST_ITEMS = 1_000_000
_MOST_COLLECTIONS = 500_000
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_PLAIN = (Decimal, date, datetime, time, timedelta, UUID, complex)


def canonical(value: object) -> Any:
    """A value as JSON values, its type included where JSON has none for it.

    Rows of an ORM are told by their model and the columns that are loaded; lazy query sets are run. Sets and mappings
    have no order. What cannot be told is told by ``repr`` without addresses, what contains itself by its type.

    Parameters
    ----------
    value
        Anything.

    Examples
    --------
    >>> canonical({"total": Decimal("1.50"), "ids": {3, 1}})
    {'total': {'Decimal': '1.50'}, 'ids': {'set': [1, 3]}}
    """
    return _Teller().tell(value)


class _Teller:
    """Tells one value: it knows which collections it is inside of, and how many it has told."""

    def __init__(self) -> None:
        self._inside: set[int] = set()
        self._count = 0

    def tell(self, value: object) -> Any:
        if value is None or isinstance(value, bool | int | str):
            return value
        if isinstance(value, float):
            return value if value == value and abs(value) != float("inf") else {"float": repr(value)}  # noqa: PLR0124 -- nan
        if isinstance(value, Enum):
            return {type(value).__qualname__: value.name}
        if isinstance(value, _PLAIN):
            return {type(value).__name__: str(value)}
        if isinstance(value, bytes | bytearray | memoryview):
            return {"bytes": len(value), "digest": blake2b(bytes(value), digest_size=16).hexdigest()}
        self._count += 1
        if id(value) in self._inside or len(self._inside) >= _DEEPEST or self._count > _MOST_COLLECTIONS:
            return {"deeper": type(value).__qualname__}
        self._inside.add(id(value))
        try:
            return self._collection(value)
        finally:
            self._inside.discard(id(value))

    def _collection(self, value: Any) -> Any:
        row = _row(value)
        if row is not None:
            return self._named(value, row)
        if is_dataclass(value) and not isinstance(value, type):
            return self._named(value, {each.name: getattr(value, each.name) for each in fields(value)})
        if isinstance(value, type):
            return self._thing(value)
        if _is_mapping(value):
            return self._mapping({key: value[key] for key in value.keys()})  # noqa: SIM118 -- not all iterate over them
        if isinstance(value, AbstractSet):
            return {"set": sorted((self.tell(each) for each in value), key=_sort_key)}
        if _is_response(value):
            return {type(value).__qualname__: {"status": value.status_code, "body": self.tell(list(value))}}
        if isinstance(value, Iterable):
            return self._items(iter(value))
        return self._thing(value)

    def _items(self, items: Iterator[object]) -> list[Any]:
        told = [self.tell(each) for each in islice(items, _MOST_ITEMS)]
        digest, count = blake2b(digest_size=16), 0
        for count, each in enumerate(islice(items, _MOST_REST_ITEMS), 1):  # noqa: B007 -- the last one is what counts
            digest.update(_sort_key(self.tell(each)).encode() + b"\n")
        return [*told, {"further items": count, "digest": digest.hexdigest()}] if count else told

    def _mapping(self, value: Mapping[Any, Any]) -> Any:
        if all(isinstance(key, str) for key in value):
            return {str(key): self.tell(each) for key, each in value.items()}
        pairs = ([self.tell(key), self.tell(each)] for key, each in value.items())
        return {"mapping": sorted(pairs, key=_sort_key)}

    def _named(self, value: object, attributes: Mapping[str, Any]) -> Any:
        return {type(value).__qualname__: {name: self.tell(each) for name, each in sorted(attributes.items())}}

    def _thing(self, value: object) -> Any:
        shown = _ADDRESS.sub("", repr(value))
        if shown.startswith("<") and not callable(value):
            attributes = _attributes(value)
            if attributes:
                return self._named(value, attributes)
        return {type(value).__qualname__: shown}


def _is_mapping(value: Any) -> bool:
    """Whether it is one, by name or by what it can do, as a data frame."""
    return isinstance(value, Mapping) or (hasattr(value, "keys") and hasattr(value, "__getitem__"))


def _is_response(value: Any) -> bool:
    """Whether it is a response of Django, which is iterated over by parts of its body."""
    return hasattr(value, "status_code") and hasattr(value, "headers") and isinstance(value, Iterable)


def _row(value: object) -> dict[str, Any] | None:
    """Loaded columns of a Django or SQLAlchemy object; relations are not followed."""
    meta = getattr(type(value), "_meta", None)
    if meta is not None and hasattr(meta, "concrete_fields"):
        loaded = vars(value)
        return {field.attname: loaded[field.attname] for field in meta.concrete_fields if field.attname in loaded}
    mapper = getattr(type(value), "__mapper__", None)
    if mapper is not None and hasattr(mapper, "column_attrs"):
        loaded = vars(value)
        return {column.key: loaded[column.key] for column in mapper.column_attrs if column.key in loaded}
    return None


def _attributes(value: object) -> dict[str, Any]:
    """Public attributes of an object, those in slots too."""
    slots = (name for each in type(value).__mro__ for name in _names_of(getattr(each, "__slots__", ())))
    found = {name: getattr(value, name) for name in slots if hasattr(value, name)}
    found.update(getattr(value, "__dict__", None) or {})
    return {name: each for name, each in found.items() if not name.startswith("_")}


def _names_of(slots: str | Iterable[str]) -> Iterable[str]:
    return (slots,) if isinstance(slots, str) else slots


def _sort_key(told: object) -> str:
    return json.dumps(told, sort_keys=True)
