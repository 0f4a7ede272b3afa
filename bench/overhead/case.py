"""A case: one sort of database work, the same under every variant and every tool."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple


class Case(NamedTuple):
    """Work in two steps, so that only the second one is timed."""

    name: str
    query_count: int
    """Of one ``run``."""
    prepare: Callable[[], Any]
    """Makes what ``run`` takes: rows that nothing was loaded for yet, an open cursor."""
    run: Callable[[Any], object]


class Variant(NamedTuple):
    """A way to run a case."""

    name: str
    active: Callable[[], AbstractContextManager[object]]
    """While it is entered, the case runs this way."""


ROWS = 100
"""Of each main table, and of the rendered page."""
LOADS = 25
"""Lazy loads of one sample: few, so that the variants take turns every few milliseconds."""
SELECTS = 100
"""Of one sample."""
BARE = "bare"
BARE_AGAIN = "bare, again"
EMPTY_HOOK = "empty hook"
OUTSIDE = "installed, no unit of work"
IN_UNIT = "in a unit of work"
PROVENANCE = "with provenance (profile)"
SAMPLED_OUT = "sampled out"
