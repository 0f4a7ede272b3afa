"""The learnt model: one file for each level of evidence, read when it is first needed and checked as it is read.

A model file is JSON. Its name is ``<level>.json``; the learner's own form lies flat in it
(:mod:`~ennead.learners.boosted_trees` if it has ``trees``, :mod:`~ennead.learners.onnx_model` if it names a file as
``onnx``, else :mod:`~ennead.learners.logistic`)::

    {"form": 1, "name": "trees", "version": "2026-11", "level": "sql",
     "decides": true,                       false: it is asked and shown beside the rules, which decide
     "features": [...], "trees": [...],     names of the group features that it knows; any of them may be missing
     "calibrator": {"form": 1, "a": 1.1, "b": 0.9, "c": -0.2},      beta calibration of the learner's probability
     "calibration": {"form": 1, "scores": [...], "labels": [...]},  optional: probabilities before calibration with the
                                            truth, for Venn-Abers intervals
     "adaptation": {"form": 1, ...},        optional: what the verdicts of a project changed
                                            (:mod:`~ennead.learners.adaptation`)
     "evaluation": {"auprc": 0.97, ...}}    optional: what was measured on applications it had not seen

A project may have models of its own, in ``.ennead/model`` at its root: ``ennead train`` writes them, and ``ennead model
import``. Each is used in the place of the one that ships.

A file that is missing says that there is no model for its level. One that is broken is left, with the reason kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ennead.domains.nplusone.group_features import GROUP_FEATURES
from ennead.domains.nplusone.levels import LEVELS, Level
from ennead.kernel.errors import EnneadError
from ennead.learners.adaptation import Adaptation
from ennead.learners.beta_calibration import BetaCalibration
from ennead.learners.boosted_trees import BoostedTrees
from ennead.learners.logistic import LogisticRegression
from ennead.learners.model_form import FormError, a_mapping, a_number, a_text
from ennead.learners.onnx_model import OnnxModel
from ennead.learners.venn_abers import Interval, VennAbers

if TYPE_CHECKING:
    from collections.abc import Mapping

OWN_FOLDER = Path(".ennead", "model")
"""Where a project keeps models of its own, below its root."""
_PROJECT_MARKERS = ("pyproject.toml", "manage.py", "setup.cfg", "setup.py", ".git")
_MOST_BYTES = 20_000_000
_KNOWN = frozenset(spec.name for spec in GROUP_FEATURES)


class Judgement(NamedTuple):
    """What a model says of one repeated group."""

    score: float
    """The learner's own scale: log-odds for those that ship; higher is likelier."""
    probability: float
    """Calibrated, 0 to 1."""
    interval: Interval | None = None
    """Where few labels leave the probability; ``None`` where the model has no calibration scores."""

    @property
    def confidence(self) -> float:
        """The probability, 0 to 100."""
        return 100.0 * self.probability


class GroupModel(Protocol):
    """Scores one repeated group from its features."""

    @property
    def name(self) -> str:
        """Name and version."""

    def probability(self, features: Mapping[str, float], /) -> float:
        """Calibrated probability, 0 to 1, that the group is an N+1."""


