"""The sequence models that are compared, as each fold has them."""

import json
from functools import lru_cache
from typing import Any

from bench.early_warning.folds import Corpus, Fold
from bench.early_warning.streams import CACHE
from ennead.domains.nplusone.query_stream import POSITION_OF, SIZES
from ennead.learners.backoff import BackoffModel
from ennead.learners.recurrent import RecurrentModel, RecurrentWeights
from ennead.learners.repetition import RepetitionRule
from ennead.learners.route_prior import RoutePrior
from ennead.learners.sequence import LabelledStream, SequenceModel
from ennead.training.sequences import train_backoff, weighed
from ennead.training.streams import UnitStream

FOLDER = CACHE / "models"
KINDS = ("repetition", "route prior", "backoff", "gru", "lstm")
_DISTINCT = POSITION_OF["distinct"]
_THREE = 2
"""Code of the third distinct parameter set: from there on something repeats."""


def model_of(kind: str, fold: Fold, corpus: Corpus, application: str, level: str) -> SequenceModel | None:
    """A model as it meets an application; `None` if it was not trained here."""
    if kind == "repetition":
        return RepetitionRule(SIZES[0], 0, _DISTINCT)
    if kind == "route prior":
        return _route_prior(corpus.earlier(application, level))
    return trained(kind, fold, corpus)


@lru_cache(maxsize=40)
def trained(kind: str, fold: Fold, corpus: Corpus) -> SequenceModel | None:
    """The back-off model is counted on the spot, the others are there if they were trained."""
    if kind == BackoffModel.name:
        streams = (unit.stream for unit in weighed(corpus.training(fold)))
        return train_backoff(streams)
    form = form_of(kind, fold)
    return None if form is None else RecurrentModel(RecurrentWeights.from_json(form))


def form_of(kind: str, fold: Fold) -> Any:
    """What was written of a recurrent model."""
    path = FOLDER / f"{fold.file_stem}-{kind}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _route_prior(earlier: list[UnitStream]) -> RoutePrior:
    """What it would have learnt by itself: nobody tells it the truth, only what repeated."""
    prior = RoutePrior(SIZES[0], POSITION_OF["number"])
    for unit in earlier:
        repeated = {
            group for step, group in zip(unit.stream.steps, unit.groups, strict=True) if step[_DISTINCT] >= _THREE
        }
        alarms = tuple(int(group in repeated) for group in unit.groups)
        prior.learn(unit.unit, LabelledStream(unit.stream.steps, alarms, unit.stream.weights))
    return prior
