"""A Markov model with back-off: counts at contexts from the coarsest to the finest, each shrunk to the one before.

A context is what a *view* sees of the latest steps: a view lists pairs of lag and factor, ``(0, 2)`` for factor 2 of
the event itself, ``(1, 0)`` for the symbol of the one before. Interpolated back-off as in prediction by partial
matching, with additive weight: ``p = (count + weight * p_coarser) / (total + weight)``; it ends at the first context
that was never met. Memory is bounded: once there are as many contexts as allowed, new ones are not learnt.

The form, version 1::

    {"form": 1, "kind": "backoff", "sizes": [9, 5],      of the factors
     "weight": 2.0,
     "alarm_views": [[], [[0, 1]]],  "alarm_counts": [{"": [alarms, known]}, {"3": [1.0, 4.0]}],
     "next_views": [[], [[0, 0]]],   "next_counts": [{"": [n, n, ...]}, {"8": [...]}]}     one number for each symbol

Source: Cleary and Witten, *Data Compression Using Adaptive Coding and Partial String Matching* (1984); Bilmes and
Kirchhoff, *Factored Language Models and Generalized Parallel Backoff* (2003).
"""

from __future__ import annotations

from collections import deque
from math import isfinite
from typing import TYPE_CHECKING, Any

from ennead.kernel.errors import EnneadError
from ennead.learners.sequence import Prediction, check_sizes, uniform

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ennead.learners.sequence import LabelledStream, Step

FORM = 1
View = tuple[tuple[int, int], ...]
"""Pairs of lag and factor."""
Context = tuple[int, ...]
_OUTSIDE = -1
"""What a view sees before the beginning."""
_LONGEST_LAG = 16
_DIGITS = 4


