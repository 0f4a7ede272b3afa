"""A model of one level: trees or a logistic regression, a calibrator fitted on scores out of fold, and these scores.

Out of fold means: each application is scored by a model that never saw it. That is what a new project will get, so
that is what the calibrator must be right about; generated examples are learnt from and never calibrated on.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING, Any, Literal, Protocol

from ennead.kernel.errors import EnneadError
from ennead.learners.beta_calibration import BetaCalibration
from ennead.learners.boosted_trees import BoostedTrees
from ennead.learners.logistic import LogisticRegression
from ennead.training.evidence import with_less_evidence
from ennead.training.examples import FEATURES
from ennead.training.fit import fit_logistic, fit_trees, known_features
from ennead.training.weights import weigh

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ennead.training.examples import Example

Kind = Literal["trees", "logistic"]
OutOfFold = tuple["Example", float]
"""An example and its score."""
_LONGEST_MARGIN = 30.0
_MOST_FOLDS = 5
"""With more applications several are held out together."""
_LESS_EVIDENCE_WEIGHT = 0.25
"""Of a copy with a kind of evidence taken away, by that of the example."""


class Learner(Protocol):
    """What gives a group's log-odds."""

    def raw(self, features: Mapping[str, float], /) -> float:
        """Log-odds that the group is an N+1, not calibrated."""


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """What was learnt about one level of evidence."""

    kind: Kind
    data: Mapping[str, Any]
    """In the form of the learner."""
    learner: Learner
    calibration: BetaCalibration
    held_out: tuple[OutOfFold, ...]
    """What the calibration was fitted on."""

    def score(self, features: Mapping[str, float]) -> float:
        """Probability before calibration."""
        return _logistic(self.learner.raw(features))

    def probability(self, features: Mapping[str, float]) -> float:
        """Calibrated probability that the group is an N+1."""
        return self.calibration.probability(self.score(features))


def train(examples: Sequence[Example], kind: Kind = "trees", features: Sequence[str] = FEATURES) -> TrainedModel:
    """A model of examples of one level.

    Raises
    ------
    EnneadError
        The examples are of one label, or of one application.
    """
    held_out = out_of_fold(examples, kind, features)
    data = fit(examples, kind, features)
    real = [example for example, _ in held_out]
    labels = [example.label for example in real]
    calibration = BetaCalibration.fit([score for _, score in held_out], labels, weigh(real))
    return TrainedModel(kind, data, read(kind, data), calibration, tuple(held_out))


def out_of_fold(examples: Sequence[Example], kind: Kind, features: Sequence[str] = FEATURES) -> list[OutOfFold]:
    """Each example that was not generated, with the score of a model that never saw its application.

    Raises
    ------
    EnneadError
        The examples are of one label, or of one application.
    """
    made = [example for example in examples if example.source == "generated"]
    real = [example for example in examples if example.source != "generated"]
    applications = sorted({example.application for example in real})
    if len(applications) < 2 or len({example.label for example in examples}) < 2:  # noqa: PLR2004 -- to tell apart
        message = "training needs examples of two applications and of both labels at least"
        raise EnneadError(message)
    held_out: list[OutOfFold] = []
    for first in range(min(len(applications), _MOST_FOLDS)):
        left_out = frozenset(applications[first::_MOST_FOLDS])
        seen = [example for example in real if example.application not in left_out]
        learner = read(kind, fit([*seen, *made], kind, features))
        unseen = (example for example in real if example.application in left_out)
        held_out += [(example, _logistic(learner.raw(example.features))) for example in unseen]
    return held_out


def fit(examples: Sequence[Example], kind: Kind, features: Sequence[str] = FEATURES) -> dict[str, Any]:
    """The learner alone, in its form."""
    fitting = fit_trees if kind == "trees" else fit_logistic
    rows, weights = training_rows(examples)
    return fitting(rows, weights, known_features(examples, features))


def training_rows(examples: Sequence[Example]) -> tuple[list[Example], list[float]]:
    """The examples, with copies that lack a kind of evidence, and how much each counts."""
    poorer = list(with_less_evidence(examples))
    weights = [*weigh(examples), *(_LESS_EVIDENCE_WEIGHT * weight for weight in weigh(poorer))]
    return [*examples, *poorer], weights


def read(kind: Kind, data: Mapping[str, Any]) -> Learner:
    """The interpreter of what :func:`fit` gave."""
    return BoostedTrees.from_json(data) if kind == "trees" else LogisticRegression.from_json(data)


def _logistic(margin: float) -> float:
    inside = min(max(margin, -_LONGEST_MARGIN), _LONGEST_MARGIN)
    return 1.0 / (1.0 + exp(-inside))
