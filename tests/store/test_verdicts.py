"""Verdicts are stored, undone, bounded, and become labelled examples; the threshold follows, and goes back."""

import json
from dataclasses import replace
from datetime import timedelta
from math import isnan

import pytest
from sqlalchemy import func, select

from ennead.domains.nplusone.features import GROUP_FEATURES
from ennead.kernel.errors import EnneadError
from ennead.store.hidden import shown_by_verdicts, shown_patterns
from ennead.store.history import find_pattern
from ennead.store.labelled import labelled_features
from ennead.store.memory import Memory
from ennead.store.remembering import remember
from ennead.store.schema import VERDICTS
from ennead.store.settings import VerdictSettings
from ennead.store.thresholds import current_threshold, follow, reset_threshold, threshold_log, undo_step
from ennead.store.verdicts import give_verdict, given_verdicts, judged_patterns, undo_verdict
from tests.store.conftest import BEGIN, finding, run, seen

CUSTOMER = finding()
NOISY = {"varies_by_page": 1.0, "log_count": 2.5}
SOUND = {"varies_by_key": 1.0, "log_count": 2.5}


@pytest.fixture
def told(either: Memory) -> Memory:
    remember(either, run(0, seen(CUSTOMER)))
    return either


def test_a_verdict_is_told_with_its_reason_and_nobodys_name(told: Memory) -> None:
    give_verdict(told, CUSTOMER.id, "noise", "three rows at most", now=BEGIN)
    (given,) = given_verdicts(told)
    assert (given.pattern, given.verdict, given.reason, given.given_at) == (
        CUSTOMER.id,
        "noise",
        "three rows at most",
        BEGIN,
    )
    assert not [name for name in VERDICTS.columns.keys() if "user" in name or "author" in name]  # noqa: SIM118


def test_what_is_called_noise_is_hidden_and_comes_back(told: Memory) -> None:
    assert shown_by_verdicts(told, [CUSTOMER])[CUSTOMER.id].is_shown
    give_verdict(told, CUSTOMER.id, "noise")
    assert shown_by_verdicts(told, [CUSTOMER])[CUSTOMER.id].showing == "noise"
    assert undo_verdict(told, CUSTOMER.id) == "noise"
    assert shown_by_verdicts(told, [CUSTOMER])[CUSTOMER.id].is_shown
    assert [given.undone for given in given_verdicts(told)] == [True]


def test_the_last_verdict_weighs_most(told: Memory) -> None:
    for _ in range(5):
        give_verdict(told, CUSTOMER.id, "noise")
    give_verdict(told, CUSTOMER.id, "useful")
    assert shown_by_verdicts(told, [CUSTOMER])[CUSTOMER.id].showing == "useful"
    give_verdict(told, CUSTOMER.id, "wontfix")
    assert shown_by_verdicts(told, [CUSTOMER])[CUSTOMER.id].showing == "wontfix"


def test_a_finding_that_is_taken_for_a_pattern_shares_its_verdicts(told: Memory) -> None:
    of_a_log = replace(CUSTOMER, id="f1:00000000000000aa", call_site=None)
    remember(told, run(1, seen(of_a_log)))
    assert find_pattern(told, of_a_log.id).pattern == find_pattern(told, "00000000000000a").pattern == CUSTOMER.id
    give_verdict(told, find_pattern(told, of_a_log.id).pattern, "noise")
    shown = shown_by_verdicts(told, [of_a_log, CUSTOMER])
    assert [(each.pattern, each.showing) for each in shown.values()] == [(CUSTOMER.id, "noise")] * 2
    assert list(shown) == [of_a_log.id, CUSTOMER.id]


def test_a_finding_with_a_pattern_of_its_own_has_verdicts_of_its_own(told: Memory) -> None:
    elsewhere = replace(CUSTOMER, id="f1:00000000000000aa")
    remember(told, run(1, seen(elsewhere)))
    give_verdict(told, CUSTOMER.id, "noise")
    assert find_pattern(told, elsewhere.id).pattern == elsewhere.id
    assert shown_by_verdicts(told, [elsewhere])[elsewhere.id].is_shown


def test_there_must_be_something_to_judge_and_to_undo(told: Memory) -> None:
    with pytest.raises(EnneadError, match="no pattern f1:none is remembered"):
        give_verdict(told, "f1:none", "noise")
    with pytest.raises(EnneadError, match="there is no verdict"):
        undo_verdict(told, CUSTOMER.id)


def test_a_flood_on_one_pattern_is_bounded(memory: Memory) -> None:
    remember(memory, run(0, seen(CUSTOMER)))
    for _ in range(30):
        give_verdict(memory, CUSTOMER.id, "noise")
    kept = memory.read(lambda connection: connection.execute(select(func.count()).select_from(VERDICTS)).scalar_one())
    assert kept == 20
    assert sum(judged_patterns(memory)[0].weights) < 2


