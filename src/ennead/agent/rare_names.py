"""Units of work that sampling would hardly ever choose: a page that is visited once an hour has problems, too."""

from __future__ import annotations

import re
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_NAMES = 1_024
"""Known at a time. While there are more, new names are left to chance: somebody may try out addresses."""
_WITH_DIGITS = re.compile(r"[^/\s]*\d[^/\s]*")


class RareNames:
    """When units of work of a name were recorded last.

    Parameters
    ----------
    clock
        Seconds that only grow.

    Examples
    --------
    >>> rare = RareNames(clock=iter([0.0, 30.0, 90.0]).__next__)
    >>> [rare.is_due(name, 60.0) for name in ("GET /orders/7/", "GET /orders/8/", "GET /orders/9/")]
    [True, False, True]
    """

    __slots__ = ("_clock", "_last")

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._last: dict[str, float] = {}

    def is_due(self, name: str, seconds: float) -> bool:
        """Whether nothing of this name was recorded for so long; if so, it counts as recorded now.

        Names that differ in parts with digits only are one: the route is not known when a request begins.
        """
        now, key = self._clock(), family_of(name)
        last = self._last.get(key)
        if last is None and len(self._last) >= MAX_NAMES:
            self._forget(now - seconds)
            if len(self._last) >= MAX_NAMES:
                return False
        if last is not None and now - last < seconds:
            return False
        self._last[key] = now
        return True

    def note(self, name: str) -> None:
        """Something of this name is recorded anyway."""
        key = family_of(name)
        if key in self._last or len(self._last) < MAX_NAMES:
            self._last[key] = self._clock()

    def _forget(self, before: float) -> None:
        self._last = {key: last for key, last in self._last.copy().items() if last >= before}


def family_of(name: str) -> str:
    """A name without the parts that tell one object from another.

    >>> family_of("GET /orders/17/lines/3f2a"), family_of("shop.tasks.report")
    ('GET /orders/*/lines/*', 'shop.tasks.report')
    """
    return _WITH_DIGITS.sub("*", name)
