"""What verdicts may do, and what nobody's verdicts may do."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ennead.domains.nplusone.adaptive_threshold import (
    HIGHEST,
    LOWEST,
    STEP,
    SURE,
    JudgedPattern,
    Posteriors,
    ThresholdPolicy,
    _concordance,
    _Vote,
    next_step,
    showing,
)

DAY = date(2026, 11, 2)
POLICY = ThresholdPolicy(exploration_ratio=0.0)
VOTES = st.lists(st.booleans(), min_size=1, max_size=6).map(tuple)


def judged(
    name: str, *votes: bool, signature: str = "s", confidence: float = 66.0, day: int = 0, wontfix: bool = False
) -> JudgedPattern:
    return JudgedPattern(
        pattern=name,
        signature=signature,
        confidence=confidence,
        votes=votes,
        day=DAY + timedelta(days=day),
        wontfix=wontfix,
    )


def many(useful: int, noise: int, signature: str = "s", confidence: float = 66.0) -> list[JudgedPattern]:
    """Ten a day."""
    votes = [True] * useful + [False] * noise
    return [
        judged(f"{signature}{number}", vote, signature=signature, confidence=confidence, day=number // 10)
        for number, vote in enumerate(votes)
    ]


def shown(told: Sequence[JudgedPattern], threshold: float, name: str, signature: str, confidence: float = 66.0) -> str:
    return showing(Posteriors.of(told), threshold, POLICY, name, signature, confidence)


def climb(told: Sequence[JudgedPattern], days: int = 20) -> float:
    """Where the threshold comes to stand."""
    threshold = LOWEST
    for number in range(days * POLICY.most_steps_a_day):
        step = next_step(told, threshold, POLICY, steps_today=number % POLICY.most_steps_a_day)
        if step is None:
            return threshold
        assert abs(step.after - step.before) <= STEP
        threshold = step.after
    return threshold


class TestOwnVerdicts:
    @pytest.mark.parametrize(
        ("votes", "expected"),
        [
            ((True,), "useful"),
            ((False,), "noise"),
            ((False, True), "useful"),
            ((True, False), "noise"),
            ((False, False, False, False, True), "useful"),
        ],
    )
    def test_the_last_one_decides(self, votes: tuple[bool, ...], expected: str) -> None:
        assert shown([judged("p", *votes)], LOWEST, "p", "s") == expected

    def test_what_will_not_be_repaired_is_right_and_hidden(self) -> None:
        told = [judged("p", *[True], wontfix=True)]
        assert shown(told, LOWEST, "p", "s") == "wontfix"
        assert told[0].share == 1.0

    @given(VOTES)
    def test_one_pattern_weighs_less_than_two_votes(self, votes: tuple[bool, ...]) -> None:
        assert sum(judged("p", *votes).weights) < 2

    @given(VOTES, st.floats(50, 99))
    def test_confidence_follows_and_stays_a_percentage(self, votes: tuple[bool, ...], confidence: float) -> None:
        told = judged("p", *votes, confidence=confidence)
        before = Posteriors.of([]).confidence("p", "s", confidence)
        after = Posteriors.of([told]).confidence("p", "s", confidence)
        assert 0 < after < 100
        if all(votes) and confidence < 98:
            assert after > before
        if not any(votes) and confidence > 2:
            assert after < before


class TestOtherVerdicts:
    def test_nothing_else_is_hidden_at_the_lower_bound(self) -> None:
        told = [*many(20, 0, "sound", 80.0), *many(0, 40, "noisy", 60.0)]
        assert shown(told, LOWEST, "other", "noisy", 60.0) == "shown"

    def test_findings_like_many_that_are_noise_are_hidden_above_it(self) -> None:
        told = [*many(20, 0, "sound", 80.0), *many(0, 40, "noisy", 60.0)]
        assert shown(told, HIGHEST, "other", "noisy", 60.0) == "below"
        assert shown(told, HIGHEST, "other", "sound", 60.0) == "shown"
        assert shown(told, HIGHEST, "other", "never seen", 60.0) == "shown"

    def test_a_few_complaints_may_be_chance(self) -> None:
        told = [*many(20, 0, "sound", 80.0), *many(0, 4, "noisy", 60.0)]
        assert shown(told, HIGHEST, "other", "noisy", 60.0) == "shown"

    def test_what_is_sure_is_never_hidden_by_them(self) -> None:
        told = [*many(20, 0, "sound", 80.0), *many(0, 40, "noisy", 60.0)]
        assert shown(told, HIGHEST, "other", "noisy", SURE) == "shown"

    def test_a_share_of_what_is_hidden_is_shown_always_the_same(self) -> None:
        told = Posteriors.of([*many(20, 0, "sound", 80.0), *many(0, 40, "noisy", 60.0)])
        policy = ThresholdPolicy(exploration_ratio=0.1)
        first, again = (
            [showing(told, HIGHEST, policy, f"p{number}", "noisy", 60.0) for number in range(500)] for _ in range(2)
        )
        assert first == again
        assert set(first) == {"below", "explored"}
        assert 20 < first.count("explored") < 90


class TestTheThreshold:
    def test_climbs_while_it_hides_noise_only(self) -> None:
        assert LOWEST < climb([*many(30, 0, "sound", 80.0), *many(0, 40, "noisy", 60.0)]) <= HIGHEST

    def test_stays_where_the_target_is_reached(self) -> None:
        assert climb(many(40, 1)) == LOWEST

    def test_stays_where_it_would_hide_what_is_useful(self) -> None:
        assert climb([*many(30, 0, "sound", 80.0), *many(12, 28, "mixed", 60.0)]) == LOWEST

    def test_goes_back_where_it_is_not_needed_any_more(self) -> None:
        step = next_step(many(40, 1), 60.0, POLICY)
        assert step is not None
        assert step.after == 60.0 - STEP

    @pytest.mark.parametrize(
        "told", [many(0, 9), many(4, 40), many(6, 3), []], ids=["few", "complaints", "nine", "none"]
    )
    def test_a_step_takes_enough_verdicts_and_useful_ones(self, told: list[JudgedPattern]) -> None:
        assert next_step(told, LOWEST, POLICY) is None

    def test_a_day_has_two_steps(self) -> None:
        told = [*many(30, 0, "sound", 80.0), *many(0, 40, "noisy", 60.0)]
        assert next_step(told, LOWEST, POLICY, steps_today=1) is not None
        assert next_step(told, LOWEST, POLICY, steps_today=2) is None

    @settings(max_examples=30)
    @given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([62.0, 75.0, 95.0]), VOTES), max_size=20))
    def test_never_leaves_its_bounds(self, told: list[tuple[str, float, tuple[bool, ...]]]) -> None:
        patterns = [
            judged(f"p{number}", *votes, signature=signature, confidence=confidence)
            for number, (signature, confidence, votes) in enumerate(told)
        ]
        for threshold in (LOWEST, 65.0, HIGHEST):
            step = next_step(patterns, threshold, POLICY)
            assert step is None or LOWEST <= step.after <= HIGHEST


class TestHostileVerdicts:
    def test_calling_everything_noise_moves_nothing(self) -> None:
        told = [*many(0, 50, "a", 66.0), *many(0, 50, "b", 75.0)]
        assert climb(told) == LOWEST
        assert shown(told, HIGHEST, "other", "a") == "shown"

    def test_one_day_of_a_flood_counts_as_a_few(self) -> None:
        flood = [judged(f"f{number}", *[False], signature="flood", confidence=75.0) for number in range(500)]
        told = [*many(30, 0, "sound", 80.0), *flood]
        assert Posteriors.of(told).confidence("other", "flood", 75.0) > 10

    def test_those_who_deny_what_is_sure_are_not_believed(self) -> None:
        deniers = [*many(0, 20, "sure", 95.0), *many(0, 20, "weak", 62.0), *many(20, 0, "other", 62.0)]
        believed = [*many(20, 0, "sure", 95.0), *many(0, 20, "weak", 62.0), *many(20, 0, "other", 62.0)]
        assert Posteriors.of(deniers).trust == 0.0
        assert Posteriors.of(believed).trust == 1.0
        assert shown(deniers, HIGHEST, "new", "weak", 62.0) == "shown"

    def test_a_coin_moves_nothing(self) -> None:
        told = [judged(f"p{number}", *([True, False] * 3)[number % 2 :]) for number in range(60)]
        assert climb(told) == LOWEST


class _Counted(float):
    """A number that counts how often one like it is compared."""

    compared = 0

    def __lt__(self, other: float) -> bool:
        _Counted.compared += 1
        return super().__lt__(other)

    def __gt__(self, other: float) -> bool:
        _Counted.compared += 1
        return super().__gt__(other)

    def __eq__(self, other: object) -> bool:
        _Counted.compared += 1
        return super().__eq__(other)

    def __hash__(self) -> int:
        return super().__hash__()


class TestConcordance:
    @given(st.lists(st.tuples(st.sampled_from([0.5, 0.6, 0.7, 0.95]) | st.floats(0.02, 0.98), st.floats(0.0, 1.0))))
    def test_is_that_of_all_pairs(self, told: list[tuple[float, float]]) -> None:
        right, total = 25.0, 50.0
        for (prior, share), (other, other_share) in product(told, told):
            weight = share * (1.0 - other_share)
            total += weight
            right += weight * (0.5 if prior == other else float(prior > other))
        votes = [_Vote("p", prior, share, 1.0) for prior, share in told]
        assert _concordance(votes) == pytest.approx(right / total)

    def test_does_not_look_at_every_pair(self) -> None:
        votes = [_Vote("p", _Counted(number * 7919 % 1000 / 1000), number % 2, 1.0) for number in range(1000)]
        _Counted.compared = 0
        _concordance(votes)
        assert 0 < _Counted.compared < 20 * len(votes)
