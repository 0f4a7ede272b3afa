"""Who decided, in words."""

from typing import Any

import pytest

from ennead.reporting.deciders import deciders
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