class TestLabelledFeatures:
    def test_are_plain_and_name_nothing(self, told: Memory) -> None:
        give_verdict(told, CUSTOMER.id, "wontfix")
        (example,) = labelled_features(told)
        assert (example["label"], example["share"], example["level"], example["code"]) == (
            True,
            1.0,
            "full",
            "n-plus-one",
        )
        assert set(example["features"]) == {spec.name for spec in GROUP_FEATURES}
        assert example["features"]["varies_by_key"] == 1.0
        assert isnan(example["features"]["mean_rows"])
        text = json.dumps(example)
        assert not [word for word in ("shop", "customer", "orders", "views") if word in text]

    def test_noise_is_no_label_for_it_and_undone_is_none_at_all(self, told: Memory) -> None:
        give_verdict(told, CUSTOMER.id, "noise")
        assert [example["label"] for example in labelled_features(told)] == [False]
        undo_verdict(told, CUSTOMER.id)
        assert list(labelled_features(told)) == []

    def test_stay_when_the_run_is_forgotten(self, memory: Memory) -> None:
        bounded = replace(memory, settings=replace(memory.settings, store_days=30))
        remember(bounded, run(0, seen(CUSTOMER)))
        give_verdict(bounded, CUSTOMER.id, "useful")
        remember(bounded, run(90, seen(finding("shop.Order.lines"))))
        (example,) = labelled_features(bounded)
        assert example["features"]["varies_by_key"] == 1.0


def _judge_many(memory: Memory, *, day: int = 0, of: int = 14) -> None:
    """Findings of one signature are noise, those of another one are not."""
    noisy = [finding(f"shop.Noisy{number}.page", confidence=60.0) for number in range(of + 3)]
    sound = [finding(f"shop.Sound{number}.key", confidence=80.0) for number in range(of + 3)]
    found = [seen(each, features=NOISY) for each in noisy] + [seen(each, features=SOUND) for each in sound]
    remember(memory, run(day, *found))
    for one, other in zip(noisy[:of], sound[:of], strict=True):
        give_verdict(memory, one.id, "noise", now=BEGIN)
        give_verdict(memory, other.id, "useful", now=BEGIN)


class TestThreshold:
    def test_follows_in_bounded_steps_that_are_logged(self, either: Memory) -> None:
        _judge_many(either)
        first, second, third = (follow(either, now=BEGIN) for _ in range(3))
        assert first is not None
        assert (first.before, first.after, first.kind) == (50.0, 52.5, "step")
        assert second is None or second.before == 52.5
        assert third is None  # two steps a day at most
        assert threshold_log(either)[-1].judged_count == 28
        assert 50 < current_threshold(either) <= 55

    def test_goes_back_and_waits(self, either: Memory) -> None:
        _judge_many(either)
        follow(either, now=BEGIN)
        undone = undo_step(either, now=BEGIN)
        assert (undone.kind, undone.after, current_threshold(either)) == ("undo", 50.0, 50.0)
        assert [(step.kind, step.undone) for step in threshold_log(either)] == [("undo", False), ("step", True)]
        assert follow(either, now=BEGIN + timedelta(days=1)) is None
        with pytest.raises(EnneadError, match="no step that could be undone"):
            undo_step(either)

    def test_a_reset_can_be_undone_too(self, memory: Memory) -> None:
        _judge_many(memory)
        follow(memory, now=BEGIN)
        assert reset_threshold(memory).after == 50.0
        assert undo_step(memory).after == 52.5

    def test_hides_unjudged_findings_like_those_called_noise_and_no_others(self, memory: Memory) -> None:
        memory = replace(memory, verdict_settings=VerdictSettings(exploration_ratio=0.0))
        _judge_many(memory, of=30)
        assert all(each.is_shown for each in shown_patterns(memory).values() if each.showing != "noise")
        for day in range(8):
            follow(memory, now=BEGIN + timedelta(days=day))
            follow(memory, now=BEGIN + timedelta(days=day))
        shown = shown_patterns(memory)
        unjudged = {name: shown[finding(f"shop.{name}").id].showing for name in ("Noisy31.page", "Sound31.key")}
        assert unjudged == {"Noisy31.page": "below", "Sound31.key": "shown"}

    def test_a_share_of_what_is_hidden_is_shown_to_stay_measured(self, memory: Memory) -> None:
        _judge_many(memory, of=30)
        for day in range(8):
            follow(memory, now=BEGIN + timedelta(days=day))
            follow(memory, now=BEGIN + timedelta(days=day))
        curious = replace(memory, verdict_settings=VerdictSettings(exploration_ratio=1.0))
        showing = shown_patterns(curious)[finding("shop.Noisy31.page").id]
        assert (showing.showing, showing.is_shown) == ("explored", True)
