"""What leaves a project when its model is exported, and what is taken in: numbers, and the words of our own forms.

An export is not a copy of what lies on the disk. It is made anew of what is known by name: features, levels, counts. At
the end every text in it is held against these words, so that a name that came in by whatever way cannot leave.

The form, version 1::

    {"form": 1, "kind": "ennead-model-export",
     "models": {"full": {...}},                      by level, in the form of a model file
     "signatures": [{"signature": ..., ...}, ...]}   verdicts by kind of evidence
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ennead.domains.nplusone.group_features import GROUP_FEATURES
from ennead.domains.nplusone.levels import LEVELS, Level
from ennead.domains.nplusone.model import LevelModel
from ennead.domains.nplusone.signature_counts import SignatureCount, is_signature, read_counts
from ennead.kernel.errors import EnneadError
from ennead.learners.model_form import FormError, a_list, a_mapping, the_form

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FORM, KIND = 1, "ennead-model-export"
MOST_BYTES = 5_000_000
NAME = "shared"
"""Of every exported model: what a project calls its own stays there."""
_VERSION = re.compile(r"\d{4}-\d\d-\d\d")
_PLAIN = ("form", "level", "decides", "features", "mean", "scale", "weights", "missing_weights", "intercept", "sigmoid")
_CALIBRATOR = ("form", "a", "b", "c")
_CALIBRATION = ("form", "scores", "labels")
_ADAPTATION = ("form", "shift", "slope", "verdict_count")
_TREE = ("split_feature", "threshold", "decision_type", "left_child", "right_child", "leaf_value")
_MAPPINGS = ("weights", "means")
_FEATURES = frozenset(spec.name for spec in GROUP_FEATURES)
_KEYS = frozenset((
    *_PLAIN, *_CALIBRATOR, *_CALIBRATION, *_ADAPTATION, *_TREE, *_MAPPINGS, *SignatureCount._fields, *LEVELS,
    "kind", "models", "signatures", "name", "version", "trees", "calibrator", "calibration", "adaptation",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Exchange:
    """What goes from one project to another."""

    models: Mapping[Level, Mapping[str, Any]] = field(default_factory=dict)
    """In the form of a model file."""
    signatures: tuple[SignatureCount, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it."""
        return not self.models and not self.signatures


def exported(exchange: Exchange, day: str) -> str:
    """The text that leaves.

    Parameters
    ----------
    exchange
        What the project has.
    day
        Becomes the models' version: ``2026-11-24``.

    Raises
    ------
    EnneadError
        Something is no model, or has a word that is none of ours.
    """
    try:
        return _exported(exchange, day)
    except ValueError as error:
        message = f"not exported: {error}"
        raise EnneadError(message) from error


def _exported(exchange: Exchange, day: str) -> str:
    models = {level: cleaned(data, day) for level, data in exchange.models.items()}
    signatures = [count.to_json() for count in exchange.signatures]
    document = {"form": FORM, "kind": KIND, "models": models, "signatures": signatures}
    strange = sorted({text for text in _texts(document) if not _is_ours(text)})
    if strange:
        message = f"{len(strange)} of its words are not ours"
        raise FormError(message)
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def imported(text: str, day: str) -> Exchange:
    """What a text brings, checked and made anew of what is known by name.

    Raises
    ------
    EnneadError
        It is no export, of another form, too large, or out of range.
    """
    if len(text.encode("utf-8", "backslashreplace")) > MOST_BYTES:
        message = f"an export has at most {MOST_BYTES:,} bytes"
        raise EnneadError(message)
    try:
        return _read(json.loads(text, parse_constant=_refuse), day)
    except (FormError, ValueError, RecursionError) as error:
        message = f"not an export of ennead: {error}"
        raise EnneadError(message) from error


def _refuse(constant: str) -> object:
    message = f"{constant} is no number"
    raise FormError(message)


def _read(data: object, day: str) -> Exchange:
    document = a_mapping(data, "an export")
    if document.get("kind") != KIND:
        message = f"kind must be {KIND}"
        raise FormError(message)
    the_form(document, FORM)
    models = a_mapping(document.get("models", {}), "models")
    unknown = sorted(set(models) - set(LEVELS))
    if unknown:
        message = f"there is no level {unknown[0]!r:.40}"
        raise FormError(message)
    found = {level: cleaned(models[level], day) for level in LEVELS if level in models}
    for level, model in found.items():
        if model["level"] != level:
            message = f"the model at {level} is one for the level {model['level']!r:.40}"
            raise FormError(message)
    return Exchange(found, read_counts(document.get("signatures", [])))


def cleaned(data: object, day: str) -> dict[str, Any]:
    """A model made anew of what is known by name, checked; its own name and notes stay behind.

    Raises
    ------
    EnneadError
        It is no model.
    """
    source = a_mapping(data, "a model")
    model: dict[str, Any] = {**_only(source, _PLAIN), "name": NAME, "version": day}
    if "trees" in source:
        trees = a_list(source["trees"], "trees")
        model["trees"] = [_only(a_mapping(tree, "each of trees"), _TREE) for tree in trees]
    for part, names in (("calibrator", _CALIBRATOR), ("calibration", _CALIBRATION)):
        if source.get(part) is not None:
            model[part] = _only(a_mapping(source[part], part), names)
    if source.get("adaptation") is not None:
        model["adaptation"] = _adaptation(a_mapping(source["adaptation"], "adaptation"))
    LevelModel.from_json(model)
    return model


def _adaptation(source: Mapping[str, Any]) -> dict[str, Any]:
    """Weights of known features only; one of another feature could move nothing."""
    found = _only(source, _ADAPTATION)
    for part in _MAPPINGS:
        weights = a_mapping(source.get(part, {}), part)
        found[part] = {name: weights[name] for name in weights if name in _FEATURES}
    return found


def _only(source: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: source[name] for name in names if name in source}


def _texts(value: object) -> Iterator[str]:
    """Every text of a document, its keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _is_ours(text: str) -> bool:
    return (
        text in _KEYS
        or text in _FEATURES
        or text in (KIND, NAME)
        or is_signature(text)
        or _VERSION.fullmatch(text) is not None
    )
