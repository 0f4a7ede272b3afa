"""Which streams each fold trains with, and which applications it is measured on.

`evaluation` is the split of `bench/ml/split.toml`. `first half` and `second half` of the training applications choose
the thresholds, each on the other's applications. `without <application>` leaves one out.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from bench.early_warning.streams import FILE, generated, split
from ennead.training.streams import UnitStream, read_streams

MOST = 150
"""Streams of one application and level that are trained with: none is to outweigh the others."""
MOST_GENERATED = 300
SUITES = ("django-suite", "sqlalchemy-suite")
LARGEST = 12
"""Rows a table of the units of work that are measured on; smaller ones are seen before, by the prior of the route."""


@dataclass(frozen=True)
class Fold:
    name: str
    train: tuple[str, ...]
    measure: tuple[str, ...]

    @property
    def file_stem(self) -> str:
        return self.name.replace(" ", "-")


def evaluation_fold() -> Fold:
    training, evaluation = split()
    return Fold("evaluation", (*training, *SUITES), tuple(evaluation))


def threshold_folds() -> tuple[Fold, Fold]:
    """Each half has one application of each ORM, and one of the suites."""
    training, _ = split()
    first, second = tuple(training[::2]), tuple(training[1::2])
    return (
        Fold("first half", (*first, SUITES[0]), second),
        Fold("second half", (*second, SUITES[1]), first),
    )


def leave_one_out() -> Iterator[Fold]:
    training, evaluation = split()
    everything = (*training, *evaluation)
    for name in everything:
        yield Fold(f"without {name}", (*(other for other in everything if other != name), *SUITES), (name,))


class Corpus:
    """All streams, read once."""

    def __init__(self) -> None:
        self._streams = list(read_streams(FILE))
        self._generated = list(read_streams(generated()))

    def training(self, fold: Fold) -> list[UnitStream]:
        """A choice of the fold's streams, the same each time."""
        own = [stream for stream in self._streams if stream.application in fold.train]
        return [*_choice(own, MOST), *_choice(self._generated, MOST_GENERATED)]

    def measured(self, application: str, level: str) -> list[UnitStream]:
        """The units of work of one application that models are measured on."""
        return [stream for stream in self.of(application, level) if stream.rows == LARGEST]

    def earlier(self, application: str, level: str) -> list[UnitStream]:
        """Smaller sights of the same routes: what a prior of the route has seen before."""
        return [stream for stream in self.of(application, level) if stream.rows < LARGEST]

    def of(self, application: str, level: str) -> list[UnitStream]:
        return [each for each in self._streams if each.application == application and each.level == level]


def _choice(streams: Sequence[UnitStream], most: int) -> list[UnitStream]:
    shuffled = list(streams)
    Random(11).shuffle(shuffled)
    taken: Counter[tuple[str, str]] = Counter()
    chosen = []
    for stream in shuffled:
        key = (stream.application, stream.level)
        if taken[key] < most and stream.groups:
            taken[key] += 1
            chosen.append(stream)
    return chosen
