"""The tables of RESULTS.md."""

import platform
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from math import isnan

from bench.ml.disagreements import Disagreement, disagreements
from bench.ml.evaluation import THRESHOLDS, Corpus, Split, Trial, all_of
from bench.ml.verdicts import Verdict
from ennead.domains.nplusone.levels import LEVELS, Level
from ennead.training.figures import Figures
from ennead.training.significance import FEW, compare

NAMES: Mapping[str, str] = {
    "rules": "rules",
    "statistical": "statistical",
    "clustering": "clustering",
    "sentry": "Sentry's rule",
    "logistic": "logistic",
    "trees": "trees",
    "trees alone": "trees, no look-alikes",
}
LEVEL_NAMES: Mapping[Level, str] = {
    "full": "Full evidence (agent)",
    "sql": "SQL and parameters (logs)",
    "spans": "Statements and times only (plain spans)",
}
COLUMNS = (
    "decider",
    "groups",
    "N+1",
    "precision",
    "recall",
    "AUPRC",
    "false-positive rate",
    "calibration error",
    "Brier",
    "errors",
)


def results(
    corpus: Corpus, split: Split, held_out: Sequence[Trial], left_out: Sequence[Trial], parts: Mapping[str, str],
    verdicts: Mapping[Level, Verdict],
) -> str:  # fmt: skip
    """The whole of RESULTS.md.

    Parameters
    ----------
    parts
        More sections by title: written elsewhere, put at the end.
    """
    sections = [
        _head(split),
        _decision(verdicts),
        _corpus(corpus),
        _section("On applications that the shipped models never saw", held_out, split),
        _section("Each application by a model of all others", left_out, split),
        _differences(held_out, left_out, split),
        _found_and_missed(held_out),
        *(f"## {title}\n\n{text.strip()}" for title, text in parts.items()),
    ]
    return "\n\n".join(sections) + "\n"


def _head(split: Split) -> str:
    text = f"""\
        # The learnt part on applications that it never saw

        Written by `python -m bench.ml` on {datetime.now(UTC):%Y-%m-%d} (Python {platform.python_version()}).
        CORPUS.md says where the labelled groups come from; `split.toml`, committed before any model was trained, says
        that models learn from {_list(split.training)} and are judged on {_list(split.evaluation)}.

        A group is flagged at a confidence of 50 by the rules and detectors (`ENNEAD_MIN_CONFIDENCE`) and of 60 by
        models (`NPLUSONE_ML_CONFIDENCE_THRESHOLD`); no threshold was chosen on these applications. The false-positive
        rate is FP / (FP + TN) over labelled repeated groups. The rules' look-alikes stand whoever decides: a model is
        asked about what none of them explains ("trees, no look-alikes" is the model without them). For calibration a
        confidence of 70 is a probability of 0.7: the rules never promised that.

        With less evidence several places of one statement are one group. At the level of spans the rules, which need
        parameters, say nothing: the rival's rule is the one to beat there.
        """
    return textwrap.dedent(text).strip()


def _decision(verdicts: Mapping[Level, Verdict]) -> str:
    columns = ("level", "goal", "measured on unseen applications", "met", "decides")
    lines = [
        (LEVEL_NAMES[level], each.goal, each.measured, _yes(each.is_met), "the model" if each.decides else "the rules")
        for level, each in verdicts.items()
    ]
    return f"## Who decides\n\n{table(columns, lines)}\n\n" + "\n".join(
        f"- {LEVEL_NAMES[level]}: {each.reason}" for level, each in verdicts.items()
    )


def _corpus(corpus: Corpus) -> str:
    columns = ("source", *(f"{level}: groups / N+1" for level in LEVELS))
    lines = []
    sources = {name: [each for each in corpus.applications if each.application == name] for name in corpus.names}
    sources |= {"scenario suites": list(corpus.scenarios), "generated": list(corpus.generated)}
    for name, examples in sources.items():
        at = [[each for each in examples if each.level == level] for level in LEVELS]
        lines.append((name, *(f"{len(each)} / {sum(one.label for one in each)}" for each in at)))
    return f"## What there is\n\n{table(columns, lines)}"


def _section(title: str, trials: Sequence[Trial], split: Split) -> str:
    parts = [f"## {title}"]
    whole = all_of(trials)
    for level in LEVELS:
        at_level = [trial for trial in trials if trial.level == level]
        if level in whole:
            parts.append(f"### {LEVEL_NAMES[level]}")
            lines = [line for trial in (whole[level], *at_level) for line in _lines(trial, split)]
            parts.append(table(("application", *COLUMNS), lines))
    return "\n\n".join(parts)


