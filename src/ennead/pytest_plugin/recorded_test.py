"""One test while it runs: its own unit of work, and those that ended meanwhile (the requests it made)."""

from __future__ import annotations

from copy import copy
from time import perf_counter_ns
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ennead.agent.unit_of_work import UnitOfWork
    from ennead.pytest_plugin.rules import Rules


class _Moment(NamedTuple):
    """How many queries and how many ended units of work there were."""

    hits: int
    ended: int


_BEGINNING = _Moment(0, 0)


class RecordedTest:
    """What a test did so far. A test that is run again begins anew.

    Parameters
    ----------
    name
        Its node id.
    rules
        What it lets pass.
    """

    def __init__(self, name: str, rules: Rules) -> None:
        self.name = name
        self.rules = rules
        self._unit: UnitOfWork | None = None
        self._ended: list[UnitOfWork] = []
        self._from = _BEGINNING
        self._to: _Moment | None = None
        self._is_set_up = True

    @property
    def is_running(self) -> bool:
        """Whether what is done now is the test's: it has begun, and is neither being set up nor torn down."""
        return self._unit is not None and self._is_set_up and self._to is None

    def begin(self, unit: UnitOfWork | None) -> None:
        """The test's own code begins; whatever an earlier attempt did is forgotten."""
        if unit is not self._unit:
            self._unit = unit
            self._ended.clear()
            self._from = _BEGINNING
        self._to = None

    def take(self, unit: UnitOfWork) -> None:
        """Hear of a unit of work that has ended meanwhile."""
        if self._unit is not None and unit.kind != "test":
            self._ended.append(unit)

    def begin_set_up(self) -> None:
        """What is done from now on is the set-up's."""
        self._is_set_up = False

    def end_set_up(self) -> None:
        """What was done until now was the set-up's."""
        self._is_set_up = True
        self._from = self._now()

    def tear_down(self) -> None:
        """What is done from now on is the tear-down's."""
        if self._to is None:
            self._to = self._now()

    def units(self) -> list[UnitOfWork]:
        """The test's own unit of work and those that ended in it, without what set-up and tear-down did."""
        end = self._to or self._now()
        own = [] if self._unit is None else [self.part_of(self._unit)]
        return [*own, *self._ended[self._from.ended : end.ended]]

    def part_of(self, unit: UnitOfWork) -> UnitOfWork:
        """A copy of a unit of work that may still go on; of the test's own one what is the test's."""
        part = copy(unit)
        part.hits = unit.hits[:]
        if unit is self._unit:
            part.hits = unit.hits[self._from.hits : self._to.hits if self._to else None]
        part.duration_ns = unit.duration_ns or perf_counter_ns() - unit.started_ns
        return part

    def _now(self) -> _Moment:
        return _Moment(len(self._unit.hits) if self._unit else 0, len(self._ended))
