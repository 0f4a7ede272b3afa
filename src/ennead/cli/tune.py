"""``ennead tune``: what every threshold does on labelled groups, and which one to set."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ennead.cli import output
from ennead.domains.nplusone.levels import LEVELS, Level
from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ennead.cli.labels import Labels
    from ennead.training.tuning import Tuning
    from ennead.training.tuning_labels import Decider

_SUFFIXES = (".html", ".png")


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneOptions:
    """What was asked for."""

    level: Level = "full"
    corpus: Path | None = None
    own: bool = False
    target_precision: float = 0.9
    max_false_positive_rate: float = 0.05
    as_json: bool = False
    files: tuple[Path, ...] = ()


@click.command(short_help="Tell what every threshold does, and which one to set.")
@click.option(
    "--level", type=click.Choice(LEVELS), default="full", show_default=True,
    help="Evidence: the agent's, that of logs, or bare spans.",
)  # fmt: skip
@click.option(
    "--corpus", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Measure on a corpus of examples (CSV), not on the labels that are shipped.",
)  # fmt: skip
@click.option("--own", is_flag=True, help="Measure on your own verdicts (ennead verdict).")
@click.option(
    "--target-precision", type=click.FloatRange(0, 1), default=0.9, show_default=True, metavar="SHARE",
    help="Share of the flagged groups that has to be an N+1.",
)  # fmt: skip
@click.option(
    "--max-false-positive-rate", type=click.FloatRange(0, 1), default=0.05, show_default=True, metavar="SHARE",
    help="Share of the look-alikes below which flagged ones have to stay.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with the whole curve.")
@click.option(
    "-o", "--output-file", "files", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", multiple=True,
    help="Write the curves to FILE.html or FILE.png; may be repeated.",
)  # fmt: skip
@click.pass_context
def tune(ctx: click.Context, /, **options: Any) -> None:
    """Tell precision, recall and false-positive rate of rules and model at every threshold, and which one to set.

    Measured are repeated groups whose truth is known: those that are shipped, where each application was scored by a
    model that had not seen it, a corpus of your own, or your verdicts. The false-positive rate is the share of the
    look-alikes that are flagged.

    \b
    ennead tune
    ennead tune --level spans -o curve.html
    ennead tune --own --max-false-positive-rate 0.02
    """  # noqa: D301 -- \b is how click keeps lines as they are
    asked = TuneOptions(**options)
    if asked.own and asked.corpus is not None:
        raise click.UsageError("--own and --corpus are two kinds of labels: choose one", ctx)
    for file in asked.files:
        _check(file)
    tuning = _tuning(asked)
    for file in asked.files:
        _write(tuning, file)
    if asked.as_json:
        from ennead.training.tuning import tuning_to_dict

        click.echo(json.dumps(tuning_to_dict(tuning), indent=2, allow_nan=False))
    else:
        _print(tuning, asked.files)


def _check(file: Path) -> None:
    if file.suffix.lower() not in _SUFFIXES:
        raise EnneadError(f"cannot draw {file}: curves are written as {' or '.join(_SUFFIXES)}")
    output.check_file(file)
    if file.suffix.lower() == ".png":
        from ennead.reporting.tuning_png import check_pillow

        check_pillow()


def _tuning(asked: TuneOptions) -> Tuning:
    from ennead.training.recommendation import Targets
    from ennead.training.tuning import tune

    labels = _labels(asked)
    targets = Targets(asked.target_precision, asked.max_false_positive_rate)
    notes = (*labels.notes, *_who_decides(asked.level))
    tuning = tune(labels.groups, asked.level, labels.origin, targets, _in_force(), notes)
    if not tuning.positive_count + tuning.negative_count:
        raise EnneadError(f"no labels at level {asked.level}: {labels.origin}")
    return tuning


def _labels(asked: TuneOptions) -> Labels:
    from ennead.cli import labels

    if asked.corpus is not None:
        return labels.corpus_labels(asked.corpus)
    return labels.own_labels() if asked.own else labels.shipped_labels()


def _who_decides(level: Level) -> Iterator[str]:
    """Whose threshold counts at the level, where there is a model."""
    from ennead.cli.labels import models_in_force
    from ennead.domains.nplusone.model import decides

    model = models_in_force().get(level)
    if model is not None:
        role = "the model decides" if decides(model) else "the rules decide, and the model stands beside them"
        yield f"at this level {role}"


def _in_force() -> Mapping[Decider, float]:
    from ennead.cli.project import nplusone_settings

    settings = nplusone_settings()
    return {"rules": settings.min_confidence, "model": settings.ml_confidence_threshold}


def _write(tuning: Tuning, file: Path) -> None:
    if file.suffix.lower() == ".png":
        from ennead.reporting.tuning_png import tuning_png

        output.write_bytes(file, tuning_png(tuning))
    else:
        from ennead.reporting.tuning_html import tuning_html

        output.write_file(file, tuning_html(tuning) + "\n")


def _print(tuning: Tuning, files: Iterable[Path]) -> None:
    from ennead.reporting.tuning_terminal import TuningTerminal

    console = output.console()
    TuningTerminal(console).print_tuning(tuning)
    for file in files:
        console.print(f"written {output.shown_path(file)}", soft_wrap=True)
