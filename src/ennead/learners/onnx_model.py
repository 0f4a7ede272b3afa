"""A classifier in the ONNX format, run by onnxruntime: for models that are too large for our own interpreter.

The header is the JSON of any model, with the name of the ONNX file in the place of ``trees`` or ``weights``::

    {"form": 1,
     "features": ["log_count", "adjacency"],        names, in the order of the columns
     "onnx": "full.onnx"}                           a file in the same folder

The graph has one input, float or double, of the shape [rows, features], where ``NaN`` is a missing value. Its first
output is a probability for each row, [rows] or [rows, 1], before calibration. The file is handed over as bytes: it
cannot name other files.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from math import exp, isfinite, log, nan
from typing import TYPE_CHECKING, Any

from ennead.kernel.errors import EnneadError
from ennead.learners.model_form import FormError, a_mapping, a_text, different_names, the_form

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORM = 1
MOST_BYTES = 200_000_000
_TYPES = {"tensor(float)": "float32", "tensor(double)": "float64"}
_LEAST = 1e-12
"""Probabilities of 0 and 1 have no finite log-odds."""


@dataclass(frozen=True, slots=True)
class OnnxModel:
    """Probabilities of an ONNX graph, as the other learners give them.

    Parameters
    ----------
    features
        Names of the columns.
    session
        An ``onnxruntime.InferenceSession``.
    numpy
        The module.
    """

    features: tuple[str, ...]
    session: Any
    numpy: Any

    @classmethod
    def from_json(cls, data: object, folder: Path) -> OnnxModel:
        """Read the header described above and the file that it names.

        Raises
        ------
        FormError
            The header or the graph is something else.
        EnneadError
            The file cannot be read, or onnxruntime is not installed.
        """
        model = a_mapping(data, "a model")
        the_form(model, FORM)
        features = different_names(model.get("features"), "features")
        name = a_text(model.get("onnx"), "onnx")
        if name != folder.joinpath(name).name or name in {".", ".."}:
            message = f"onnx must be the name of a file beside the model, got {name!r:.40}"
            raise FormError(message)
        runtime, numpy = _modules()
        session = _session(runtime, _read(folder / name))
        _check(session, len(features))
        return cls(features, session, numpy)

    def raw(self, features: Mapping[str, float]) -> float:
        """The log-odds; a feature without a value is missing.

        Raises
        ------
        ValueError
            The graph gave something that is no probability.
        """
        asked = self.session.get_inputs()[0]
        row = [[features.get(name, nan) for name in self.features]]
        told = self.session.run(None, {asked.name: self.numpy.array(row, dtype=_TYPES[asked.type])})[0]
        probability = float(self.numpy.asarray(told).reshape(-1)[0])
        if not isfinite(probability) or not 0.0 <= probability <= 1.0:
            message = f"the ONNX model gave the probability {probability!r}"
            raise ValueError(message)
        kept = min(max(probability, _LEAST), 1.0 - _LEAST)
        return log(kept / (1.0 - kept))

    def to_probability(self, raw: float) -> float:
        """The logistic function."""
        return 1.0 / (1.0 + exp(-raw))

    def probability(self, features: Mapping[str, float]) -> float:
        """The graph's probability; not calibrated."""
        return self.to_probability(self.raw(features))


def _modules() -> tuple[Any, Any]:
    try:
        return import_module("onnxruntime"), import_module("numpy")
    except ImportError as error:
        message = "a model in the ONNX format needs onnxruntime: pip install 'ennead[onnx]'"
        raise EnneadError(message) from error


def _read(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        if size > MOST_BYTES:
            message = f"{file.name} has {size:,} bytes, at most {MOST_BYTES:,} are read"
            raise FormError(message)
        return file.read_bytes()
    except OSError as error:
        message = f"cannot read {file}: {error.strerror or error}"
        raise EnneadError(message) from error


def _session(runtime: Any, content: bytes) -> Any:
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own, without a common class
        message = f"onnxruntime refuses the file: {str(error).splitlines()[0]:.120}"
        raise FormError(message) from error


def _check(session: Any, feature_count: int) -> None:
    inputs = session.get_inputs()
    if len(inputs) != 1 or inputs[0].type not in _TYPES or len(inputs[0].shape) != 2:  # noqa: PLR2004 -- rows, features
        raise FormError("the graph must have one input, float or double, of the shape [rows, features]")
    columns = inputs[0].shape[1]
    if isinstance(columns, int) and columns != feature_count:
        message = f"the graph takes {columns} features, the model names {feature_count}"
        raise FormError(message)
    output = session.get_outputs()[0]
    if output.type not in _TYPES or output.shape[1:] not in ([], [1]):
        raise FormError("the graph's first output must be one probability for each row")
