"""The prior of a route: what happened at this place of earlier streams of the same route happens again.

Learnt where it is used, kept in memory, and bounded; it is never shipped, since it is keyed by names of routes.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from ennead.learners.sequence import Prediction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.learners.sequence import LabelledStream, Step

_PRIOR_COUNT = 1.0


class RoutePrior:
    """Shares of alarms and of symbols at each position of a route's streams, shrunk to those of all routes.

    Parameters
    ----------
    symbols
        How many symbols there are.
    position
        The factor that numbers different events by their first appearance: what a position is.
    max_routes
        Bound; the route that was not learnt of for longest is forgotten.

    Examples
    --------
    >>> from ennead.learners.sequence import LabelledStream, read_all
    >>> prior = RoutePrior(symbols=2, position=1)
    >>> for _ in range(3):
    ...     prior.learn("GET /", LabelledStream(((1, 0), (1, 1), (0, 1)), (0, 1, 1), (1.0, 1.0, 1.0)))
    >>> [round(each.alarm, 2) for each in read_all(prior, [(1, 0), (1, 1)], "GET /")]
    [0.15, 0.94]
    """

    name = "route prior"

    def __init__(self, symbols: int, position: int, *, max_routes: int = 1_000) -> None:
        self._position = position
        self._max_routes = max_routes
        self._routes: OrderedDict[str, dict[int, _Share]] = OrderedDict()
        self._everywhere = _Share(symbols)

    def begin(self, route: str | None = None) -> _Reader:
        """A reader that knows what the route did before."""
        return _Reader(self._routes.get(route or "", {}), self._everywhere, self._position)

    def learn(self, route: str | None, stream: LabelledStream) -> None:
        """Remember one stream of a route."""
        positions = self._positions(route or "")
        following: Sequence[Step | None] = (*stream.steps[1:], None)
        for step, alarm, after in zip(stream.steps, stream.alarms, following, strict=True):
            own = positions.setdefault(step[self._position], _Share(len(self._everywhere.next)))
            for share in (own, self._everywhere):
                share.add(alarm, None if after is None else after[0])

    def _positions(self, route: str) -> dict[int, _Share]:
        known = self._routes.setdefault(route, {})
        self._routes.move_to_end(route)
        if len(self._routes) > self._max_routes:
            self._routes.popitem(last=False)
        return known


class _Share:
    """How often something was so, and which symbol came next."""

    def __init__(self, symbols: int) -> None:
        self.alarms = 0.0
        self.known = 0.0
        self.next = [0.0] * symbols
        self.total = 0.0

    def add(self, alarm: int, symbol: int | None) -> None:
        if alarm >= 0:
            self.known += 1.0
            self.alarms += alarm
        if symbol is not None:
            self.next[symbol] += 1.0
            self.total += 1.0

    def alarm(self, prior: float) -> float:
        return (self.alarms + _PRIOR_COUNT * prior) / (self.known + _PRIOR_COUNT)

    def symbols(self, prior: Sequence[float]) -> tuple[float, ...]:
        whole = self.total + _PRIOR_COUNT
        return tuple((count + _PRIOR_COUNT * share) / whole for count, share in zip(self.next, prior, strict=True))


class _Reader:
    def __init__(self, positions: dict[int, _Share], everywhere: _Share, position: int) -> None:
        self._positions = positions
        self._position = position
        count = len(everywhere.next)
        self._before = Prediction(everywhere.alarm(0.0), everywhere.symbols((1.0 / count,) * count))

    def read(self, step: Step) -> Prediction:
        """Look up the position."""
        share = self._positions.get(step[self._position])
        if share is None:
            return self._before
        return Prediction(share.alarm(self._before.alarm), share.symbols(self._before.next_symbol))
