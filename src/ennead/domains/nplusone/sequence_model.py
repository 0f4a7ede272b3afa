"""The shipped sequence models: which there are, and from which probability each of them warns.

A file holds a model's own form (:mod:`ennead.learners.backoff`, :mod:`ennead.learners.recurrent`) and beside it
``factors``, the names of the numbers that it was trained on, and ``thresholds``, one for each level of evidence, chosen
on training applications only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ennead.domains.nplusone.levels import LEVELS, Level
from ennead.domains.nplusone.query_stream import FACTORS, SIZES
from ennead.kernel.errors import EnneadError
from ennead.learners.backoff import BackoffModel
from ennead.learners.recurrent import RecurrentWeights
from ennead.learners.recurrent_numpy import recurrent_model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ennead.learners.sequence import SequenceModel

KINDS = ("backoff", "gru", "lstm")
"""The first one is the default: the best of the standard library's on applications that it was not trained on."""
FOLDER = "models"


@dataclass(frozen=True, slots=True)
class ShippedSequenceModel:
    """A model and when it warns."""

    model: SequenceModel
    thresholds: Mapping[Level, float]


@lru_cache(maxsize=len(KINDS))
def load_sequence_model(kind: str = KINDS[0]) -> ShippedSequenceModel:
    """A shipped model; read when it is first asked for.

    Raises
    ------
    EnneadError
        There is no such kind of model, or its file is broken.
    """
    if kind not in KINDS:
        message = f'ENNEAD_EARLY_WARNING_MODEL must be one of {", ".join(KINDS)}, got "{kind}"'
        raise EnneadError(message)
    file = files("ennead.domains.nplusone") / FOLDER / f"sequence-{kind}.json"
    return sequence_model_from_json(json.loads(file.read_text(encoding="utf-8")))


def sequence_model_to_json(form: Mapping[str, Any], thresholds: Mapping[Level, float]) -> dict[str, Any]:
    """What is written of a trained model."""
    return {**form, "factors_of_a_step": [factor.name for factor in FACTORS], "thresholds": dict(thresholds)}


def sequence_model_from_json(data: Mapping[str, Any]) -> ShippedSequenceModel:
    """Read what :func:`sequence_model_to_json` wrote.

    Raises
    ------
    EnneadError
        It was trained on other factors, or has another form.
    """
    if data.get("factors_of_a_step") != [factor.name for factor in FACTORS] or data.get("sizes") != list(SIZES):
        message = "this sequence model was trained on other factors: train it again"
        raise EnneadError(message)
    thresholds = data.get("thresholds")
    if not isinstance(thresholds, dict) or not all(_is_share(thresholds.get(level)) for level in LEVELS):
        message = f"thresholds of a sequence model must be a number from 0 to 1 for each of {', '.join(LEVELS)}"
        raise EnneadError(message)
    if data.get("kind") == BackoffModel.name:
        return ShippedSequenceModel(BackoffModel.from_json(data), thresholds)
    return ShippedSequenceModel(recurrent_model(RecurrentWeights.from_json(data)), thresholds)


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
