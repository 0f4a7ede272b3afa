"""Venn-Abers intervals: what two isotonic regressions say, found without making them."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.kernel.errors import EnneadError
from ennead.learners.venn_abers import Interval, VennAbers

SCORES = st.integers(0, 12).map(lambda number: number / 4)
LABELLED = st.lists(st.tuples(SCORES, st.booleans()), max_size=14)


def isotonic(pairs: Sequence[tuple[float, bool]], score: float) -> float:
    """What isotonic regression by pooling adjacent violators says of a score that is among the pairs."""
    blocks: list[list[float]] = []
    for value in sorted({value for value, _ in pairs}):
        labels = [label for other, label in pairs if other == value]
        blocks.append([sum(labels), len(labels), value])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] >= blocks[-1][0] / blocks[-1][1]:
            hits, count, last = blocks.pop()
            blocks[-1] = [blocks[-1][0] + hits, blocks[-1][1] + count, last]
    return next(hits / count for hits, count, last in blocks if score <= last)


def predictor(pairs: Sequence[tuple[float, bool]]) -> VennAbers:
    return VennAbers([score for score, _ in pairs], [label for _, label in pairs])


@given(LABELLED, st.one_of(SCORES, st.floats(-1.0, 4.0)))
def test_the_ends_are_two_isotonic_regressions(pairs: list[tuple[float, bool]], score: float) -> None:
    low, high = predictor(pairs).interval(score)

    assert low == pytest.approx(isotonic([*pairs, (score, False)], score), abs=1e-12)
    assert high == pytest.approx(isotonic([*pairs, (score, True)], score), abs=1e-12)


@given(LABELLED, st.floats(-1.0, 4.0), st.floats(-1.0, 4.0))
def test_neither_end_falls_where_the_score_rises(pairs: list[tuple[float, bool]], one: float, other: float) -> None:
    found = predictor(pairs)
    below, above = (found.interval(score) for score in sorted((one, other)))

    assert below.low <= above.low + 1e-12
    assert below.high <= above.high + 1e-12
    assert -1e-12 <= below.low <= below.middle <= below.high <= 1.0 + 1e-12


@given(LABELLED, st.floats(-1.0, 4.0))
def test_the_order_of_the_labels_does_not_matter(pairs: list[tuple[float, bool]], score: float) -> None:
    assert predictor(pairs).interval(score) == predictor(pairs[::-1]).interval(score)


def test_without_labels_nothing_is_known() -> None:
    assert predictor([]).interval(0.5) == Interval(0.0, 1.0)
    assert predictor([]).interval(0.5).middle == 0.5


def test_the_interval_narrows_with_labels() -> None:
    pairs = [(0.2, False), (0.4, True), (0.6, False), (0.8, True)]
    widths = [predictor(pairs * times).interval(0.5).width for times in (1, 10, 100)]

    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 0.01


def test_a_thousand_labels_are_read_at_once() -> None:
    found = predictor([(number / 1000, number % 10 < number // 100) for number in range(1000)])

    assert found.label_count == 1000
    assert found.interval(0.75).middle == pytest.approx(0.7, abs=0.01)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ([], "calibration scores must be an object, got list"),
        ({"form": 1, "scores": [0.5], "labels": []}, "1 scores need as many labels, each 0 or 1"),
        ({"form": 1, "scores": [0.5], "labels": [2]}, "1 scores need as many labels, each 0 or 1"),
        ({"form": 1, "scores": [float("nan")], "labels": [1]}, "each of scores must be a finite number, got nan"),
        ({"form": 1, "scores": [0.5], "labels": [True]}, "each of labels must be a whole number, got True"),
    ],
)
def test_what_are_no_scores_is_refused(data: object, reason: str) -> None:
    with pytest.raises(EnneadError) as refused:
        VennAbers.from_json(data)

    assert str(refused.value) == f"no calibration scores: {reason}"


def test_json_is_read() -> None:
    read = VennAbers.from_json({"form": 1, "scores": [0.1, 0.9], "labels": [0, 1]})

    assert read.interval(0.5) == VennAbers([0.1, 0.9], [False, True]).interval(0.5) == Interval(0.0, 1.0)
