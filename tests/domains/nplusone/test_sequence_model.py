"""The sequence models that ship: they are there, they are valid, and others are refused."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from ennead.domains.nplusone.query_stream import stream_of
from ennead.domains.nplusone.sequence_model import KINDS, load_sequence_model, sequence_model_from_json
from ennead.kernel.errors import EnneadError
from ennead.learners.sequence import read_all
from tests.domains.nplusone.traces import Trace, lazy_orders


def written(kind: str) -> dict[str, Any]:
    file = files("ennead.domains.nplusone") / "models" / f"sequence-{kind}.json"
    form: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return form


@pytest.mark.parametrize("kind", KINDS)
def test_each_tells_a_loop_from_its_negative_twin(kind: str) -> None:
    shipped = load_sequence_model(kind)
    model, threshold = shipped.model, shipped.thresholds["full"]
    calm = Trace()
    for number in range(6):
        calm.run(f"SELECT name FROM t{number} WHERE id = ?", number, rows=1)
    loop = [told.alarm for told in read_all(model, stream_of(lazy_orders(6).context()).steps)]
    others = [told.alarm for told in read_all(model, stream_of(calm.context()).steps)]
    assert loop[-1] > threshold > max(others)
    assert model.name == kind


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_but_numbers_is_in_the_files(kind: str) -> None:
    texts = {value for value in _texts(written(kind)) if not set(value) <= set("0123456789- ")}
    names = {*written(kind)["factors_of_a_step"], "full", "sql", "spans", kind}
    assert texts <= names | set(written(kind))


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in (key, *_texts(item))]
    return [text for item in value for text in _texts(item)] if isinstance(value, list) else []


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(EnneadError, match='must be one of backoff, gru, lstm, got "transformer"'):
        load_sequence_model("transformer")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"factors_of_a_step": ["rank"]}, "trained on other factors"),
        ({"sizes": [9, 5]}, "trained on other factors"),
        ({"thresholds": {"full": 0.9, "sql": 0.9}}, "thresholds of a sequence model"),
        ({"thresholds": {"full": 0.9, "sql": 0.9, "spans": 1.5}}, "thresholds of a sequence model"),
        ({"kind": "elman"}, "no recurrent model"),
    ],
)
def test_another_form_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(EnneadError, match=message):
        sequence_model_from_json({**written("gru"), **changes})
