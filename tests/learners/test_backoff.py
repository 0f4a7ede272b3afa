"""The back-off model: what it counts, when it backs off, how much it keeps, and its form."""

import json
from collections.abc import Mapping
from math import isclose
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.kernel.errors import EnneadError
from ennead.learners.backoff import BackoffModel
from ennead.learners.sequence import LabelledStream, Step, read_all

SIZES = (3, 2)
LOOP = LabelledStream(((2, 0), (2, 0), (0, 1), (0, 1)), (0, 0, 1, 1), (1.0, 1.0, 1.0, 1.0))
STEPS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), max_size=8)
LABELS = st.lists(st.integers(-1, 1), min_size=8, max_size=8)


def a_model(**changes: Any) -> BackoffModel:
    views: dict[str, Any] = {"alarm_views": [(), ((0, 1),)], "next_views": [(), ((0, 0),), ((0, 0), (1, 0))]}
    return BackoffModel(SIZES, **{**views, **changes})


def learnt(*streams: LabelledStream, **changes: Any) -> BackoffModel:
    model = a_model(**changes)
    for stream in streams:
        model.learn(stream)
    return model


def test_what_it_has_seen_often_it_expects() -> None:
    model = learnt(*[LOOP] * 20)
    calm, alarmed = (prediction.alarm for prediction in read_all(model, [(2, 0), (0, 1)]))
    assert calm < 0.1
    assert alarmed > 0.9


def test_the_next_symbol_follows_from_the_ones_before() -> None:
    model = learnt(*[LOOP] * 20)
    first, second = (prediction.next_symbol for prediction in read_all(model, [(2, 0), (2, 0)]))
    assert first[2] > 0.8 > first[0]
    assert second[0] > 0.8 > second[2]


def test_an_unknown_context_is_answered_by_the_coarser_one() -> None:
    seen = LabelledStream(((2, 0),) * 4, (1, 1, 1, 0), (1.0,) * 4)
    (prediction,) = read_all(learnt(seen), [(0, 1)])
    assert prediction.alarm == (3 + 2 * 0.5) / (4 + 2)


def test_it_knows_nothing_before_it_has_learnt() -> None:
    (prediction,) = read_all(a_model(), [(0, 1)])
    assert prediction.alarm == 0.5
    assert prediction.next_symbol == (1 / 3, 1 / 3, 1 / 3)


def test_steps_of_unknown_truth_say_nothing_of_alarms() -> None:
    unknown = LOOP._replace(alarms=(-1, -1, -1, -1))
    told = [prediction.alarm for prediction in read_all(learnt(*[unknown] * 5), LOOP.steps)]
    assert told == [0.5] * 4


def test_a_step_counts_by_its_weight() -> None:
    heavy = LabelledStream(((0, 0),), (1,), (3.0,))
    light = LabelledStream(((0, 0),), (0,), (1.0,))
    (prediction,) = read_all(learnt(heavy, light, alarm_views=[()]), [(0, 0)])
    assert prediction.alarm == (3 + 2 * 0.5) / (4 + 2)


def test_memory_is_bounded() -> None:
    free = learnt(*[LOOP] * 3)
    tight = learnt(*[LOOP] * 3, max_contexts=3)
    assert free.context_count > tight.context_count == 3


def test_pruning_forgets_what_counts_little_and_never_the_coarsest() -> None:
    model = learnt(LOOP)
    before = model.context_count
    model.prune(1_000.0, 1_000.0)
    assert before > model.context_count == 2
    (prediction,) = read_all(model, [(2, 0)])
    assert prediction.alarm == 0.5


@given(STEPS, LABELS)
def test_predictions_are_probabilities(steps: list[Step], labels: list[int]) -> None:
    stream = LabelledStream(tuple(steps), tuple(labels[: len(steps)]), (1.0,) * len(steps))
    for prediction in read_all(learnt(stream), steps):
        assert 0 <= prediction.alarm <= 1
        assert isclose(sum(prediction.next_symbol), 1.0)


@given(STEPS, LABELS)
def test_its_form_says_everything(steps: list[Step], labels: list[int]) -> None:
    stream = LabelledStream(tuple(steps), tuple(labels[: len(steps)]), (1.0,) * len(steps))
    model = learnt(stream)
    again = BackoffModel.from_json(json.loads(json.dumps(model.to_json())))
    assert list(read_all(again, steps)) == list(read_all(model, steps))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"form": 2}, "no back-off model of form 1"),
        ({"kind": "gru"}, "no back-off model of form 1"),
        ({"sizes": [3, "2"]}, "sizes of the factors must be"),
        ({"weight": 0}, "weight of a back-off model must be a positive number, got 0"),
        ({"weight": True}, "weight of a back-off model"),
        ({"alarm_views": [[], [[0, 2]]]}, "alarm_views of a back-off model must be lists of pairs"),
        ({"next_views": [[[99, 0]]]}, "next_views of a back-off model must be lists of pairs"),
        ({"alarm_counts": [{}]}, "alarm_counts of a back-off model must have one table for each view"),
        ({"alarm_counts": [{}, {"1": [1.0]}]}, "must be 2 counts"),
        ({"alarm_counts": [{}, {"1": [1.0, -1.0]}]}, "must be 2 counts"),
        ({"alarm_counts": [{}, {"1": [1.0, float("nan")]}]}, "must be 2 counts"),
        ({"alarm_counts": [{}, {"1 2": [1.0, 2.0]}]}, "no context of 1 numbers"),
        ({"alarm_counts": [{}, {"x": [1.0, 2.0]}]}, "no context of 1 numbers"),
        ({"alarm_counts": [[], {}]}, "tables from contexts to counts"),
    ],
)
def test_another_form_is_refused(changes: Mapping[str, object], message: str) -> None:
    form = {**learnt(LOOP).to_json(), **changes}
    with pytest.raises(EnneadError, match=message):
        BackoffModel.from_json(form)
