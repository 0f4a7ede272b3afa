"""Who is asked about next: what is doubtful and frequent, one idiom not before all others, each finding once."""

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from ennead.domains.nplusone.verdict_order import Unjudged, in_order

FINDINGS = st.lists(
    st.builds(
        Unjudged,
        pattern=st.uuids().map(str),
        signature=st.sampled_from("abc"),
        probability=st.floats(0.0, 1.0),
        unit_count=st.integers(0, 10_000),
    ),
    max_size=30,
    unique_by=lambda each: each.pattern,
)


def _names(found: list[Unjudged], judged: dict[str, int] | None = None) -> list[str]:
    return [each.pattern for each in in_order(found, judged or {})]


@given(FINDINGS, st.dictionaries(st.sampled_from("abc"), st.integers(0, 50)), st.randoms())
def test_each_comes_once_whatever_the_order_they_are_given_in(
    found: list[Unjudged], judged: dict[str, int], random: Random
) -> None:
    order = _names(found, judged)
    assert sorted(order) == sorted(each.pattern for each in found)
    assert _names(random.sample(found, len(found)), judged) == order


@given(FINDINGS)
def test_each_is_the_best_of_those_that_are_left_beside_its_kin(found: list[Unjudged]) -> None:
    asked: Counter[str] = Counter()
    left = {each.pattern: each for each in found}
    for each in in_order(found, {}):
        best = max(other.value / (1 + 0.1 * asked[other.signature]) for other in left.values())
        assert each.value / (1 + 0.1 * asked[each.signature]) == best
        asked[each.signature] += 1
        del left[each.pattern]


def test_what_is_doubtful_comes_before_what_is_sure_and_what_is_frequent_before_what_is_rare() -> None:
    found = [Unjudged("sure", "a", 0.99, 9), Unjudged("rare", "b", 0.8, 1), Unjudged("frequent", "c", 0.8, 9)]
    assert _names(found) == ["frequent", "rare", "sure"]


def test_a_kind_that_was_judged_often_waits_for_one_that_was_not() -> None:
    found = [Unjudged("known", "a", 0.7, 1), Unjudged("new", "b", 0.75, 1)]
    assert _names(found) == ["known", "new"]
    assert _names(found, {"a": 10}) == ["new", "known"]