@dataclass(frozen=True, slots=True)
class LevelModel:
    """A model for one level of evidence: a :class:`GroupModel`.

    Examples
    --------
    >>> model = LevelModel.from_json({"form": 1, "name": "example", "version": "1", "level": "sql", "decides": False,
    ...     "features": ["log_count"], "mean": [2.0], "scale": [1.0], "weights": [1.0], "intercept": 0.0})
    >>> model.name, model.level, model.decides
    ('example 1', 'sql', False)
    >>> model.judge({"log_count": 3.0}).score, round(model.probability({"log_count": 3.0}), 3)
    (1.0, 0.731)
    """

    name: str
    """Name and version."""
    level: Level
    decides: bool
    """Whether its probability decides at its level; else it stands beside the rules."""
    learner: BoostedTrees | LogisticRegression | OnnxModel
    calibrator: BetaCalibration
    intervals: VennAbers | None = None
    evaluation: Mapping[str, float] = field(default_factory=dict)
    """What was measured on applications it had not seen."""
    adaptation: Adaptation | None = None
    """What the verdicts of a project changed."""

    @classmethod
    def from_json(cls, data: object, folder: Path | None = None) -> LevelModel:
        """Read and check the form described above.

        Parameters
        ----------
        data
            The content of a model file.
        folder
            Where it lies: a model in the ONNX format has a second file there.

        Raises
        ------
        EnneadError
            It is something else; one line says what.
        """
        try:
            return cls._read(a_mapping(data, "a model"), folder)
        except FormError as error:
            message = f"not a model: {error}"
            raise EnneadError(message) from error

    @classmethod
    def _read(cls, data: Mapping[str, Any], folder: Path | None) -> LevelModel:
        name, version = a_text(data.get("name"), "name"), a_text(data.get("version"), "version")
        learner = _learner(data, folder)
        unknown = [name for name in learner.features if name not in _KNOWN]
        if unknown:
            message = f"this version does not know the features {', '.join(unknown)[:80]}"
            raise FormError(message)
        calibrator, scores, adaptation = (data.get(key) for key in ("calibrator", "calibration", "adaptation"))
        numbers = a_mapping(data.get("evaluation", {}), "evaluation")
        return cls(
            f"{name} {version}",
            _level(data.get("level")),
            _decides(data.get("decides")),
            learner,
            BetaCalibration(1.0, 1.0, 0.0) if calibrator is None else BetaCalibration.from_json(calibrator),
            None if scores is None else VennAbers.from_json(scores),
            {key: a_number(value, key) for key, value in numbers.items()},
            None if adaptation is None else Adaptation.from_json(adaptation),
        )

    def judge(self, features: Mapping[str, float]) -> Judgement:
        """Score, calibrated probability and interval of one group."""
        raw = self.learner.raw(features)
        before = self.learner.to_probability(raw)
        interval = self.intervals.interval(before) if self.intervals else None
        probability = self.calibrator.probability(before)
        if self.adaptation is not None:
            probability = self.adaptation.probability(probability, features)
            interval = interval and Interval(*(self.adaptation.probability(edge, features) for edge in interval))
        return Judgement(raw, probability, interval)

    def probability(self, features: Mapping[str, float], /) -> float:
        """Calibrated probability, 0 to 1, that the group is an N+1."""
        return self.judge(features).probability


def judge(model: GroupModel, features: Mapping[str, float]) -> Judgement:
    """What any model says, also one that only knows probabilities.

    Raises
    ------
    ValueError
        Its probability is none.
    """
    if isinstance(model, LevelModel):
        return model.judge(features)
    probability = model.probability(features)
    if not isfinite(probability) or not 0.0 <= probability <= 1.0:
        message = f"{model.name} gave the probability {probability!r}"
        raise ValueError(message)
    return Judgement(probability, probability)


def decides(model: GroupModel) -> bool:
    """Whether it decides, instead of standing beside the rules; one that does not say so does not."""
    return bool(getattr(model, "decides", False))


