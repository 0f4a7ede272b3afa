from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ennead.domains.nplusone.model import LevelModel
from ennead.domains.nplusone.signature_counts import SignatureCount
from ennead.kernel.errors import EnneadError
from ennead.learners.adaptation import Adaptation
from ennead.training.exchange import MOST_BYTES, Exchange, exported, imported

DAY = "2026-11-24"
TREE = {
    "split_feature": [0], "threshold": [1.5], "decision_type": [10], "left_child": [-1], "right_child": [-2],
    "leaf_value": [-3.0, 3.0],
}  # fmt: skip
ADAPTATION = Adaptation(-0.5, 1.2, {"log_count": 0.3}, {"log_count": 2.0}, 60).to_json()
TREES: dict[str, Any] = {
    "form": 1, "name": "own trees", "version": "2026-11-01", "level": "full", "decides": True,
    "features": ["log_count"], "trees": [TREE], "calibrator": {"form": 1, "a": 1.1, "b": 0.9, "c": -0.2},
    "calibration": {"form": 1, "scores": [0.1, 0.4, 0.6, 0.9], "labels": [0, 0, 1, 1]},
}  # fmt: skip
LINE: dict[str, Any] = {
    "form": 1, "name": "shipped", "version": "1", "level": "sql", "decides": False,
    "features": ["log_count"], "mean": [2.0], "scale": [1.0], "weights": [2.0], "intercept": 0.0,
    "adaptation": ADAPTATION,
}  # fmt: skip
COUNTS = (SignatureCount("n-plus-one/lookup/key", 3, 1, 78),)
WHOLE = Exchange({"full": TREES, "sql": LINE}, COUNTS)
SECRETS = st.one_of(
    st.sampled_from(["app_customer", "SELECT * FROM orders WHERE id = 17", "/srv/shop/views.py", "GET /orders/<id>"]),
    st.text(min_size=4),
)


def judge(data: Any, size: float) -> float:
    return LevelModel.from_json(data).probability({"log_count": size})


def test_what_was_exported_judges_as_before() -> None:
    there = imported(exported(WHOLE, DAY), DAY)
    assert there.signatures == COUNTS
    for size in (0.5, 1.5, 2.0, 3.5):
        assert judge(there.models["full"], size) == judge(TREES, size)
        assert judge(there.models["sql"], size) == judge(LINE, size)
    assert {model["name"] for model in there.models.values()} == {"shared"}
    assert imported(exported(there, DAY), DAY) == there


def planted(place: str, secret: str) -> Exchange:
    """A project's model with something in it that must not leave."""
    adaptation = {**ADAPTATION, "weights": {"log_count": 0.3}, "means": {"log_count": 2.0}}
    models: dict[str, dict[str, Any]] = {
        "full": {**TREES, "trees": [{**TREE}]},
        "sql": {**LINE, "adaptation": adaptation},
    }
    signatures: tuple[SignatureCount, ...] = COUNTS
    if place == "name":
        models["full"] |= {"name": secret, "version": secret}
    elif place == "note":
        models["sql"] |= {secret: 1.0, "comment": secret, "evaluation": {secret: 1.0}}
    elif place == "tree":
        models["full"]["trees"][0] |= {secret: secret, "note": [secret]}
    elif place == "calibrator":
        models["full"]["calibrator"] = {**TREES["calibrator"], secret: secret}
    elif place == "weights":
        adaptation |= {secret: secret}
        adaptation["weights"][secret], adaptation["means"][secret] = 0.1, 0.2
    elif place == "signature":
        signatures = (*COUNTS, SignatureCount(f"n-plus-one/lookup/{secret}", 1, 1, 50))
    elif place == "feature":
        models["sql"]["features"] = [secret]
    elif place == "level":
        models["sql"]["level"] = secret
    elif place == "number":
        models["sql"]["intercept"] = secret
    return Exchange(models, signatures)  # type: ignore[arg-type]


PLACES = ["name", "note", "tree", "calibrator", "weights", "signature", "feature", "level", "number"]


@given(st.sampled_from(PLACES), SECRETS)
def test_a_planted_name_literal_path_or_route_never_leaves(place: str, secret: str) -> None:
    try:
        text = exported(planted(place, secret), DAY)
    except EnneadError:
        return  # refused as a whole: nothing left
    assert text == exported(WHOLE, DAY)


@pytest.mark.parametrize("place", ["signature", "feature", "level", "number"])
def test_where_it_cannot_be_left_out_nothing_leaves(place: str) -> None:
    with pytest.raises(EnneadError):
        exported(planted(place, "app_customer"), DAY)


def test_an_export_says_nothing_of_when_and_how_but_the_day() -> None:
    document = json.loads(exported(WHOLE, DAY))
    assert document["models"]["full"]["version"] == DAY
    assert document.keys() == {"form", "kind", "models", "signatures"}


# ---------------------------------------------------------------------------------------------- import


def document(**changed: Any) -> dict[str, Any]:
    return {**json.loads(exported(WHOLE, DAY)), **changed}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ([], "an export must be an object"),
        ({}, "kind must be ennead-model-export"),
        (document(form=2), "its form is 2"),
        (document(models={"half": TREES}), "there is no level 'half'"),
        (document(models={"spans": TREES}), "the model at spans is one for the level 'full'"),
        (document(models={"sql": {**LINE, "features": ["customers"]}}), "does not know the features customers"),
        (document(models={"sql": {**LINE, "weights": [1.0, 2.0]}}), "not a model"),
        (document(models={"sql": {**LINE, "adaptation": {**ADAPTATION, "slope": -1.0}}}), "must not be negative"),
        (document(models={"full": {**TREES, "trees": [{**TREE, "left_child": [7]}]}}), "not a model"),
        (document(signatures=[{"signature": "n-plus-one/lookup/customers"}]), "no such kind of evidence"),
    ],
)
def test_what_is_no_export_is_refused(data: object, told: str) -> None:
    with pytest.raises(EnneadError, match=told):
        imported(json.dumps(data), DAY)


@pytest.mark.parametrize(
    "text", ["", "{", '{"form": NaN}', "[" * 100_000, '{"kind": "ennead-model-export", "form": 1e999}']
)
def test_broken_json_is_refused(text: str) -> None:
    with pytest.raises(EnneadError, match="not an export of ennead"):
        imported(text, DAY)


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(EnneadError, match="at most 5,000,000 bytes"):
        imported(" " * (MOST_BYTES + 1), DAY)


PLAIN = st.none() | st.booleans() | st.floats() | st.text(max_size=5)
ANYTHING = st.recursive(
    PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner), max_leaves=4
)


@settings(max_examples=40)
@given(ANYTHING)
def test_anything_else_is_refused_in_one_line(data: object) -> None:
    with pytest.raises(EnneadError) as raised:
        imported(json.dumps(document(models={"sql": data}, signatures=data)), DAY)
    assert "\n" not in str(raised.value)


def test_what_is_not_known_by_name_is_not_taken_in() -> None:
    found = imported(json.dumps(document(models={"sql": {**LINE, "hook": "import os"}})), DAY)
    assert "hook" not in json.dumps(found.models)
    assert found.models["sql"]["name"] == "shared"
