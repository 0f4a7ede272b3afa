"""One whole run of the bench, from the corpus to the text of RESULTS.md."""

import sys
from collections.abc import Sequence

from bench.ml import sections
from bench.ml.evaluation import (
    Corpus,
    Split,
    Trial,
    held_out,
    leave_one_out,
    read_corpus,
    read_other_sizes,
    read_split,
    train_on,
)
from bench.ml.model_card import write_card
from bench.ml.report import results
from bench.ml.shipping import checked, document, learnt_from, ship, write_fixture
from bench.ml.tuning import write_tuning
from bench.ml.verdicts import verdicts
from ennead.domains.nplusone.levels import LEVELS, Level
from ennead.training.examples import Example


def run(*, train: bool) -> str:
    """The text of RESULTS.md; with ``train`` the models are written, too."""
    corpus, split = read_corpus(), read_split()
    _tell("training on the training applications ...")
    models = {level: train_on(corpus, level, split.training) for level in LEVELS}
    trials = list(held_out(corpus, split, models))
    decided = verdicts(trials)
    trees = {level: model["trees"] for level, model in models.items()}
    checks = {level: checked(model, *_rows(corpus, split, level, trials)) for level, model in trees.items()}
    documents = {level: document(level, model, trials, decided[level]) for level, model in trees.items()}
    if train:
        for level, text in documents.items():
            _tell(f"written: {ship(level, text)} ({len(text):,} bytes)")
        write_fixture({level: each.expected for level, each in checks.items()})
        _tell(f"written: the labels of ennead tune, {write_tuning(trees, trials):,} lines")
    other = read_other_sizes()
    resized = list(held_out(other, split, models)) if other else []
    left_out = list(leave_one_out(corpus))
    _tell("leakage and learning curves ...")
    parts = {
        "What the disagreements are": sections.notes(),
        "At data sizes that no model has seen": sections.other_sizes(resized),
        "The models that ship": sections.shipped(trees, checks, documents),
        "Leakage and kinds of evidence": sections.leakage(corpus, split, trials),
        "A new project: what verdicts add": sections.learning_curves(trials, trees),
    }
    text = results(corpus, split, trials, left_out, {title: part for title, part in parts.items() if part}, decided)
    if train:
        write_card(text)
    return text


def _rows(corpus: Corpus, split: Split, level: Level, trials: Sequence[Trial]) -> tuple[list[Example], list[Example]]:
    tested = [example for trial in trials if trial.level == level for example in trial.examples]
    return learnt_from(corpus, split, level), tested


def _tell(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
