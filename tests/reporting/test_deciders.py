"""Who decided, in words."""

from typing import Any

import pytest

from ennead.reporting.deciders import confidences, deciders
from tests.reporting.findings import finding


@pytest.mark.parametrize(
    ("decided_by", "evidence", "told"),
    [
        ("rules", {}, "rules"),
        ("rules", {"model_probability": 0.124}, "rules (the model gives it 12 %)"),
        (
            "both",
            {"model_probability": 0.97, "rules_confidence": 99.0},
            "both (the model gives it 97 %, the rules 99 %)",
        ),
        ("ml", {"model_probability": 0.75, "rules_confidence": None}, "ml (the model gives it 75 %)"),
    ],
)
def test_who_decided_and_what_the_model_gives_it(decided_by: Any, evidence: dict[str, object], told: str) -> None:
    assert deciders(finding(decided_by=decided_by, evidence=evidence)) == told


@pytest.mark.parametrize(
    ("decided_by", "evidence", "given"),
    [
        ("rules", {}, (88.0, None)),
        ("rules", {"model_probability": 0.124}, (88.0, 12.4)),
        ("both", {"model_probability": 0.97, "rules_confidence": 99.0}, (99.0, 97.0)),
        ("ml", {"model_probability": 0.88}, (None, 88.0)),
        ("ml", {"model_probability": 0.88, "rules_confidence": 40.0}, (40.0, 88.0)),
    ],
)
def test_what_each_of_them_gives_it(decided_by: Any, evidence: dict[str, object], given: tuple[object, object]) -> None:
    assert confidences(finding(decided_by=decided_by, confidence=88.0, evidence=evidence)) == given
