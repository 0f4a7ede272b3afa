"""What sequence models share: steps of small numbers, the two things that are predicted, and how streams are read.

A step is one event as a tuple of factors; each factor is a small number below its size. The first factor is the
*symbol*: what the next event is predicted by. Models know nothing of what the factors mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Step = tuple[int, ...]


class Prediction(NamedTuple):
    """What a model says after an event."""

    alarm: float
    """Probability, 0 to 1, that this event belongs to a run that somebody wants to be warned of."""
    next_symbol: tuple[float, ...]
    """Distribution of the next event's symbol; sums to 1."""


class Reader(Protocol):
    """Reads one stream, event by event."""

    def read(self, step: Step, /) -> Prediction:
        """Take the next event."""


class SequenceModel(Protocol):
    """Predicts along a stream of events."""

    @property
    def name(self) -> str:
        """Name of the kind of model."""

    def begin(self, route: str | None = None) -> Reader:
        """A reader for one new stream; ``route`` tells streams of one origin apart from others."""


class LabelledStream(NamedTuple):
    """A stream with the truth about it."""

    steps: tuple[Step, ...]
    alarms: tuple[int, ...]
    """For each step: 1 to be warned of, 0 not, -1 nobody knows."""
    weights: tuple[float, ...]
    """For each step: how much it counts; repeated sights of one thing share the weight of one."""


def read_all(model: SequenceModel, steps: Iterable[Step], route: str | None = None) -> Iterator[Prediction]:
    """The predictions after each step of one stream.

    Examples
    --------
    >>> from ennead.learners.repetition import RepetitionRule
    >>> rule = RepetitionRule(symbols=3, repeat=0, times=1)
    >>> [round(prediction.alarm, 2) for prediction in read_all(rule, [(2, 0), (0, 1), (0, 2)])]
    [0.0, 0.5, 0.67]
    """
    reader = model.begin(route)
    return (reader.read(step) for step in steps)


def check_sizes(sizes: object) -> tuple[int, ...]:
    """The sizes of the factors, as read from JSON.

    Raises
    ------
    EnneadError
        They are no list of whole numbers from 1 to 1,000.
    """
    if (
        not isinstance(sizes, list) or not sizes or not all(type(size) is int and 0 < size <= 1000 for size in sizes)  # noqa: PLR2004 -- more is no small number
    ):
        message = "sizes of the factors must be a list of whole numbers from 1 to 1000: write the model anew"
        raise EnneadError(message)
    return tuple(sizes)


def uniform(count: int) -> tuple[float, ...]:
    """The distribution of somebody who knows nothing."""
    return (1.0 / count,) * count


def most_likely(distribution: Sequence[float]) -> int:
    """The symbol that is predicted; the first among equals."""
    return max(range(len(distribution)), key=distribution.__getitem__)
