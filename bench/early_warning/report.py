"""RESULTS.md of the early warning."""

import math
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from statistics import fmean

from bench.early_warning.folds import LARGEST, MOST, MOST_GENERATED, Corpus, evaluation_fold
from bench.early_warning.measure import FIRST_EXECUTIONS, Quality
from bench.early_warning.models import KINDS
from bench.early_warning.thresholds import WANTED_PRECISION


@dataclass(frozen=True)
class AlarmRow:
    """A model at a level on the evaluation applications."""

    level: str
    kind: str
    threshold: float
    together: Quality
    by_application: Mapping[str, Quality]


@dataclass(frozen=True)
class PlayedRow:
    """The early warning as it ships."""

    name: str
    together: Quality
    by_application: Mapping[str, Quality]


@dataclass(frozen=True)
class LeftOutRow:
    """All models on the application that was left out: AUPRC and accuracy of the next query, by kind."""

    application: str
    sites: int
    told: Mapping[str, tuple[float, float]]


def results(
    rows: Sequence[AlarmRow],
    left_out: Sequence[LeftOutRow],
    played: Sequence[PlayedRow],
    agreed: Mapping[str, tuple[int, int]],
    corpus: Corpus,
) -> str:
    """The whole of RESULTS.md."""
    fold = evaluation_fold()
    units = {name: len(corpus.measured(name, "full")) for name in fold.measure}
    measured = ", ".join(f"{name} ({count} units of work)" for name, count in units.items())
    return f"""# Early warning: an N+1 that has only begun

Measured by `python -m bench.early_warning` on {datetime.now(UTC):%Y-%m-%d}: ennead {version("ennead")},
Python {platform.python_version()}, {platform.system()} {platform.machine()}, 2 cores shared with other work (trust
ratios of times, not times).

- Trained on: {", ".join(fold.train)}, and generated units of work. At most {MOST} streams of an
  application and level and {MOST_GENERATED} generated ones are trained with.
- Measured on: {measured},
  which no model saw; each action once, with {LARGEST} rows a table.
- Thresholds come from the training applications alone, each half judged by models of the other: the most avoidable
  repeats at a precision of {WANTED_PRECISION} at the first alarm, or the most precise one if none is.

{_alarm_table(rows)}

- *AUPRC*: is this query part of an N+1? Asked at the first {FIRST_EXECUTIONS} queries of each group; all sights of one
  call site weigh as one, here and in the next two columns.
- *Avoidable*: the mean share of an N+1's repeats that had not run yet when the model warned; 0 where it did not.
- *Warned of*: the share of the N+1 that it warned of at all; *at*: the median query of the group at which it did.
- *Precision*: of the units of work with an alarm, those whose first alarm was about an N+1.
- *False*: groups that were warned of and are none, by 1,000 units of work.
- *Next*: how often the most likely symbol was the next query's (new, the same, the one before it, ...), and the mean of
  -ln of what the model gave to the one that came.
- *µs*: of one step in plain Python. With NumPy a step of the GRU or LSTM is up to three times as fast, with the same
  numbers.
- The prior of the route has seen the same action with 3 and with 6 rows, and learnt what repeated, not what is true.
  Nothing else knows a route.

## As it ships

What `--ennead-stop-at=2` would have stopped at, played on the same units of work: after the 2nd, 3rd, 4th, 6th and 12th
query of a place the rules are asked with what was recorded so far; what they veto or suppress stays silent, and where
they say nothing yet the model may.

{_played_table(played)}

## The models by application, full evidence

{_application_table(rows)}

## Dependencies

Whose rows feed a repeated statement is known where provenance was recorded. Order and numbers of rows alone
(`ennead.domains.nplusone.dependencies.fed_by_order`) name the same statement in:
{_agreement(agreed)}.

## One application left out at a time, full evidence

AUPRC and the accuracy of the next query, of models trained on all other applications, the suites and generated units.
The means are those of the applications that every model was measured on; with so few of them they describe, and test
nothing.

{_left_out_table(left_out)}

{_verdict(rows, left_out)}
"""


def _verdict(rows: Sequence[AlarmRow], left_out: Sequence[LeftOutRow]) -> str:
    full = {row.kind: row.together for row in rows if row.level == "full"}
    common = _common(left_out)
    means = {
        kind: _mean(row.told[kind][0] for row in common) for kind in full if all(kind in row.told for row in common)
    }
    order = ", ".join(f"{kind} {means[kind]:.3f}" for kind in sorted(means, key=lambda kind: -means[kind]))
    neural = [kind for kind in ("gru", "lstm") if kind in full and kind in means]
    wins = [kind for kind in neural if _wins(full[kind], full["backoff"], means[kind], means["backoff"])]
    measures = "in AUPRC and avoidable repeats on the evaluation applications and in the mean AUPRC"
    told = (
        f"{' and '.join(wins)} beats the back-off model {measures}"
        if wins
        else f"no recurrent model beats the back-off model {measures}: it is the default"
    )
    return f"Mean AUPRC over the applications left out: {order}. By these tables, {told}."


