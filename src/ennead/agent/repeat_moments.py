"""At which repeats of a place it is worth looking at what was recorded so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ennead.agent.call_path import CallPath
    from ennead.agent.unit_of_work import Hit, UnitOfWork

_MOMENTS = frozenset({2, 3, 4, 6, 12, 48, 192, 768})
_MOST = 50
"""Of one recording: what is not certain by then is told at its end."""


class RepeatMoments:
    """Counts the queries of each place.

    Parameters
    ----------
    first
        No look before so many repeats, and one at this number.
    """

    def __init__(self, first: int = 2) -> None:
        self._moments = frozenset({first, *(moment for moment in _MOMENTS if moment > first)})
        self._counts: dict[tuple[UnitOfWork, CallPath], int] = {}
        self._free = _MOST

    def begin(self) -> None:
        """Forget everything."""
        self._counts.clear()
        self._free = _MOST

    def is_now(self, unit: UnitOfWork, hit: Hit) -> bool:
        """Count a query; whether to look now."""
        place = (unit, hit.site.path)
        count = self._counts[place] = self._counts.get(place, 0) + 1
        if count not in self._moments or not self._free:
            return False
        self._free -= 1
        return True
