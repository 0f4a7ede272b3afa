"""The median of many paired comparisons, and how far they scatter."""

from collections.abc import Iterable, Sequence
from statistics import median, quantiles
from typing import NamedTuple


class Spread(NamedTuple):
    """Median and quartiles."""

    median: float
    low: float
    high: float

    def told(self, digits: int = 2) -> str:
        """For a table.

        >>> Spread(1.041, 1.0, 1.108).told()
        '1.04 (1.00 - 1.11)'
        """
        return f"{self.median:.{digits}f} ({self.low:.{digits}f} - {self.high:.{digits}f})"


def spread(values: Iterable[float]) -> Spread:
    """Median and quartiles of at least one value.

    >>> spread([3.0, 1.0, 2.0])
    Spread(median=2.0, low=1.0, high=3.0)
    """
    known = sorted(values)
    low, _, high = quantiles(known, n=4) if len(known) > 1 else (known[0],) * 3
    return Spread(median(known), low, high)


def ratios(numerators: Sequence[float], denominators: Sequence[float]) -> Spread:
    """Round by round, one divided by the other: what slows the machine down slows both.

    >>> ratios([2.0, 4.0, 30.0], [1.0, 2.0, 10.0]).median
    2.0
    """
    return spread(top / bottom for top, bottom in zip(numerators, denominators, strict=True))


def differences(greater: Sequence[float], smaller: Sequence[float], scale: float) -> Spread:
    """Round by round, the difference divided by ``scale``.

    >>> differences([2_000.0, 5_000.0], [1_000.0, 2_000.0], 1_000.0).median
    2.0
    """
    return spread((more - less) / scale for more, less in zip(greater, smaller, strict=True))
