"""The repetition rule: what has repeated goes on repeating. The yardstick for every other sequence model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.learners.sequence import Prediction

if TYPE_CHECKING:
    from ennead.learners.sequence import Step

_STAYS = 0.5


class RepetitionRule:
    """Warns the more, the more often an event has happened; expects the last one again.

    It learns nothing. The ``times`` factor counts how often the event has been there before, in steps of its own
    choice; at ``n`` the alarm is ``n / (n + 1)``.

    Parameters
    ----------
    symbols
        How many symbols there are.
    repeat
        The symbol of an event that repeats the one before.
    times
        The position of the factor that counts.
    """

    name = "repetition"

    def __init__(self, symbols: int, repeat: int, times: int) -> None:
        rest = (1.0 - _STAYS) / (symbols - 1)
        self._next = tuple(_STAYS if symbol == repeat else rest for symbol in range(symbols))
        self._times = times

    def begin(self, route: str | None = None) -> RepetitionRule:  # noqa: ARG002 -- it remembers nothing of a route
        """Itself: there is no state."""
        return self

    def read(self, step: Step) -> Prediction:
        """Count."""
        count = step[self._times]
        return Prediction(count / (count + 1.0), self._next)
