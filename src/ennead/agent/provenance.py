"""Which earlier query's rows supplied a parameter. Profiles and tests only: it keeps fetched values for a while."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from ennead.kernel.records import Supply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.agent.unit_of_work import Hit

MAX_SUPPLIERS = 24
MAX_VALUES = 200
_LONGEST_VALUE = 64
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,9})?")
_Seen = defaultdict[object, dict[tuple[int, int], int]]
"""Value to (statement, column) to the latest query that fetched it there, the latest last."""
_Place = tuple[int, int, int]
"""Negative number of a query, column, position of the parameter: in the order in which supplies are told."""


def supplied_by(hits: Sequence[Hit], parameters: Sequence[tuple[object, ...]]) -> list[tuple[Supply, ...]]:
    """For each hit, the earlier hits whose rows hold one of its parameters: the latest of each statement and column.

    Values of different types agree as the database's do: a UUID with its text, with and without dashes.
    """
    seen: _Seen = defaultdict(dict)
    made: dict[_Place, Supply] = {}
    answers: list[tuple[Supply, ...]] = []
    for index, (hit, values) in enumerate(zip(hits, parameters, strict=True)):
        answers.append(tuple([made.get(place) or _make(place, made) for place in _suppliers(values, seen)]))
        statement = id(hit.site.statement)
        for row in hit.rows or ():
            _remember(index, statement, row, seen)
    return answers


def _remember(index: int, statement: int, row: object, seen: _Seen) -> None:
    values = row.values() if isinstance(row, Mapping) else row
    if not isinstance(values, Iterable) or isinstance(values, str | bytes):
        return
    for column, value in enumerate(values):
        key = _key(value)
        if key is not None:
            places = seen[key]
            places.pop((statement, column), None)
            places[statement, column] = index
            if len(places) > MAX_SUPPLIERS:  # texts with literals in them are each a statement of its own
                del places[next(iter(places))]


def _make(place: _Place, made: dict[_Place, Supply]) -> Supply:
    """Each of them once: the turns of a loop are supplied by the same rows."""
    query, column, position = place
    supply = made[place] = Supply(-query, column, position)
    return supply


def _suppliers(values: tuple[object, ...], seen: _Seen) -> list[_Place]:
    found: list[_Place] = []
    for position, value in enumerate(values[:MAX_VALUES]):
        key = _key(value)
        if key is not None and key in seen:
            found += [(-query, column, position) for (_, column), query in seen[key].items()]
    found.sort()
    return found[:MAX_SUPPLIERS]


def _key(value: object) -> object:
    """A hashable form that supplies can be looked up by; ``None`` for what says nothing."""
    if isinstance(value, str):
        return _text_key(value)
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, int | float | Decimal):
        return None if isinstance(value, bool) else float(value)
    return value if isinstance(value, bytes) and len(value) <= _LONGEST_VALUE else None


def _text_key(text: str) -> object:
    """Numbers as numbers: an embedded database hands a decimal back as text."""
    if not 0 < len(text) <= _LONGEST_VALUE:
        return None
    if _NUMBER.fullmatch(text):
        return float(text)
    return text.replace("-", "").lower()
