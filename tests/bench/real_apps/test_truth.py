"""Growth, and answers of several runs put together."""

import pytest

from bench.real_apps.truth import compare, grows


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((3, 6, 12), True),
        ((5, 8, 14), True),
        ((0, 1, 3), True),
        ((2, 3, 4), False),
        ((3, 3, 12), False),
        ((3, 12, 12), False),
        ((4, 4, 4), False),
        ((12, 6, 3), False),
    ],
)
def test_a_statement_grows_step_by_step_and_by_three(counts: tuple[int, ...], *, expected: bool) -> None:
    assert grows(counts) is expected


def test_counts_of_three_runs_and_findings_of_a_fourth_meet_in_one_action() -> None:
    counted = [
        {"page": {"status": "ok", "counts": {"a": size, "b": 1}, "statements": {"a": "SELECT a"}}}
        for size in (3, 6, 12)
    ]
    finding = {"code": "n-plus-one", "fingerprint": "a"}
    repeated = {"code": "repeated-query", "fingerprint": "b"}
    vetoed = [{"fingerprint": "c", "veto": "chunks"}]
    found = {"page": {"status": "ok", "findings": [finding, repeated], "vetoed": vetoed}}

    (action,) = compare(counted, found, {"zeal": {"page": {"status": "ok", "flagged": True}}, "nplus1": {}})

    assert action.counts == {"a": (3, 6, 12), "b": (1, 1, 1)}
    assert action.growing == {"a"}
    assert action.found == {"a": finding}
    assert action.repeated == {"b"}
    assert action.vetoed == {"c": "chunks"}
    assert action.flagged == {"zeal": True}
    assert action.status == "ok"


def test_an_action_that_failed_at_one_size_says_so() -> None:
    well, ill = {"page": {"status": "ok", "counts": {"a": 3}}}, {"page": {"status": "HTTP 500"}}

    (action,) = compare([well, ill, well], well, {})

    assert action.status == "HTTP 500"
    assert action.counts == {"a": (3, 0, 3)}


def test_a_statement_that_is_missing_at_one_size_counts_as_none() -> None:
    counted = [{"page": {"status": "ok", "counts": counts}} for counts in ({}, {"a": 2}, {"a": 8})]

    (action,) = compare(counted, {"page": {"status": "ok"}}, {})

    assert action.counts == {"a": (0, 2, 8)}
    assert action.growing == {"a"}
