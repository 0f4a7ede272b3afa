"""Anomalies through JSON."""

import json
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given

from ennead.kernel.anomaly import Anomaly
from tests.kernel.strategies import ANOMALIES


@given(ANOMALIES)
def test_survives_json(anomaly: Anomaly) -> None:
    assert Anomaly.from_dict(json.loads(json.dumps(anomaly.to_dict()))) == anomaly


def test_evidence_may_be_missing() -> None:
    data = {"code": "n-plus-one", "score": 3.0, "confidence": 90.0, "detector": "statistical"}
    assert Anomaly.from_dict(data).evidence == {}


@pytest.mark.parametrize("missing", ["code", "score", "confidence", "detector"])
def test_demands_each_other_field(missing: str) -> None:
    data = Anomaly("n-plus-one", 3.0, 90.0, "statistical").to_dict()
    del data[missing]
    with pytest.raises(KeyError, match=missing):
        Anomaly.from_dict(data)


def test_is_immutable() -> None:
    anomaly = Anomaly("n-plus-one", 3.0, 90.0, "statistical")
    with pytest.raises(FrozenInstanceError):
        anomaly.score = 4.0  # type: ignore[misc]
