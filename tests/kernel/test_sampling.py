"""Sampling: stable by key, monotonic in the ratio, true to the ratio."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.kernel.sampling import keeps

RATIOS = st.floats(min_value=0, max_value=1)


@given(st.text(), RATIOS, RATIOS)
def test_raising_the_ratio_never_drops_a_key_that_was_kept(key: str, one: float, other: float) -> None:
    lower, higher = sorted((one, other))
    assert keeps(key, higher) or not keeps(key, lower)


@pytest.mark.parametrize("ratio", [0.0, -1.0])
@given(key=st.text())
def test_keeps_nothing_of_nothing(key: str, ratio: float) -> None:
    assert not keeps(key, ratio)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
@given(key=st.text())
def test_keeps_everything_of_everything(key: str, ratio: float) -> None:
    assert keeps(key, ratio)


@pytest.mark.parametrize("ratio", [0.01, 0.1, 0.5, 0.9])
def test_keeps_about_the_share_asked_for(ratio: float) -> None:
    kept = sum(keeps(f"trace-{number}", ratio) for number in range(20_000))
    deviation = (ratio * (1 - ratio) / 20_000) ** 0.5
    assert kept / 20_000 == pytest.approx(ratio, abs=4 * deviation)


def test_another_process_gives_the_same_answers() -> None:
    program = "from ennead.kernel.sampling import keeps; print([n for n in range(100) if keeps(f'k{n}', .3)])"
    completed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "7"}
    )
    assert completed.stdout.strip() == str([n for n in range(100) if keeps(f"k{n}", 0.3)])
    assert 10 < completed.stdout.count(",") < 50
