"""Accepted fixes in the memory: told, replaced, taken back, and labels where no user said anything."""

from datetime import timedelta

import pytest

from ennead.store.hidden import shown_patterns
from ennead.store.labelled import labelled_features
from ennead.store.memory import Memory
from ennead.store.remembering import remember
from ennead.store.verdicts import VerdictWord, give_verdict, given_verdicts, undo_verdict
from ennead.store.verified_fixes import VerifiedFix, note_verified_fixes, verified_fixes
from tests.store.conftest import BEGIN, finding, run, seen

CUSTOMER, TAGS = finding(), finding("shop.Product.tags")


def test_a_fix_is_remembered_and_a_label(either: Memory) -> None:
    remember(either, run(0, seen(CUSTOMER), seen(TAGS)))
    assert note_verified_fixes(either, {CUSTOMER.id: "13 -> 2 queries"}, now=BEGIN) == (CUSTOMER.id,)
    assert verified_fixes(either) == {CUSTOMER.id: VerifiedFix(BEGIN, "13 -> 2 queries")}
    (label,) = labelled_features(either)
    assert (label["pattern"], label["label"], label["share"]) == (CUSTOMER.id, True, 1.0)
    assert label["features"]["log_count"] == 2.5


def test_of_several_the_last_one_counts_once(memory: Memory) -> None:
    remember(memory, run(0, seen(CUSTOMER)))
    for day in range(3):
        note_verified_fixes(memory, {CUSTOMER.id: f"{day}"}, now=BEGIN + timedelta(days=day))
    assert [each.reason for each in given_verdicts(memory)] == ["2"]


@pytest.mark.parametrize(("word", "is_worth_it", "is_shown"), [("noise", False, False), ("wontfix", True, False)])
def test_what_a_user_said_stands(memory: Memory, word: VerdictWord, *, is_worth_it: bool, is_shown: bool) -> None:
    remember(memory, run(0, seen(CUSTOMER)))
    give_verdict(memory, CUSTOMER.id, word)
    note_verified_fixes(memory, {CUSTOMER.id: "13 -> 2 queries"})
    assert [label["label"] for label in labelled_features(memory)] == [is_worth_it]
    assert shown_patterns(memory)[CUSTOMER.id].is_shown is is_shown


def test_a_fix_that_is_taken_back_is_no_label(memory: Memory) -> None:
    remember(memory, run(0, seen(CUSTOMER)))
    note_verified_fixes(memory, {CUSTOMER.id: "13 -> 2 queries"})
    assert undo_verdict(memory, CUSTOMER.id) == "verified-fix"
    assert (verified_fixes(memory), list(labelled_features(memory))) == ({}, [])


def test_the_fix_of_what_is_not_remembered_is_passed_over(memory: Memory) -> None:
    remember(memory, run(0, seen(CUSTOMER)))
    assert note_verified_fixes(memory, {TAGS.id: "13 -> 2 queries"}) == ()
    assert given_verdicts(memory) == ()
