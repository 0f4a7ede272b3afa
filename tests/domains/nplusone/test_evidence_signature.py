"""A signature tells the evidence and nobody's names; features are found again in the recorded queries."""

import pytest

from ennead.domains.nplusone.evidence_signature import evidence_signature, features_of
from ennead.domains.nplusone.examples import example_contexts
from ennead.domains.nplusone.features import GROUP_FEATURES
from ennead.domains.nplusone.levels import reduce_to
from ennead.domains.nplusone.service import NPlusOneDetectionService


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ({}, "n-plus-one/lookup/lazy?+supplied?"),
        ({"lazy_load_ratio": 0.0, "supplied_ratio": 0.2}, "n-plus-one/lookup/"),
        ({"lazy_load_ratio": 0.5, "supplied_ratio": 0.9, "has_limit": 1.0}, "n-plus-one/lookup/limit+lazy+supplied"),
        ({"largest_list": 1.0, "adjacency": 1.0, "log_count": 4.0}, "n-plus-one/lookup/lazy?+supplied?+together+many"),
    ],
)
def test_it_says_what_the_features_say_roughly(features: dict[str, float], expected: str) -> None:
    assert evidence_signature("n-plus-one", "lookup", features) == expected


def test_the_features_of_a_finding_are_those_of_its_group() -> None:
    context = example_contexts()[0]
    (finding, *_) = NPlusOneDetectionService().analyze(context).findings
    features = features_of(finding, context)
    assert set(features) == {spec.name for spec in GROUP_FEATURES}
    assert features["lazy_load_ratio"] == 1.0
    assert features_of(finding, reduce_to(context, "spans"))["adjacency"] == features["adjacency"]


def test_where_the_queries_were_cut_off_there_are_none() -> None:
    first, *others = example_contexts()
    (finding, *_) = NPlusOneDetectionService().analyze(first).findings
    without = [each for each in others if finding.statement_fingerprint not in each.repeated_groups]
    assert without
    assert all(
        features_of(finding, each) == {}
        for each in without
        if not any(query.statement_fingerprint == finding.statement_fingerprint for query in each.queries)
    )
