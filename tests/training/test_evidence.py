"""Kinds of evidence: each feature in one, each can be taken away."""

from collections import Counter
from dataclasses import replace
from math import isnan, nan

from ennead.training.evidence import EVIDENCE, MAY_LACK, with_less_evidence, without
from ennead.training.examples import FEATURES
from tests.training.labelled import example


def test_each_feature_stands_in_one_kind() -> None:
    assert Counter(name for names in EVIDENCE.values() for name in names) == Counter(FEATURES)


def test_without_a_kind_the_others_stay_in_order() -> None:
    left = without(FEATURES, "rows")
    assert set(FEATURES) - set(left) == set(EVIDENCE["rows"])
    assert list(left) == [name for name in FEATURES if name in left]


def test_copies_lack_each_kind_in_turn() -> None:
    copies = list(with_less_evidence([example(label=True)] * len(MAY_LACK)))
    missing = [{name for name, value in copy.features.items() if isnan(value)} for copy in copies]
    assert missing == [set(EVIDENCE[kind]) for kind in MAY_LACK]


def test_what_was_never_there_cannot_be_taken_away() -> None:
    known = example(label=True)
    poor = replace(known, features={**known.features, **{name: nan for kind in MAY_LACK for name in EVIDENCE[kind]}})
    assert list(with_less_evidence([poor] * len(MAY_LACK))) == []
