"""`python -m bench.early_warning`: every sequence model on applications that it was not trained on, and RESULTS.md.

The GRU and the LSTM are measured if they were trained here (`python -m bench.early_warning.train`, which needs
PyTorch); the rest needs nothing.
"""

from pathlib import Path

from bench.early_warning.folds import Corpus, Fold, evaluation_fold, leave_one_out
from bench.early_warning.measure import Run, auprc, quality, run, site_weights
from bench.early_warning.models import KINDS, model_of
from bench.early_warning.report import AlarmRow, LeftOutRow, PlayedRow, results
from bench.early_warning.shipped import order_agrees, play
from bench.early_warning.thresholds import thresholds
from ennead.domains.nplusone.levels import LEVELS, Level
from ennead.domains.nplusone.sequence_model import KINDS as SHIPPED

RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    corpus = Corpus()
    rows = [row for level in LEVELS for kind in KINDS if (row := _alarms(kind, level, corpus)) is not None]
    left_out = [_left_out(fold, corpus) for fold in leave_one_out()]
    played = [each for model in (None, *SHIPPED) if (each := _played(model)) is not None]
    agreed = {name: order_agrees(name) for name in evaluation_fold().measure}
    text = results(rows, left_out, played, agreed, corpus)
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


def _alarms(kind: str, level: Level, corpus: Corpus) -> AlarmRow | None:
    """A model on all evaluation applications together."""
    fold = evaluation_fold()
    runs = [told for application in fold.measure if (told := _run(kind, fold, corpus, application, level)) is not None]
    if not runs:
        return None
    threshold = thresholds(kind, corpus)[level]
    by_application = {name: quality(each, threshold) for name, each in zip(fold.measure, runs, strict=True)}
    return AlarmRow(level, kind, threshold, quality(Run.together(runs), threshold), by_application)


def _played(model: str | None) -> PlayedRow | None:
    """What ships, on the evaluation applications together; needs their recordings."""
    names = evaluation_fold().measure
    runs = [told for name in names if (told := play(name, model)) is not None]
    if len(runs) < len(names):
        return None
    by_application = {name: quality(each, 0.5) for name, each in zip(names, runs, strict=True)}
    return PlayedRow(f"rules and {model}" if model else "rules alone", quality(Run.together(runs), 0.5), by_application)


def _left_out(fold: Fold, corpus: Corpus) -> LeftOutRow:
    """All models on the one application that they were not trained on."""
    told: dict[str, tuple[float, float]] = {}
    positives = 0
    for kind in KINDS:
        each = _run(kind, fold, corpus, fold.measure[0], "full")
        if each is not None:
            told[kind] = (auprc(each.courses, site_weights(each.courses)), _next_accuracy(each))
            positives = len({course.site for course in each.courses if course.truth and course.count > 1})
    return LeftOutRow(fold.measure[0], positives, told)


def _run(kind: str, fold: Fold, corpus: Corpus, application: str, level: Level) -> Run | None:
    model = model_of(kind, fold, corpus, application, level)
    return None if model is None else run(model, corpus.measured(application, level))


def _next_accuracy(told: Run) -> float:
    return told.next_right / told.next_count if told.next_count else float("nan")


if __name__ == "__main__":
    main()
