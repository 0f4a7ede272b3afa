"""The cooperative deadline."""

from math import inf

import pytest

from ennead.kernel.deadline import Deadline, DeadlineExceededError
from tests.kernel.clocks import FakeClock


def test_lets_pass_until_the_time_is_up_and_not_longer() -> None:
    clock = FakeClock()
    deadline = Deadline(2.0, clock)
    clock.advance(2.0)
    deadline.check()
    clock.advance(0.001)
    with pytest.raises(DeadlineExceededError):
        deadline.check()


def test_tells_what_remains_and_what_is_overdue() -> None:
    clock = FakeClock()
    deadline = Deadline(2.0, clock)
    clock.advance(0.5)
    assert deadline.remaining_seconds == 1.5
    clock.advance(2.0)
    assert deadline.remaining_seconds == -0.5


def test_none_at_all() -> None:
    clock = FakeClock()
    deadline = Deadline(inf, clock)
    clock.advance(1e9)
    deadline.check()
    assert deadline.remaining_seconds == inf


def test_asks_the_real_clock_by_default() -> None:
    Deadline(3600.0).check()
    with pytest.raises(DeadlineExceededError):
        Deadline(-0.001).check()
