"""Whether a model knows more than it can: shuffled labels must lead to chance, and kinds of evidence are left out."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from ennead.training.evidence import EVIDENCE, without
from ennead.training.examples import FEATURES
from ennead.training.figures import Scored, figures_of, rank_quality
from ennead.training.trained_model import fit, read, train

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ennead.training.examples import Example
    from ennead.training.figures import Figures

_SHUFFLES = 20
_THRESHOLD = 60.0


def shuffle_labels(examples: Sequence[Example], seed: int) -> list[Example]:
    """The examples with labels dealt anew among all call sites; examples of one site stay together."""
    labels = {(example.application, example.site): example.label for example in examples}
    values = list(labels.values())
    Random(seed).shuffle(values)
    dealt = dict(zip(labels, values, strict=True))
    return [replace(example, label=dealt[example.application, example.site]) for example in examples]


def after_shuffling(training: Sequence[Example], unseen: Sequence[Example]) -> list[float]:
    """Area under the ROC curve on unseen examples, with their true labels, of models taught shuffled ones.

    Chance is .5: more would mean that something else than the labels tells the groups apart.
    """
    areas = []
    for seed in range(_SHUFFLES):
        learner = read("trees", fit(shuffle_labels(training, seed), "trees"))
        areas.append(rank_quality([(learner.raw(each.features), each.label) for each in unseen]))
    return areas


def ablate(training: Sequence[Example], unseen: Sequence[Example]) -> Mapping[str, Figures]:
    """Figures on unseen examples without each kind of evidence that the training examples have in turn."""
    found = {}
    for kind, names in EVIDENCE.items():
        if any(len({repr(each.features[name]) for each in training}) > 1 for name in names):
            model = train(training, "trees", without(FEATURES, kind))
            scored = [Scored(100.0 * model.probability(each.features), each.label) for each in unseen]
            found[kind] = figures_of(scored, _THRESHOLD)
    return found
