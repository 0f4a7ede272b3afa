"""What is reported as Ennead ships, with what its models say who never saw the application.

The evaluation applications are judged by the models that ship. The training applications and the scenario suites, of
which these have learnt, are judged out of fold: by models of the same training without the application.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping

from bench.adaptive.patterns import Pattern
from bench.ml.evaluation import Corpus, read_corpus, read_split
from bench.ml.shipping import MODELS
from ennead.domains.nplusone.adaptive_threshold import LOWEST
from ennead.domains.nplusone.evidence_signature import evidence_signature
from ennead.domains.nplusone.levels import LEVELS, Level
from ennead.domains.nplusone.model import LevelModel, read_model
from ennead.training.examples import Example
from ennead.training.trained_model import out_of_fold

MODEL_THRESHOLD = 60.0
"""`NPLUSONE_ML_CONFIDENCE_THRESHOLD`."""


def shipped_patterns() -> dict[Level, list[Pattern]]:
    """By level; the deciding one of rules and model decides what is reported."""
    corpus = read_corpus()
    return {level: list(_patterns(corpus, level)) for level in LEVELS}


def decider(level: Level) -> str:
    """Who decides at a level."""
    return "the model" if _model(level).decides else "the rules"


def _patterns(corpus: Corpus, level: Level) -> Iterator[Pattern]:
    model, told = _model(level), _probabilities(corpus, level)
    places: defaultdict[str, list[tuple[float, float, Example]]] = defaultdict(list)
    for example in (*corpus.applications, *corpus.scenarios):
        if example.level != level:
            continue
        probability = told[id(example)]
        confidence = 100.0 * probability if model.decides else example.baselines["rules"]
        if confidence >= (MODEL_THRESHOLD if model.decides else LOWEST) and not (model.decides and example.veto):
            places[f"{level} {example.application} {example.site}"].append((confidence, probability, example))
    for name, found in places.items():
        confidence, probability, surest = max(found, key=lambda each: each[0])
        true_count = sum(example.label for _, _, example in found)
        is_write = bool(surest.features["is_write"])
        yield Pattern(
            name,
            evidence_signature("write-n-plus-one" if is_write else "n-plus-one", level, surest.features),
            confidence,
            bool(true_count),
            len(found) - true_count,
            true_count,
            probability=None if is_write else probability,
            features=surest.features,
        )


def _probabilities(corpus: Corpus, level: Level) -> Mapping[int, float]:
    """Calibrated; by the identity of every example that was not generated, since two groups may share all names."""
    print(f"{level}: models without each training application ...", file=sys.stderr, flush=True)
    split, model = read_split(), _model(level)
    seen = [*corpus.at(level, split.training), *corpus.made(level)]
    told = {id(each): model.calibrator.probability(score) for each, score in out_of_fold(seen, "trees")}
    return told | {id(each): model.probability(each.features) for each in corpus.at(level, split.evaluation)}


def _model(level: Level) -> LevelModel:
    return read_model(MODELS / f"{level}.json")
