"""Which earlier query's rows supplied a parameter. Profiles and tests only: it keeps fetched values for a while."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.agent.unit_of_work import Hit

MAX_SUPPLIERS = 12
MAX_VALUES = 200
_LONGEST_VALUE = 64
_Seen = defaultdict[object, dict[tuple[int, int], None]]
_Supply = tuple[tuple[int, int], ...]


def supplied_by(hits: Sequence[Hit], parameters: Sequence[tuple[object, ...]]) -> list[_Supply]:
    """For each hit, the (hit index, column) pairs whose rows hold one of its parameters, nearest first.

    Values of different types agree as the database's do: a UUID with its text, with and without dashes.
    """
    seen: _Seen = defaultdict(dict)
    answers: list[_Supply] = []
    for index, (hit, values) in enumerate(zip(hits, parameters, strict=True)):
        answers.append(_suppliers(values, seen))
        for row in hit.rows or ():
            _remember(index, row, seen)
    return answers


def _remember(index: int, row: object, seen: _Seen) -> None:
    values = row.values() if isinstance(row, Mapping) else row
    if not isinstance(values, Iterable) or isinstance(values, str | bytes):
        return
    for column, value in enumerate(values):
        key = _key(value)
        if key is not None:
            seen[key][index, column] = None


def _suppliers(values: tuple[object, ...], seen: _Seen) -> _Supply:
    found: dict[tuple[int, int], None] = {}
    for value in values[:MAX_VALUES]:
        key = _key(value)
        if key is not None and key in seen:
            found.update(dict.fromkeys(islice(reversed(seen[key]), MAX_SUPPLIERS)))
    return tuple(sorted(found, key=lambda place: (-place[0], place[1]))[:MAX_SUPPLIERS])


def _key(value: object) -> object:
    """A hashable form that supplies can be looked up by; ``None`` for what says nothing."""
    if isinstance(value, str):
        return value.replace("-", "").lower() if 0 < len(value) <= _LONGEST_VALUE else None
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, int):
        return None if isinstance(value, bool) else int(value)
    return value if isinstance(value, bytes) and len(value) <= _LONGEST_VALUE else None
