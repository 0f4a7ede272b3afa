"""The page says that the goal is met only if the numbers do."""

import pytest

from bench.adaptive.report import Line, Populations, results
from bench.adaptive.simulation import Shown


def _line(people: str, *left: int) -> Line:
    line = Line("as it ships", people, 50)
    for count in left:
        line.add(100, Shown(count, 0, 99, 100, 50, 50), 50.0)
    return line


@pytest.mark.parametrize(
    ("left", "told"),
    [
        ((75, 81), "it is met on average: 22% (19% to 25%) fewer, at a\nrecall of 0.990"),
        ((79, 83), "it is not met: 19% (17% to 21%) fewer, at a\nrecall of 0.990"),
    ],
)
def test_the_goal_is_told_by_the_mean(left: tuple[int, ...], told: str) -> None:
    lines = [_line("honest, whatever is shown", 98, 98), _line("honest, the proposed order", *left)]
    page = results(lines, [], [], Populations([], [], [], [], []), 2)
    assert told in page
    assert "1 of 2 simulations reached it" in page
