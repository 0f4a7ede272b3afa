"""How bad a finding is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.domains.nplusone.severity import severity_of
from ennead.kernel.finding import severity_rank

CODES = st.sampled_from(
    [
        ("n-plus-one", "relation"),
        ("write-n-plus-one", "insert"),
        ("write-n-plus-one", "upsert"),
        ("repeated-query", "x"),
    ]
)


@pytest.mark.parametrize(
    ("query_count", "wasted_ms", "severity"),
    [
        (2, 0.0, "low"),
        (19, 19.9, "low"),
        (20, 0.0, "medium"),
        (2, 20.0, "medium"),
        (99, 199.0, "medium"),
        (100, 0.0, "high"),
        (2, 200.0, "high"),
        (499, 999.0, "high"),
        (500, 0.0, "critical"),
        (2, 1000.0, "critical"),
    ],
)
def test_the_worse_of_count_and_time(query_count: int, wasted_ms: float, severity: str) -> None:
    assert severity_of("n-plus-one", "relation", query_count, wasted_ms) == severity


@pytest.mark.parametrize("code", ["repeated-query", "write-n-plus-one"])
@pytest.mark.parametrize(("query_count", "severity"), [(2, "low"), (20, "low"), (100, "medium"), (500, "high")])
def test_other_codes_are_one_step_lower(code: str, query_count: int, severity: str) -> None:
    assert severity_of(code, "insert", query_count, 0.0) == severity


@given(st.integers(1, 10**6), st.floats(0, 1e9))
def test_an_upsert_is_never_more_than_info(query_count: int, wasted_ms: float) -> None:
    assert severity_of("write-n-plus-one", "upsert", query_count, wasted_ms) == "info"


@given(CODES, st.integers(1, 10**4), st.integers(0, 10**4), st.floats(0, 1e5), st.floats(0, 1e5))
def test_more_is_never_better(
    code: tuple[str, str], query_count: int, more: int, wasted_ms: float, more_ms: float
) -> None:
    less = severity_of(*code, query_count, wasted_ms)
    worse = severity_of(*code, query_count + more, wasted_ms + more_ms)
    assert severity_rank(worse) >= severity_rank(less)
