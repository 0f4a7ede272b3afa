"""Findings, recommendations and verifications: JSON, ids, severities."""

import json
from dataclasses import FrozenInstanceError, asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.kernel.errors import EnneadError
from ennead.kernel.finding import SEVERITIES, Finding, Recommendation, Verification, finding_id, severity_rank
from ennead.kernel.json_schema import SCHEMA_VERSION
from tests.kernel.strategies import FINDINGS, RECOMMENDATIONS, VERIFICATIONS

LEAST: dict[str, Any] = {
    "id": "f1:0123456789abcdef",
    "domain": "nplusone",
    "code": "n-plus-one",
    "kind": "relation",
    "severity": "low",
    "confidence": 90.0,
    "query_count": 5,
    "queries_needed": 1,
    "duration_ms": 5.0,
    "wasted_ms": 4.0,
    "statement": "SELECT ?",
    "statement_fingerprint": "aa",
    "explanation": "Each step asks.",
}


@given(FINDINGS)
def test_finding_survives_json_with_every_field(finding: Finding) -> None:
    again = Finding.from_dict(json.loads(json.dumps(finding.to_dict())))
    assert asdict(again) == asdict(finding)
    assert again == finding


@given(RECOMMENDATIONS)
def test_recommendation_survives_json_with_every_field(recommendation: Recommendation) -> None:
    again = Recommendation.from_dict(json.loads(json.dumps(recommendation.to_dict())))
    assert asdict(again) == asdict(recommendation)


@given(VERIFICATIONS)
def test_verification_survives_json_with_every_field(verification: Verification) -> None:
    again = Verification.from_dict(json.loads(json.dumps(verification.to_dict())))
    assert asdict(again) == asdict(verification)


def test_data_sizes_are_numbers_again_after_json() -> None:
    verification = Verification("verified", "", {10: 11, 50: 51}, {10: 2, 50: 2}, 9.0, 2.0, ("return value",), ())
    data = verification.to_dict()
    assert data["queries_before"] == {"10": 11, "50": 51}
    assert Verification.from_dict(data).queries_before == {10: 11, 50: 51}


def test_finding_reads_the_fields_that_have_no_default() -> None:
    finding = Finding.from_dict(LEAST)
    assert finding == Finding(**LEAST)
    assert (finding.call_site, finding.call_path, finding.recommendations, finding.evidence) == (None, (), (), {})


@pytest.mark.parametrize("missing", list(LEAST))
def test_finding_demands_each_field_that_has_no_default(missing: str) -> None:
    with pytest.raises(KeyError, match=missing):
        Finding.from_dict({name: value for name, value in LEAST.items() if name != missing})


def test_finding_ignores_keys_of_a_newer_version() -> None:
    assert Finding.from_dict({**LEAST, "mood": "bad"}) == Finding(**LEAST)


def test_finding_of_a_newer_schema_is_refused_with_the_way_out() -> None:
    with pytest.raises(EnneadError, match=r"^this finding has schema version 2, .* up to 1: upgrade ennead$"):
        Finding.from_dict({**LEAST, "schema": SCHEMA_VERSION + 1})


def test_finding_says_its_schema() -> None:
    assert Finding(**LEAST).to_dict()["schema"] == SCHEMA_VERSION


def test_finding_is_immutable() -> None:
    finding = Finding(**LEAST)
    with pytest.raises(FrozenInstanceError):
        finding.severity = "high"  # type: ignore[misc]


def test_severities_are_ranked_from_info_to_critical() -> None:
    assert [severity_rank(severity) for severity in SEVERITIES] == [0, 1, 2, 3, 4]
    assert SEVERITIES == ("info", "low", "medium", "high", "critical")


@given(st.lists(st.text(max_size=10), max_size=4))
def test_finding_id_is_stable_and_has_one_form(parts: list[str]) -> None:
    identity = finding_id(parts)
    assert identity == finding_id(parts)
    version, _, digest = identity.partition(":")
    assert version == "f1"
    assert len(digest) == 16
    assert set(digest) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    ("parts", "others"),
    [(["a", "b"], ["b", "a"]), (["ab", ""], ["a", "b"]), (["a", ""], ["a"]), (["a"], ["A"])],
)
def test_finding_id_tells_parts_apart(parts: list[str], others: list[str]) -> None:
    assert finding_id(parts) != finding_id(others)


def test_finding_id_takes_names_that_are_no_valid_unicode() -> None:
    assert finding_id(["caf\udce9"]) != finding_id(["cafe"])
