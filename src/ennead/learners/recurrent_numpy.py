"""The recurrent models with NumPy, where it is installed: the same numbers, several times as fast.

NumPy comes with the extra ``onnx``. An ONNX session would have to be entered once for each query; one step of so small
a cell is faster in NumPy itself.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ennead.learners.recurrent import RecurrentModel
from ennead.learners.sequence import Prediction

if TYPE_CHECKING:
    from ennead.learners.recurrent import RecurrentWeights
    from ennead.learners.sequence import SequenceModel, Step


def recurrent_model(weights: RecurrentWeights) -> SequenceModel:
    """The fastest model there is here for these weights."""
    try:
        return NumpyRecurrentModel(weights, import_module("numpy"))
    except ImportError:
        return RecurrentModel(weights)


class NumpyRecurrentModel:
    """See :class:`~ennead.learners.recurrent.RecurrentModel`.

    Parameters
    ----------
    weights
        As they were read.
    numpy
        The module.
    """

    def __init__(self, weights: RecurrentWeights, numpy: Any) -> None:
        self.weights = weights
        self.numpy = numpy
        self.columns = numpy.array(weights.weight_ih).T.copy()
        self.kept = numpy.array(weights.weight_hh)
        self.bias_ih, self.bias_hh = numpy.array(weights.bias_ih), numpy.array(weights.bias_hh)
        self.heads = numpy.vstack([weights.alarm_weight, *weights.next_weight])
        self.head_bias = numpy.array([weights.alarm_bias, *weights.next_bias])
        self.factors, self.offsets = list(weights.factors), numpy.array(weights.offsets)

    @property
    def name(self) -> str:
        """``gru`` or ``lstm``."""
        return self.weights.kind

    def begin(self, route: str | None = None) -> _Reader:  # noqa: ARG002 -- it makes no difference between routes
        """A reader with a state of zeros."""
        return _Reader(self)


class _Reader:
    def __init__(self, model: NumpyRecurrentModel) -> None:
        self._model = model
        self._advance = self._gru if model.weights.kind == "gru" else self._lstm
        self._state = model.numpy.zeros(model.weights.hidden)
        self._cell = model.numpy.zeros(model.weights.hidden)

    def read(self, step: Step) -> Prediction:
        """One step of the cell, and the heads."""
        model, numpy = self._model, self._model.numpy
        values = numpy.array([step[factor] for factor in model.factors])
        self._advance(
            model.columns[model.offsets + values].sum(axis=0) + model.bias_ih,
            model.kept @ self._state + model.bias_hh,
        )
        logits = model.heads @ self._state + model.head_bias
        shares = numpy.exp(logits[1:] - logits[1:].max())
        return Prediction(float(self._sigmoid(logits[0])), tuple((shares / shares.sum()).tolist()))

    def _gru(self, given: Any, kept: Any) -> None:
        size = len(self._state)
        gates = self._sigmoid(given[: 2 * size] + kept[: 2 * size])
        new = self._model.numpy.tanh(given[2 * size :] + gates[:size] * kept[2 * size :])
        self._state = new + gates[size:] * (self._state - new)

    def _lstm(self, given: Any, kept: Any) -> None:
        size, gates, tanh = len(self._state), given + kept, self._model.numpy.tanh
        sigmoids = self._sigmoid(gates)
        self._cell = sigmoids[size : 2 * size] * self._cell + sigmoids[:size] * tanh(gates[2 * size : 3 * size])
        self._state = sigmoids[3 * size :] * tanh(self._cell)

    def _sigmoid(self, logits: Any) -> Any:
        return 0.5 + 0.5 * self._model.numpy.tanh(0.5 * logits)
