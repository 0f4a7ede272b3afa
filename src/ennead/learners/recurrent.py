"""A GRU or an LSTM over streams of events: inference in plain Python from validated JSON.

A step is given as one-hot factors side by side, so that the input's product is a sum of columns. Two heads read the
hidden state: the alarm's logit, and the logits of the next symbol. Names, order and meaning of the weights are those of
PyTorch's ``GRU`` and ``LSTM`` with one layer (gates r, z, n and i, f, g, o); predictions agree with it to 1e-5.

The form, version 1::

    {"form": 1, "kind": "gru",                  or "lstm"
     "sizes": [9, 5],                           of all factors of a step
     "factors": [0, 1],                         which of them are looked at
     "hidden": 16,
     "weight_ih": [[...], ...],                 gates * hidden rows, one column for each value of each factor
     "weight_hh": [[...], ...],  "bias_ih": [...],  "bias_hh": [...],
     "alarm_weight": [...],  "alarm_bias": 0.1,
     "next_weight": [[...], ...],  "next_bias": [...]}      one row for each symbol

Source: Cho et al., *Learning Phrase Representations using RNN Encoder-Decoder* (2014); Hochreiter and Schmidhuber,
*Long Short-Term Memory* (1997); https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from math import exp, isfinite, tanh
from operator import add, mul
from typing import TYPE_CHECKING, Any, Literal, cast

from ennead.kernel.errors import EnneadError
from ennead.learners.sequence import Prediction, check_sizes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ennead.learners.sequence import Reader, Step

FORM = 1
Kind = Literal["gru", "lstm"]
GATES: Mapping[Kind, int] = {"gru": 3, "lstm": 4}
_MOST_HIDDEN = 512
_LONGEST_LOGIT = 700.0
Row = list[float]


@dataclass(frozen=True)
class RecurrentWeights:
    """The numbers of a model, as they stand in its file."""

    kind: Kind
    sizes: tuple[int, ...]
    factors: tuple[int, ...]
    hidden: int
    weight_ih: list[Row]
    weight_hh: list[Row]
    bias_ih: Row
    bias_hh: Row
    alarm_weight: Row
    alarm_bias: float
    next_weight: list[Row]
    next_bias: Row

    @property
    def offsets(self) -> tuple[int, ...]:
        """The first column of each factor that is looked at."""
        return tuple(accumulate((self.sizes[factor] for factor in self.factors[:-1]), initial=0))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RecurrentWeights:
        """Read the form of the module.

        Raises
        ------
        EnneadError
            It has another form; the message says what is wrong.
        """
        kind = data.get("kind")
        if data.get("form") != FORM or kind not in GATES:
            message = f"this is no recurrent model of form {FORM}: write the model anew"
            raise EnneadError(message)
        sizes = check_sizes(data.get("sizes"))
        factors, hidden = _factors(data.get("factors"), len(sizes)), _hidden(data.get("hidden"))
        gates, columns = GATES[cast("Kind", kind)] * hidden, sum(sizes[factor] for factor in factors)
        return cls(
            cast("Kind", kind),
            sizes,
            factors,
            hidden,
            weight_ih=_matrix(data, "weight_ih", gates, columns),
            weight_hh=_matrix(data, "weight_hh", gates, hidden),
            bias_ih=_vector(data, "bias_ih", gates),
            bias_hh=_vector(data, "bias_hh", gates),
            alarm_weight=_vector(data, "alarm_weight", hidden),
            alarm_bias=_vector({"alarm_bias": [data.get("alarm_bias")]}, "alarm_bias", 1)[0],
            next_weight=_matrix(data, "next_weight", sizes[0], hidden),
            next_bias=_vector(data, "next_bias", sizes[0]),
        )


class RecurrentModel:
    """See the module.

    Parameters
    ----------
    weights
        As they were read.

    Examples
    --------
    >>> zeros = {"form": 1, "kind": "gru", "sizes": [2], "factors": [0], "hidden": 1, "alarm_bias": 0.0}
    >>> zeros |= {"weight_ih": [[0.0, 0.0]] * 3, "weight_hh": [[0.0]] * 3, "bias_ih": [0.0] * 3, "bias_hh": [0.0] * 3}
    >>> zeros |= {"alarm_weight": [0.0], "next_weight": [[0.0]] * 2, "next_bias": [0.0] * 2}
    >>> RecurrentModel(RecurrentWeights.from_json(zeros)).begin().read((1,))
    Prediction(alarm=0.5, next_symbol=(0.5, 0.5))
    """

    def __init__(self, weights: RecurrentWeights) -> None:
        self.weights = weights
        self._columns = [list(column) for column in zip(*weights.weight_ih, strict=True)]
        self._inputs = list(zip(weights.factors, weights.offsets, strict=True))

    @property
    def name(self) -> str:
        """``gru`` or ``lstm``."""
        return self.weights.kind

    def begin(self, route: str | None = None) -> Reader:  # noqa: ARG002 -- it makes no difference between routes
        """A reader with a state of zeros."""
        return _GruReader(self) if self.weights.kind == "gru" else _LstmReader(self)

    def input_gates(self, step: Step) -> Row:
        """The input's part of the gates: a column for each factor, and the bias."""
        gates = self.weights.bias_ih
        for factor, offset in self._inputs:
            gates = list(map(add, gates, self._columns[offset + step[factor]]))
        return gates

    def hidden_gates(self, state: Row) -> Row:
        """The state's part of the gates, and its bias."""
        return _product(self.weights.weight_hh, self.weights.bias_hh, state)

    def predict(self, state: Row) -> Prediction:
        """What the heads say of a state."""
        weights = self.weights
        alarm = _sigmoid(sum(map(mul, weights.alarm_weight, state)) + weights.alarm_bias)
        return Prediction(alarm, softmax(_product(weights.next_weight, weights.next_bias, state)))


