"""The parts of RESULTS.md about the models themselves: leakage, learning curves, what ships."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean

from bench.ml.evaluation import Corpus, Split, Trial, all_of
from bench.ml.learning_curves import DRAWS, NOISE, ON_FINDINGS, Point, curves
from bench.ml.report import COLUMNS, NAMES, figure_cells, number, table
from bench.ml.shipping import Checked, learnt_from
from ennead.domains.nplusone.levels import LEVELS, Level
from ennead.training.fit import TOLERANCE
from ennead.training.leakage import ablate, after_shuffling
from ennead.training.trained_model import TrainedModel

NOTES = Path(__file__).with_name("READ.md")


def leakage(corpus: Corpus, split: Split, trials: Sequence[Trial]) -> str:
    """Labels shuffled, and each kind of evidence taken away."""
    shuffled, ablated = [], []
    times = 0
    whole = all_of(trials)
    for level in LEVELS:
        training, unseen = learnt_from(corpus, split, level), whole[level].examples
        areas = after_shuffling(training, unseen)
        times = len(areas)
        shuffled.append((level, f"{fmean(areas):.3f}", f"{min(areas):.3f} to {max(areas):.3f}"))
        everything = whole[level].figures("trees alone")
        found = {"nothing": everything, **ablate(training, unseen)}
        ablated += [
            (level if kind == "nothing" else "", kind, number(each.average_precision), number(each.point.precision),
             number(each.point.recall), number(each.point.false_positive_rate), str(each.error_count))
            for kind, each in found.items()
        ]  # fmt: skip
    text = (
        f"Models taught shuffled labels ({times} times, the labels dealt anew among all call "
        "sites) rank the groups of unseen applications like this, with .5 for chance:"
    )
    kinds = "What the trees alone lose on unseen applications without a kind of evidence, trained anew without it:"
    columns = ("level", "without", "AUPRC", "precision", "recall", "false-positive rate", "errors")
    return f"{text}\n\n{table(('level', 'area under ROC', 'range'), shuffled)}\n\n{kinds}\n\n{table(columns, ablated)}"


def other_sizes(trials: Sequence[Trial]) -> str:
    """All unseen applications together, at other data sizes than those that models were trained at."""
    if not trials:
        return ""
    whole = all_of(trials)
    rows = sorted({example.rows for trial in trials for example in trial.examples})
    lines = [
        (level if decider == "rules" else "", NAMES[decider], *figure_cells(whole[level].figures(decider)))
        for level in whole
        for decider in ("rules", "sentry", "logistic", "trees")
    ]
    text = (
        "All data of the corpus was recorded with 3, 6 and 12 rows a table, and a model could learn these numbers. The "
        f"unseen applications once more, with {' and '.join(map(str, rows))} rows:"
    )
    return f"{text}\n\n{table(('level', *COLUMNS), lines)}"


def learning_curves(trials: Sequence[Trial], models: Mapping[Level, TrainedModel]) -> str:
    """Errors over the number of verdicts."""
    points = list(curves(trials, models))
    text = (
        f"The shipped model in a new project, with verdicts on half of its call sites and measured on the other half "
        f"({DRAWS} draws). {ON_FINDINGS:.0%} of the verdicts are on what the model reports, {NOISE:.0%} are wrong. The "
        "correction (`ennead.training.adapt`) is a logistic regression on the model's log-odds and a few features, "
        "shrunk towards no change; it is used only where it predicts verdicts that it did not see better than the "
        'model alone ("used"). "Harmed" is the share of draws with more wrong answers than without verdicts, by more '
        "than one in a hundred. Small applications have fewer groups than verdicts are asked for."
    )
    columns = ("level", "application", "verdicts", "errors", "Brier", "calibration error", "used", "harmed")
    return f"{text}\n\n{table(columns, map(_curve_line, points))}"


def _curve_line(point: Point) -> Sequence[str]:
    start = point.wanted == 0
    verdicts = str(point.wanted) if point.given >= point.wanted - 0.5 else f"{point.wanted} ({point.given:.0f})"
    figures = (f"{value:.3f}" for value in (point.errors, point.brier, point.calibration_error))
    shares = (f"{value:.0%}" for value in (point.changed, point.harmed))
    return (point.level if start else "", point.application if start else "", verdicts, *figures, *shares)


def shipped(
    models: Mapping[Level, TrainedModel], checks: Mapping[Level, Checked], documents: Mapping[Level, str]
) -> str:
    """What travels with the package."""
    lines = [
        (level, str(len(model.data["trees"])), str(len(model.data["features"])), f"{len(documents[level]):,}",
         f"{checks[level].row_count:,}", f"{checks[level].farthest:.1e}", _numbers(model))
        for level, model in models.items()
    ]  # fmt: skip
    text = (
        "Trained by LightGBM, run by the interpreter in `ennead.learners.boosted_trees`. Both were compared on every "
        f"row, trained on or tested: the run fails where they differ by more than {TOLERANCE:g} in log-odds."
    )
    columns = ("level", "trees", "features", "bytes", "rows compared", "farthest", "beta calibration (a, b, c)")
    return f"{text}\n\n{table(columns, lines)}\n\n{_importance(models)}"


def _numbers(model: TrainedModel) -> str:
    return ", ".join(f"{value:.2f}" for value in (model.calibration.a, model.calibration.b, model.calibration.c))


def _importance(models: Mapping[Level, TrainedModel]) -> str:
    """The features most often split."""
    lines = []
    for level, model in models.items():
        counts: dict[str, int] = {}
        for tree in model.data["trees"]:
            for column in tree["split_feature"]:
                name = model.data["features"][column]
                counts[name] = counts.get(name, 0) + 1
        first = sorted(counts, key=lambda name: -counts[name])[:10]
        lines.append((level, ", ".join(f"`{name}` {counts[name]}" for name in first)))
    return f"Features by splits:\n\n{table(('level', 'features'), lines)}"


def notes() -> str:
    """What somebody read in the sources of sites on which rules and model disagree."""
    return NOTES.read_text(encoding="utf-8").partition("\n")[2] if NOTES.exists() else ""
