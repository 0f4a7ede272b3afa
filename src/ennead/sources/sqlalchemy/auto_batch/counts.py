"""What automatic batching did in this process, counted."""

from __future__ import annotations

from collections import Counter

from ennead.sources.sqlalchemy.connections import count_internal_error

COUNTS: Counter[str] = Counter()
"""``batched`` and ``answered`` loads, ``internal error``, and ``refused: why``."""


def refuse(why: str) -> None:
    """Count a load that is left to the ORM though it was a sibling's."""
    COUNTS[f"refused: {why}"] += 1


def count_failure() -> None:
    """Count an error of our own: the host never sees it, the ORM loads as ever."""
    COUNTS["internal error"] += 1
    count_internal_error()
