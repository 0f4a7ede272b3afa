"""From labelled groups of a project to a model of its own: only what predicts unseen labels better is kept.

An adaptation corrects the model that ships by a few numbers. A full training makes a new one. Either is measured on
groups that it did not see, a fifth at a time, beside the model that is in force; groups of one pattern are left out
together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import isnan, log, log1p
from typing import TYPE_CHECKING, Any, NamedTuple

from ennead.domains.nplusone.model import LevelModel
from ennead.learners.adaptation import EDGE
from ennead.training.adapt import Verdict, adapt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ennead.domains.nplusone.levels import Level
    from ennead.learners.adaptation import Adaptation
    from ennead.training.examples import Example

FEWEST, FEWEST_OF_EACH = 20, 5
"""Labelled groups that an adaptation takes, in all and of either kind."""
FEWEST_IN_FULL, FEWEST_OF_EACH_IN_FULL = 200, 50
"""Labelled groups that a full training takes."""
_MOST = 400
"""The newest labels that an adaptation looks at: it has few numbers, and projects change."""
_FOLDS = 5
_BETTER = 0.01
"""Nats a label: of 40 projects of 60 labels that the shipped model was made for, 2 would have changed it without."""
_UNSEEN = 10
"""Labels that the model in force has not seen, from which on it is measured on them alone."""


class Loss(NamedTuple):
    """How a model does on labelled groups."""

    nats: float
    """Mean log-loss a group."""
    error_count: int
    """Groups on the wrong side of the threshold."""


class Thresholds(NamedTuple):
    """From which confidence on something is flagged, 0 to 100."""

    model: float = 60.0
    rules: float = 50.0


class Check(NamedTuple):
    """The model in force beside the new one, on groups that the new one did not see."""

    label_count: int
    before: Loss
    after: Loss
    rules_error_count: int
    """Groups on which the rules err."""

    @property
    def beats_rules(self) -> bool:
        """Whether the new one errs less often than the rules: then it may decide in their place."""
        return self.after.error_count < self.rules_error_count

    @property
    def is_better(self) -> bool:
        """Whether the new one predicts better, by more than chance brings, and errs no more often."""
        return self.after.nats < self.before.nats - _BETTER and self.after.error_count <= self.before.error_count


@dataclass(frozen=True, slots=True)
class Learnt:
    """What came of one level."""

    level: Level
    positive_count: int
    negative_count: int
    refusal: str | None = None
    """Why nothing was learnt."""
    check: Check | None = None
    data: Mapping[str, Any] | None = None
    """The new model; ``None`` where the one in force stays."""


def missing_labels(examples: Sequence[Example], fewest: int, of_each: int) -> str | None:
    """What is missing before something can be learnt, in words; ``None`` if nothing is.

    Examples
    --------
    >>> missing_labels([], 20, 5)
    '0 verdicts, 20 are needed: 20 more, at least 5 useful and 5 noise among all'
    """
    positives = sum(example.label for example in examples)
    negatives = len(examples) - positives
    few = [f"{of_each} useful"] * (positives < of_each) + [f"{of_each} noise"] * (negatives < of_each)
    if len(examples) < fewest:
        among = f", at least {' and '.join(few)} among all" if few else ""
        return f"{len(examples)} verdicts, {fewest} are needed: {fewest - len(examples)} more{among}"
    if few:
        there = f"{positives} useful and {negatives} noise"
        return f"{there}: at least {' and '.join(few)} are needed, {of_each - min(positives, negatives)} more"
    return None


def learn(
    examples: Sequence[Example],
    level: Level,
    base: Mapping[str, Any],
    in_force: LevelModel,
    thresholds: Thresholds,
    *,
    decide: bool = False,
) -> Learnt:
    """Adapt a model to the labels of a project.

    Parameters
    ----------
    examples
        Of one level, those with the oldest verdict first. Look-alikes of the rules are left out: they stand apart.
    base
        The model that ships.
    in_force
        The one that is used now.
    thresholds
        Those in force.
    decide
        Whether the new model may decide where the rules do now, if it errs less often than they do.
    """
    kept = [example for example in examples if not example.veto][-_MOST:]
    positives = sum(example.label for example in kept)
    refusal = missing_labels(kept, FEWEST, FEWEST_OF_EACH)
    if refusal:
        return Learnt(level, positives, len(kept) - positives, refusal)
    model = LevelModel.from_json(base)
    verdicts = [Verdict(model.probability(each.features), _known(each.features), each.label) for each in kept]
    unseen = _adapted_unseen(kept, verdicts)
    check = _check(kept, unseen, in_force, thresholds)
    adaptation = adapt(verdicts)
    if adaptation.is_identity or adaptation.slope < 0 or not check.is_better:
        return Learnt(level, positives, len(kept) - positives, check=check)
    data = adapted(base, adaptation, decides=base["decides"] or (decide and check.beats_rules))
    return Learnt(level, positives, len(kept) - positives, None, check, data)


def _known(features: Mapping[str, float]) -> Mapping[str, float]:
    """Without what is missing: nothing is fitted to features that no label has."""
    return {name: value for name, value in features.items() if not isnan(value)}


def adapted(base: Mapping[str, Any], adaptation: Adaptation, *, decides: bool = False) -> dict[str, Any]:
    """A model file with an adaptation."""
    version = f"{base['version']}, adapted {datetime.now(UTC):%Y-%m-%d}"
    return {**base, "version": version, "decides": decides, "adaptation": adaptation.to_json()}


def _adapted_unseen(examples: Sequence[Example], verdicts: Sequence[Verdict]) -> list[float]:
    """The probability of each group by an adaptation that did not see it, nor others of its pattern."""
    folds = list(fold_numbers(examples))
    found = [0.0] * len(verdicts)
    for fold in range(_FOLDS):
        adaptation = adapt([verdict for verdict, number in zip(verdicts, folds, strict=True) if number != fold])
        for place, verdict in enumerate(verdicts):
            if folds[place] == fold:
                found[place] = adaptation.probability(verdict.probability, verdict.features)
    return found


def fold_numbers(examples: Sequence[Example]) -> Iterator[int]:
    """The fold of each example: those of one site are in one fold."""
    sites: dict[str, int] = {}
    for example in examples:
        yield sites.setdefault(example.site, len(sites)) % _FOLDS


def _check(examples: Sequence[Example], unseen: Sequence[float], in_force: LevelModel, thresholds: Thresholds) -> Check:
    """A model that was adapted before is measured on what came since, if that is enough."""
    seen = in_force.adaptation.verdict_count if in_force.adaptation else 0
    start = seen if len(examples) - seen >= _UNSEEN else 0
    told = [in_force.probability(example.features) for example in examples[start:]]
    return compare(examples[start:], told, unseen[start:], thresholds)


def compare(
    examples: Sequence[Example], before: Sequence[float], after: Sequence[float], thresholds: Thresholds
) -> Check:
    """Two models' probabilities of the same groups, and what the rules say of them."""
    labels = [example.label for example in examples]
    rules = [(example.baselines.get("rules", 0.0) >= thresholds.rules) != example.label for example in examples]
    old, new = (loss(told, labels, thresholds.model) for told in (before, after))
    return Check(len(labels), old, new, sum(rules))


def loss(probabilities: Sequence[float], labels: Sequence[bool], threshold: float) -> Loss:
    """Log-loss and errors.

    Examples
    --------
    >>> loss([0.9, 0.8], [True, False], 60.0).error_count
    1
    """
    nats = 0.0
    for probability, label in zip(probabilities, labels, strict=True):
        inside = min(max(probability, EDGE), 1.0 - EDGE)
        nats -= log(inside) if label else log1p(-inside)
    flagged = [100.0 * probability >= threshold for probability in probabilities]
    errors = sum(flag != label for flag, label in zip(flagged, labels, strict=True))
    return Loss(nats / max(len(labels), 1), errors)