def _common(rows: Sequence[LeftOutRow]) -> list[LeftOutRow]:
    """The applications that as many models as any were measured on."""
    most = max((len(row.told) for row in rows), default=0)
    return [row for row in rows if len(row.told) == most]


def _wins(one: Quality, other: Quality, mean: float, other_mean: float) -> bool:
    return one.auprc > other.auprc and one.avoidable > other.avoidable and mean > other_mean


def _alarm_table(rows: Sequence[AlarmRow]) -> str:
    head = (
        "| level | model | threshold | AUPRC | avoidable | warned of | at | precision | false | next | log-loss | µs |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    )
    return "\n".join([*head, *map(_alarm_line, rows)])


def _alarm_line(row: AlarmRow) -> str:
    told = row.together
    cells = (
        f"{row.threshold:.2f}",
        _share(told.auprc),
        _share(told.avoidable),
        _share(told.recall),
        f"{told.median_execution:.0f}",
        _share(told.precision),
        f"{told.false_per_thousand:.0f}",
        _share(told.next_accuracy),
        f"{told.next_log_loss:.2f}",
        f"{told.us_per_query:.1f}",
    )
    return f"| {row.level} | {row.kind} | {' | '.join(cells)} |"


def _played_table(rows: Sequence[PlayedRow]) -> str:
    if not rows:
        return "(the recordings of `python -m bench.ml.corpus` are not here)"
    names = list(rows[0].by_application)
    lines = [
        "| | avoidable | warned of | at | precision | false | " + " | ".join(names) + " |",
        "|---|---:|---:|---:|---:|---:|" + "---|" * len(names),
    ]
    for row in rows:
        told = row.together
        cells = [_share(told.avoidable), _share(told.recall), f"{told.median_execution:.0f}", _share(told.precision)]
        cells += [f"{told.false_per_thousand:.0f}", *map(_played_cell, row.by_application.values())]
        lines.append(f"| {row.name} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", "By application: avoidable, precision, false by 1,000 units of work."])


def _agreement(agreed: Mapping[str, tuple[int, int]]) -> str:
    parts = [f"{right} of {known} ({name})" for name, (right, known) in agreed.items() if known]
    return ", ".join(parts) or "(no recordings here)"


def _played_cell(told: Quality) -> str:
    return f"{_share(told.avoidable)}, {_share(told.precision)}, {told.false_per_thousand:.0f}"


def _application_table(rows: Sequence[AlarmRow]) -> str:
    names = list(rows[0].by_application)
    head = ["| application | N+1 places | " + " | ".join(KINDS) + " |", "|---|---:|" + "---|" * len(KINDS)]
    full = {row.kind: row for row in rows if row.level == "full"}
    for name in names:
        cells = [_application_cell(full[kind].by_application[name]) if kind in full else "-" for kind in KINDS]
        head.append(f"| {name} | {rows[0].by_application[name].sites} | {' | '.join(cells)} |")
    return "\n".join([*head, "", "Each cell: AUPRC, avoidable, precision at the first alarm, false by 1,000."])


def _application_cell(told: Quality) -> str:
    shares = ", ".join(map(_share, (told.auprc, told.avoidable, told.precision)))
    return f"{shares}, {told.false_per_thousand:.0f}"


def _left_out_table(rows: Sequence[LeftOutRow]) -> str:
    lines = ["| left out | N+1 places | " + " | ".join(KINDS) + " |", "|---|---:|" + "---|" * len(KINDS)]
    for row in rows:
        cells = [", ".join(map(_share, row.told[kind])) if kind in row.told else "-" for kind in KINDS]
        lines.append(f"| {row.application} | {row.sites} | {' | '.join(cells)} |")
    means = []
    for kind in KINDS:
        told = [row.told[kind] for row in _common(rows) if kind in row.told]
        means.append(", ".join(_share(_mean(column)) for column in zip(*told, strict=True)) if told else "-")
    return "\n".join([*lines, f"| mean | | {' | '.join(means)} |"])


def _mean(values: Iterable[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return fmean(known) if known else math.nan


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}".removeprefix("0")
