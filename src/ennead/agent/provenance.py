"""Which earlier query's rows supplied a parameter. Profiles and tests only: it keeps fetched values for a while."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.agent.unit_of_work import Hit

MAX_SUPPLIERS = 12
_LONGEST_VALUE = 64
_Supply = tuple[tuple[int, int], ...]


def supplied_by(hits: Sequence[Hit], parameters: Sequence[tuple[object, ...]]) -> list[_Supply]:
    """For each hit, the (hit index, column) pairs whose rows hold one of its parameters, nearest first.

    Values of different types agree as the database's do: a UUID with its text, with and without dashes.
    """
    seen: defaultdict[object, dict[tuple[int, int], None]] = defaultdict(dict)
    answers: list[_Supply] = []
    for index, (hit, values) in enumerate(zip(hits, parameters, strict=True)):
        answers.append(_suppliers(values, seen))
        for row in hit.rows or ():
            _remember(index, row, seen)
    return answers


def _remember(index: int, row: object, seen: defaultdict[object, dict[tuple[int, int], None]]) -> None:
    try:
        columns = list(enumerate(row))  # type: ignore[call-overload,unused-ignore] -- any sequence a driver calls a row
    except TypeError:
        return
    for column, value in columns:
        key = _key(value)
        if key is not None:
            seen[key][index, column] = None


def _suppliers(values: tuple[object, ...], seen: defaultdict[object, dict[tuple[int, int], None]]) -> _Supply:
    found: dict[tuple[int, int], None] = {}
    for value in values:
        key = _key(value)
        if key is not None and key in seen:
            found.update(seen[key])
    return tuple(sorted(found, key=lambda place: (-place[0], place[1]))[:MAX_SUPPLIERS])


def _key(value: object) -> object:
    """A hashable form that supplies can be looked up by; ``None`` for what says nothing."""
    kind = type(value)
    if kind is int:
        return value
    if kind is str:
        return value.replace("-", "").lower() if 0 < len(value) <= _LONGEST_VALUE else None  # type: ignore[attr-defined]
    if kind is UUID:
        return value.hex  # type: ignore[attr-defined]
    if value is None or kind in (bool, float):
        return None
    return value if isinstance(value, bytes) and len(value) <= _LONGEST_VALUE else None
