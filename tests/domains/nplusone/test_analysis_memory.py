"""The memory of one analysis: measured when it was asked for, and tracemalloc is left as it was found."""

import tracemalloc

import pytest

from ennead.domains.nplusone.analysis_memory import measured_peak


def test_the_peak_is_noted_and_tracing_ends() -> None:
    peaks: list[int] = []
    with measured_peak(peaks.append):
        assert tracemalloc.is_tracing()
        del [bytearray(500_000)][0]
    assert len(peaks) == 1
    assert 500_000 <= peaks[0] < 5_000_000
    assert not tracemalloc.is_tracing()


def test_a_little_is_less_than_much() -> None:
    peaks: list[int] = []
    for size in (100, 400_000):
        with measured_peak(peaks.append):
            _ = bytearray(size)
    assert peaks[0] < peaks[1]


def test_who_traces_already_goes_on_tracing() -> None:
    tracemalloc.start()
    try:
        with measured_peak(lambda _: None):
            pass
        assert tracemalloc.is_tracing()
    finally:
        tracemalloc.stop()


def test_one_is_looked_at_at_a_time() -> None:
    outer: list[int] = []
    inner: list[int] = []
    with measured_peak(outer.append), measured_peak(inner.append):
        pass
    assert (len(outer), inner) == (1, [])


def test_a_body_that_raises_is_not_noted_and_tracing_ends() -> None:
    peaks: list[int] = []
    with pytest.raises(ZeroDivisionError), measured_peak(peaks.append):
        _ = 1 / 0
    assert peaks == []
    assert not tracemalloc.is_tracing()
    with measured_peak(peaks.append):
        pass
    assert len(peaks) == 1
