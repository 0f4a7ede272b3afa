"""From which probability a model warns: chosen on training applications that it was not trained on."""

from collections.abc import Mapping
from functools import lru_cache

from bench.early_warning.folds import Corpus, threshold_folds
from bench.early_warning.measure import Run, best_threshold, run
from bench.early_warning.models import model_of
from ennead.domains.nplusone.levels import LEVELS, Level

WANTED_PRECISION = 0.95


@lru_cache(maxsize=8)
def thresholds(kind: str, corpus: Corpus) -> Mapping[Level, float]:
    """For each level the most avoidable repeats at a precision of .95 at the first alarm; else the most precise."""
    return {level: best_threshold(Run.together(_runs(kind, corpus, level)), WANTED_PRECISION) for level in LEVELS}


def _runs(kind: str, corpus: Corpus, level: Level) -> list[Run]:
    runs = []
    for fold in threshold_folds():
        for application in fold.measure:
            model = model_of(kind, fold, corpus, application, level)
            if model is not None:
                runs.append(run(model, corpus.measured(application, level)))
    return runs
