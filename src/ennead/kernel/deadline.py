"""A cooperative deadline: nothing is interrupted, work asks between its steps."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class DeadlineExceededError(Exception):
    """The time is up."""


class Deadline:
    """A point in time after which :meth:`check` raises.

    Parameters
    ----------
    seconds
        From now; ``inf`` for none.
    clock
        Seconds, monotonic; replaced in tests.

    Examples
    --------
    >>> Deadline(60.0).check()
    >>> Deadline(-1.0).check()
    Traceback (most recent call last):
    ...
    ennead.kernel.deadline.DeadlineExceededError
    """

    __slots__ = ("_clock", "_end")

    def __init__(self, seconds: float, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._end = clock() + seconds

    @property
    def remaining_seconds(self) -> float:
        """May be negative."""
        return self._end - self._clock()

    def check(self) -> None:
        """Raise if the time is up.

        Raises
        ------
        DeadlineExceededError
            The deadline passed.
        """
        if self._clock() > self._end:
            raise DeadlineExceededError