class BackoffModel:
    """See the module.

    Parameters
    ----------
    sizes
        Sizes of the factors; that of the symbol first.
    alarm_views, next_views
        What each prediction looks at, the coarsest first.
    weight
        What a coarser context counts against the observations of a finer one.
    max_contexts
        Bound of the memory, over all views.

    Examples
    --------
    >>> from ennead.learners.sequence import LabelledStream, read_all
    >>> model = BackoffModel((2, 2), alarm_views=[(), ((0, 1),)], next_views=[(), ((0, 0),)])
    >>> model.learn(LabelledStream(((1, 0), (0, 1), (0, 1)), (0, 1, 1), (1.0, 1.0, 1.0)))
    >>> [round(each.alarm, 2) for each in read_all(model, [(1, 0), (0, 1)])]
    [0.4, 0.8]
    """

    name = "backoff"

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        alarm_views: Sequence[View],
        next_views: Sequence[View],
        weight: float = 2.0,
        max_contexts: int = 20_000,
    ) -> None:
        self.sizes = tuple(sizes)
        self.weight = weight
        self._alarms = _Table(alarm_views, 2)
        self._next = _Table(next_views, self.sizes[0])
        self._free = max_contexts
        views = (*alarm_views, *next_views)
        self._memory = 1 + max((lag for view in views for lag, _ in view), default=0)

    @property
    def context_count(self) -> int:
        """How many contexts it holds."""
        return self._alarms.context_count + self._next.context_count

    def begin(self, route: str | None = None) -> _Reader:  # noqa: ARG002 -- it makes no difference between routes
        """A reader at the beginning of a stream."""
        return _Reader(self._alarms, self._next, self.weight, self._memory)

    def learn(self, stream: LabelledStream) -> None:
        """Count one stream. Steps of unknown truth are counted for the next symbol only."""
        recent: deque[Step] = deque(maxlen=self._memory)
        last = len(stream.steps) - 1
        for position, step in enumerate(stream.steps):
            recent.appendleft(step)
            alarm, weight = stream.alarms[position], stream.weights[position]
            if alarm >= 0 and weight:
                self._free -= self._alarms.add(recent, ((0, weight * alarm), (1, weight)), self._free)
            if position < last:
                self._free -= self._next.add(recent, ((stream.steps[position + 1][0], 1.0),), self._free)

    def prune(self, least_alarms: float, least_next: float) -> None:
        """Forget the contexts that count less; what a view has forgotten, finer views are not asked about."""
        self._alarms.prune(lambda counts: counts[1] >= least_alarms)
        self._next.prune(lambda counts: sum(counts) >= least_next)

    def to_json(self) -> dict[str, Any]:
        """The form, see the module."""
        return {
            "form": FORM,
            "kind": self.name,
            "sizes": list(self.sizes),
            "weight": self.weight,
            "alarm_views": self._alarms.views_as_json(),
            "alarm_counts": self._alarms.counts_as_json(),
            "next_views": self._next.views_as_json(),
            "next_counts": self._next.counts_as_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> BackoffModel:
        """Read what :meth:`to_json` wrote.

        Raises
        ------
        EnneadError
            It has another form; the message says what is wrong.
        """
        if data.get("form") != FORM or data.get("kind") != cls.name:
            message = f"this is no back-off model of form {FORM}: write the model anew"
            raise EnneadError(message)
        sizes = check_sizes(data.get("sizes"))
        weight = data.get("weight")
        if not _is_count(weight) or not weight:
            message = f"weight of a back-off model must be a positive number, got {weight!r}"
            raise EnneadError(message)
        views = {name: _views(data.get(name), sizes, name) for name in ("alarm_views", "next_views")}
        model = cls(sizes, **views, weight=float(weight), max_contexts=0)
        model._alarms.fill(data.get("alarm_counts"), "alarm_counts")
        model._next.fill(data.get("next_counts"), "next_counts")
        return model


class _Table:
    """For each view the counts at its contexts."""

    def __init__(self, views: Sequence[View], width: int) -> None:
        self.views = tuple(views)
        self.width = width
        self.counts: list[dict[Context, list[float]]] = [{} for _ in self.views]

    @property
    def context_count(self) -> int:
        return sum(map(len, self.counts))

    def add(self, recent: deque[Step], changes: Sequence[tuple[int, float]], free: int) -> int:
        """Count at all views; returns how many contexts are new."""
        new = 0
        for view, counts in zip(self.views, self.counts, strict=True):
            context = _seen(view, recent)
            row = counts.get(context)
            if row is None:
                if new >= free:
                    break
                row = counts[context] = [0.0] * self.width
                new += 1
            for position, change in changes:
                row[position] += change
        return new

    def prune(self, keeps: Any) -> None:
        for counts in self.counts[1:]:
            for context in [context for context, row in counts.items() if not keeps(row)]:
                del counts[context]

    def views_as_json(self) -> list[list[list[int]]]:
        return [[list(pair) for pair in view] for view in self.views]

    def counts_as_json(self) -> list[dict[str, list[float]]]:
        return [
            {" ".join(map(str, context)): [_written(value) for value in row] for context, row in counts.items()}
            for counts in self.counts
        ]

    def fill(self, data: object, name: str) -> None:
        if not isinstance(data, list) or len(data) != len(self.views):
            message = f"{name} of a back-off model must have one table for each view"
            raise EnneadError(message)
        for view, counts, told in zip(self.views, self.counts, data, strict=True):
            for text, row in _items(told, name):
                if not isinstance(row, list) or len(row) != self.width or not all(map(_is_count, row)):
                    message = f"{name} of a back-off model must be {self.width} counts, got {row!r} at {text!r}"
                    raise EnneadError(message)
                counts[_context(text, len(view), name)] = [float(value) for value in row]


class _Reader:
    def __init__(self, alarms: _Table, following: _Table, weight: float, memory: int) -> None:
        self._alarms = alarms
        self._next = following
        self._weight = weight
        self._recent: deque[Step] = deque(maxlen=memory)

    def read(self, step: Step) -> Prediction:
        """Look the contexts up, the coarsest first."""
        self._recent.appendleft(step)
        return Prediction(self._alarm(), self._distribution())

    def _alarm(self) -> float:
        share, weight = 0.5, self._weight
        for view, counts in zip(self._alarms.views, self._alarms.counts, strict=True):
            row = counts.get(_seen(view, self._recent))
            if row is None:
                break
            share = (row[0] + weight * share) / (row[1] + weight)
        return share

    def _distribution(self) -> tuple[float, ...]:
        shares, weight = uniform(self._next.width), self._weight
        for view, counts in zip(self._next.views, self._next.counts, strict=True):
            row = counts.get(_seen(view, self._recent))
            if row is None:
                break
            whole = sum(row) + weight
            shares = tuple((count + weight * share) / whole for count, share in zip(row, shares, strict=True))
        return shares


def _written(value: float) -> float:
    """With few digits, and whole numbers as such: most are."""
    rounded = round(value, _DIGITS)
    return int(rounded) if rounded.is_integer() else rounded


def _seen(view: View, recent: deque[Step]) -> Context:
    count = len(recent)
    return tuple(recent[lag][factor] if lag < count else _OUTSIDE for lag, factor in view)


def _views(data: object, sizes: Sequence[int], name: str) -> tuple[View, ...]:
    if isinstance(data, list) and all(_is_view(view, sizes) for view in data):
        return tuple(tuple((lag, factor) for lag, factor in view) for view in data)
    message = f"{name} of a back-off model must be lists of pairs of lag and factor"
    raise EnneadError(message)


def _is_view(view: object, sizes: Sequence[int]) -> bool:
    return isinstance(view, list) and all(
        isinstance(pair, list)
        and len(pair) == 2  # noqa: PLR2004 -- lag and factor
        and all(type(number) is int and number >= 0 for number in pair)
        and pair[0] <= _LONGEST_LAG
        and pair[1] < len(sizes)
        for pair in view
    )


def _items(table: object, name: str) -> list[tuple[str, object]]:
    if isinstance(table, dict) and all(isinstance(text, str) for text in table):
        return list(table.items())
    message = f"{name} of a back-off model must be tables from contexts to counts"
    raise EnneadError(message)


def _context(text: str, length: int, name: str) -> Context:
    try:
        numbers = tuple(map(int, text.split()))
    except ValueError:
        numbers = ()
    if len(numbers) != length:
        message = f"{name} of a back-off model: {text!r} is no context of {length} numbers"
        raise EnneadError(message)
    return numbers


def _is_count(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and value >= 0