class Models:
    """The model of each level, out of one folder or one file; whatever cannot be read is no model.

    Parameters
    ----------
    place
        A folder with ``<level>.json``, or one model file; by default those of the project that one stands in, and where
        it has none, those that travel with the package.

    Examples
    --------
    >>> Models("/nowhere").at("full") is None
    True
    """

    def __init__(self, place: str = "") -> None:
        self._place = place
        self._found: dict[Level, GroupModel | None] = {}
        self.problems: dict[Level, str] = {}
        """Why a file could not be read, by level; a file that is not there is no problem."""

    @classmethod
    def only(cls, model: GroupModel) -> Models:
        """One model, asked at every level."""
        models = cls()
        models._found = dict.fromkeys(LEVELS, model)
        return models

    def at(self, level: Level) -> GroupModel | None:
        """The model of a level, or ``None``."""
        if level not in self._found:
            try:
                self._found[level] = self._read(level)
            except (EnneadError, OSError) as error:
                self.problems[level] = str(error)
                self._found[level] = None
        return self._found[level]

    @property
    def problem_count(self) -> int:
        """Levels whose file could not be read."""
        return len(self.problems)

    def _read(self, level: Level) -> GroupModel | None:
        if not self._place:
            return self._own(level) or _shipped(level)
        place = Path(self._place)
        if place.is_dir():
            return _at_level(place / f"{level}.json", level) if (place / f"{level}.json").is_file() else None
        model = read_model(place)
        return model if model.level == level else None

    def _own(self, level: Level) -> GroupModel | None:
        file = own_file(level)
        try:
            return _at_level(file, level) if file is not None else None
        except EnneadError as error:
            self.problems[level] = str(error)  # told, and the one that ships decides
            return None


def own_file(level: Level, start: str = ".") -> Path | None:
    """The model file of the project around a folder, if it has one.

    It is looked for from the folder up to the first one that is a project's; without any of these in the folder alone,
    so that what lies further up, perhaps somebody else's, never decides.
    """
    try:
        folder = Path(start).absolute()
        inside: list[Path] = []
        for place in (folder, *folder.parents):
            inside += [place]
            if any((place / marker).exists() for marker in _PROJECT_MARKERS):
                break
        else:
            inside = [folder]
        files = (place / OWN_FOLDER / f"{level}.json" for place in inside)
        return next((file for file in files if file.is_file()), None)
    except OSError:  # the folder is gone, or is not ours to look into
        return None


def load_model(level: Level) -> GroupModel | None:
    """The model of a level: the project's, else the one that ships, or ``None``."""
    return Models().at(level)


def read_model(file: Path) -> LevelModel:
    """Read a model file; one that has not changed since is not read again.

    Raises
    ------
    EnneadError
        It cannot be read, or is no model.
    """
    try:
        seen = file.stat()
    except OSError as error:
        message = f"cannot read the model {file}: {error.strerror or error}"
        raise EnneadError(message) from error
    return _read_once(str(file), seen.st_mtime_ns, seen.st_size)


@lru_cache(maxsize=16)
def _read_once(file: str, _changed_ns: int, size: int) -> LevelModel:
    if size > _MOST_BYTES:
        message = f"the model {file} has {size:,} bytes, at most {_MOST_BYTES:,} are read"
        raise EnneadError(message)
    try:
        return LevelModel.from_json(json.loads(Path(file).read_text(encoding="utf-8")), Path(file).parent)
    except (OSError, ValueError, RecursionError, EnneadError) as error:
        message = f"cannot read the model {file}: {error}"
        raise EnneadError(message) from error


@lru_cache(maxsize=len(LEVELS))
def _shipped(level: Level) -> LevelModel | None:
    file = files("ennead.domains.nplusone") / "models" / f"{level}.json"
    return _at_level(Path(str(file)), level) if file.is_file() else None


def _at_level(file: Path, level: Level) -> LevelModel:
    model = read_model(file)
    if model.level != level:
        message = f"the model {file} is one for the level {model.level}"
        raise EnneadError(message)
    return model


def _learner(data: Mapping[str, Any], folder: Path | None) -> BoostedTrees | LogisticRegression | OnnxModel:
    if "trees" in data:
        return BoostedTrees.from_json(data)
    if "onnx" not in data:
        return LogisticRegression.from_json(data)
    if folder is None:
        raise FormError("one in the ONNX format has two files: it is read from its folder, and not trained or exported")
    return OnnxModel.from_json(data, folder)


def _level(value: object) -> Level:
    if value not in LEVELS:
        message = f"level must be one of {', '.join(LEVELS)}, got {value!r:.40}"
        raise FormError(message)
    return value


def _decides(value: object) -> bool:
    if not isinstance(value, bool):
        message = f"decides must be true or false, got {value!r:.40}"
        raise FormError(message)
    return value
