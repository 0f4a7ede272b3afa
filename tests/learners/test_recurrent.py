"""GRU and LSTM: PyTorch's own answers, with NumPy's way to them, and refusal of everything that is no model."""

import json
from copy import deepcopy
from math import inf, isclose
from pathlib import Path
from typing import Any

import pytest

from ennead.kernel.errors import EnneadError
from ennead.learners import recurrent_numpy
from ennead.learners.recurrent import RecurrentModel, RecurrentWeights, softmax
from ennead.learners.recurrent_numpy import recurrent_model
from ennead.learners.sequence import read_all

FOLDER = Path(__file__).parents[1] / "fixtures" / "learners"
CASES = {kind: json.loads((FOLDER / f"torch_{kind}.json").read_text("utf-8")) for kind in ("gru", "lstm")}
TOLERANCE = 1e-5


def a_model(kind: str) -> RecurrentModel:
    return RecurrentModel(RecurrentWeights.from_json(CASES[kind]["model"]))


@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_predictions_are_those_of_pytorch(kind: str) -> None:
    case = CASES[kind]
    told = list(read_all(a_model(kind), case["steps"]))
    assert len(told) == len(case["torch"]) == 40
    for prediction, (alarm, symbols) in zip(told, case["torch"], strict=True):
        assert isclose(prediction.alarm, alarm, abs_tol=TOLERANCE)
        assert prediction.next_symbol == pytest.approx(symbols, abs=TOLERANCE)


@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_the_expected_answers_vary(kind: str) -> None:
    alarms = [alarm for alarm, _ in CASES[kind]["torch"]]
    assert max(alarms) - min(alarms) > 0.5


def test_what_is_not_looked_at_makes_no_difference() -> None:
    steps = CASES["gru"]["steps"]
    others = [(first, (second + 1) % 7, third) for first, second, third in steps]
    model = a_model("gru")
    assert list(read_all(model, steps)) == list(read_all(model, others))
    changed = [(first, second, (third + 1) % 3) for first, second, third in steps]
    assert list(read_all(model, steps)) != list(read_all(model, changed))


def test_each_stream_begins_anew() -> None:
    model, steps = a_model("lstm"), CASES["lstm"]["steps"]
    assert list(read_all(model, steps)) == list(read_all(model, steps))


def test_without_numpy_plain_python_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(recurrent_numpy, "import_module", missing)
    assert isinstance(recurrent_model(RecurrentWeights.from_json(CASES["gru"]["model"])), RecurrentModel)


def test_large_logits_do_not_overflow() -> None:
    form = deepcopy(CASES["gru"]["model"])
    form["alarm_bias"] = -1e6
    (prediction,) = read_all(RecurrentModel(RecurrentWeights.from_json(form)), CASES["gru"]["steps"][:1])
    assert prediction.alarm == pytest.approx(0.0)
    assert softmax([1e6, 0.0]) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("form", 2, "no recurrent model of form 1"),
        ("kind", "elman", "no recurrent model of form 1"),
        ("sizes", [], "sizes of the factors must be"),
        ("factors", [0, 3], "factors of a recurrent model must be numbers below 3"),
        ("factors", [], "factors of a recurrent model must be numbers below 3"),
        ("hidden", 0, "hidden of a recurrent model must be a number from 1 to 512"),
        ("hidden", 5, "weight_ih of a recurrent model must have 15 rows"),
        ("weight_hh", None, "weight_hh of a recurrent model must have 12 rows"),
        ("bias_ih", [0.0] * 11, "bias_ih of a recurrent model must be 12 finite numbers"),
        ("bias_hh", [inf] * 12, "bias_hh of a recurrent model must be 12 finite numbers"),
        ("alarm_bias", None, "alarm_bias of a recurrent model must be 1 finite numbers"),
        ("next_weight", [[True] * 4] * 5, "next_weight of a recurrent model must be 4 finite numbers"),
    ],
)
def test_another_form_is_refused(name: str, value: Any, message: str) -> None:
    with pytest.raises(EnneadError, match=message):
        RecurrentWeights.from_json({**CASES["gru"]["model"], name: value})