def _lines(trial: Trial, split: Split) -> Iterator[Sequence[str]]:
    name = f"**{trial.application}**" if trial.application == "all" else marked(trial.application, split)
    for decider in THRESHOLDS:
        yield (name, NAMES[decider], *figure_cells(trial.figures(decider)))
        name = ""


def figure_cells(of: Figures) -> Iterator[str]:
    """One cell for each of :data:`COLUMNS` but the first."""
    point = of.point
    yield str(of.count)
    yield str(point.true_positives + point.false_negatives)
    for value in (point.precision, point.recall, of.average_precision, point.false_positive_rate):
        yield number(value)
    yield number(of.calibration_error)
    yield number(of.brier)
    yield str(of.error_count)


def _differences(held_out: Sequence[Trial], left_out: Sequence[Trial], split: Split) -> str:
    text = (
        "Share of wrong answers by the rules, less that of the trees: above 0 the trees are better. The interval is a "
        "bootstrap over applications, p the share of sign flips with a mean as far from 0 (all of them are tried). "
        f"Below {FEW} applications this describes and proves nothing."
    )
    parts = [f"## Differences per application\n\n{text}"]
    for title, trials in (("unseen applications", held_out), ("each by a model of all others", left_out)):
        columns = (
            "level",
            *(marked(name, split) for name in _names(trials)),
            "mean",
            "95 %",
            "p",
            "against Sentry's rule",
        )
        parts.append(f"### {title.capitalize()}\n\n{table(columns, _difference_lines(trials))}")
    return "\n\n".join(parts)


def _difference_lines(trials: Sequence[Trial]) -> Iterator[Sequence[str]]:
    for level in LEVELS:
        by_name = {trial.application: trial for trial in trials if trial.level == level}
        if not by_name:
            continue
        found = {name: difference(trial, "rules") for name, trial in by_name.items()}
        against = compare([difference(trial, "sentry") for trial in by_name.values()])
        whole = compare(list(found.values()))
        cells = [f"{found[name]:+.3f}" if name in found else "-" for name in _names(trials)]
        interval = f"{whole.low:+.3f} to {whole.high:+.3f}"
        note = " (descriptive)" if whole.is_descriptive else ""
        yield (level, *cells, f"{whole.mean:+.3f}", interval, f"{whole.p_value:.3f}{note}", f"{against.mean:+.3f}")


def difference(trial: Trial, decider: str) -> float:
    """Share of wrong answers of another decider less that of the trees."""
    return trial.figures(decider).error_ratio - trial.figures("trees").error_ratio


def _found_and_missed(trials: Sequence[Trial]) -> str:
    text = (
        "On the unseen applications, by action and hash of statement and call path; an action stands for all in which "
        "the site came up. At the level of spans the rules say nothing, so it is not listed."
    )
    parts = [f"## What the model found that the rules missed, and the reverse\n\n{text}"]
    for level in LEVELS:
        if level != "spans":
            listed = [each for trial in trials if trial.level == level for each in disagreements(trial)]
            parts.append(f"### {LEVEL_NAMES[level]}\n\n{_disagreements(listed)}")
    return "\n\n".join(parts)


def _disagreements(listed: Sequence[Disagreement]) -> str:
    columns = ("application", "site", "action", "truth", "groups", "rules", "model", "right")
    lines = [
        (each.application, f"`{each.site}`", each.actions, "N+1" if each.label else "none", str(each.group_count),
         each.by_rules, f"{each.confidence:.0f}", each.right)
        for each in sorted(listed, key=lambda each: (each.right, each.application, -each.group_count))
    ]  # fmt: skip
    found = sum(each.right == "model" for each in listed)
    said = f"{found} sites on which only the model is right, {len(listed) - found} on which only the rules are."
    return f"{said}\n\n{table(columns, lines)}" if lines else said


# ------------------------------------------------------------------------------------------------ forms


def table(columns: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    rows = [columns, ["---"] * len(columns), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def number(value: float) -> str:
    """Three digits, or a dash for what divides by nothing."""
    return "-" if isnan(value) else f"{value:.3f}"


def marked(application: str, split: Split) -> str:
    """A star for the applications that the rules were tuned on."""
    return f"{application} \\*" if application in split.tuned_the_rules else application


def _names(trials: Sequence[Trial]) -> list[str]:
    return list(dict.fromkeys(trial.application for trial in trials))


def _list(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _yes(truth: bool) -> str:  # noqa: FBT001 -- a cell
    return "yes" if truth else "**no**"