class _GruReader:
    def __init__(self, model: RecurrentModel) -> None:
        self._model = model
        self._state = [0.0] * model.weights.hidden

    def read(self, step: Step) -> Prediction:
        """One step of the cell."""
        size = len(self._state)
        given, kept = self._model.input_gates(step), self._model.hidden_gates(self._state)
        for unit, before in enumerate(self._state):
            reset = _sigmoid(given[unit] + kept[unit])
            update = _sigmoid(given[size + unit] + kept[size + unit])
            new = tanh(given[2 * size + unit] + reset * kept[2 * size + unit])
            self._state[unit] = (1.0 - update) * new + update * before
        return self._model.predict(self._state)


class _LstmReader:
    def __init__(self, model: RecurrentModel) -> None:
        self._model = model
        self._state = [0.0] * model.weights.hidden
        self._cell = [0.0] * model.weights.hidden

    def read(self, step: Step) -> Prediction:
        """One step of the cell."""
        size = len(self._state)
        gates = list(map(add, self._model.input_gates(step), self._model.hidden_gates(self._state)))
        for unit, before in enumerate(self._cell):
            forgotten = _sigmoid(gates[size + unit]) * before
            self._cell[unit] = cell = forgotten + _sigmoid(gates[unit]) * tanh(gates[2 * size + unit])
            self._state[unit] = _sigmoid(gates[3 * size + unit]) * tanh(cell)
        return self._model.predict(self._state)


def softmax(logits: Sequence[float]) -> tuple[float, ...]:
    """The distribution of logits."""
    highest = max(logits)
    shares = [exp(logit - highest) for logit in logits]
    whole = sum(shares)
    return tuple(share / whole for share in shares)


def _product(rows: list[Row], bias: Row, state: Row) -> Row:
    return [sum(map(mul, row, state)) + add_on for row, add_on in zip(rows, bias, strict=True)]


def _sigmoid(logit: float) -> float:
    return 1.0 / (1.0 + exp(min(-logit, _LONGEST_LOGIT)))


def _factors(data: object, count: int) -> tuple[int, ...]:
    if isinstance(data, list) and data and all(type(factor) is int and 0 <= factor < count for factor in data):
        return tuple(data)
    message = f"factors of a recurrent model must be numbers below {count}, got {data!r}"
    raise EnneadError(message)


def _hidden(data: object) -> int:
    if type(data) is int and 0 < data <= _MOST_HIDDEN:
        return data
    message = f"hidden of a recurrent model must be a number from 1 to {_MOST_HIDDEN}, got {data!r}"
    raise EnneadError(message)


def _vector(data: Mapping[str, Any], name: str, length: int) -> Row:
    return _row(data.get(name), name, length)


def _matrix(data: Mapping[str, Any], name: str, height: int, width: int) -> list[Row]:
    rows = data.get(name)
    if not isinstance(rows, list) or len(rows) != height:
        message = f"{name} of a recurrent model must have {height} rows"
        raise EnneadError(message)
    return [_row(row, name, width) for row in rows]


def _row(row: object, name: str, length: int) -> Row:
    if isinstance(row, list) and len(row) == length and all(map(_is_number, row)):
        return [float(value) for value in row]
    message = f"{name} of a recurrent model must be {length} finite numbers"
    raise EnneadError(message)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
