"""Numbers as people read them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ennead.reporting.feeding import feeding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MS_PER_SECOND = 1_000
_TEN = 10
_SECONDS_PER_MINUTE = 60


def count(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun.

    >>> count(1, "query", "queries"), count(1200, "query", "queries"), count(0, "row")
    ('1 query', '1,200 queries', '0 rows')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def duration(milliseconds: float) -> str:
    """A time with two or three digits and the unit that fits.

    >>> [duration(ms) for ms in (0, 0.04, 0.66, 4.26, 41.9, 999.7, 1234.0, 75_000)]
    ['0 ms', '<0.1 ms', '0.7 ms', '4.3 ms', '42 ms', '1.0 s', '1.2 s', '1 min 15 s']
    """
    if milliseconds <= 0:
        return "0 ms"
    if milliseconds < 0.05:  # noqa: PLR2004 -- would round to 0.0
        return "<0.1 ms"
    if milliseconds < _TEN - 0.05:
        return f"{milliseconds:.1f} ms"
    if milliseconds < _MS_PER_SECOND - 0.5:
        return f"{milliseconds:.0f} ms"
    return _long_duration(milliseconds / _MS_PER_SECOND)


def _long_duration(seconds: float) -> str:
    if seconds < _TEN - 0.05:
        return f"{seconds:.1f} s"
    if seconds < _SECONDS_PER_MINUTE - 0.5:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), _SECONDS_PER_MINUTE)
    return f"{minutes:,} min {rest} s"


def known_evidence(evidence: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A finding's evidence in words; what is not known, or empty, is left out.

    >>> list(known_evidence({"varying_columns": ["id", "name"], "supplied_ratio": 0.25, "library": None}))
    [('varying columns', 'id, name'), ('supplied ratio', '0.25')]
    """
    for name, value in evidence.items():
        if value not in (None, "", [], {}):
            yield name.replace("_", " "), feeding(value) if name == "fed_by" else _in_words(value)


def _in_words(value: Any) -> str:
    if isinstance(value, list | tuple) and all(isinstance(item, str | int | float) for item in value):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value)
