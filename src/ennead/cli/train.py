"""``ennead train``: a model of the project's own, out of its verdicts, kept only if it predicts better."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ennead.cli import output
from ennead.cli.project import nplusone_settings, own_models
from ennead.domains.nplusone.levels import LEVELS, Level
from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from rich.console import Console

    from ennead.domains.nplusone.settings import NPlusOneSettings
    from ennead.training.examples import Example
    from ennead.training.learning import Check, Learnt
    from ennead.training.own_models import OwnModels

_NOTHING_LEARNT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOptions:
    """What was asked for."""

    level: Level | None = None
    corpus: Path | None = None
    full: bool = False
    decide: bool = False
    dry_run: bool = False
    undo: bool = False
    as_json: bool = False


@click.command(short_help="Adapt the model to this project, by your verdicts.")
@click.option("--level", type=click.Choice(LEVELS), help="This level of evidence only; by default each with labels.")
@click.option(
    "--corpus", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Learn from a corpus of examples (CSV), not from your verdicts.",
)  # fmt: skip
@click.option("--full", is_flag=True, help="Train a new model with LightGBM, and do not adapt the one that ships.")
@click.option(
    "--decide", is_flag=True, help="Let the model decide where the rules do now, if it errs less often than they do."
)
@click.option("--dry-run", is_flag=True, help="Measure and tell, and write nothing.")
@click.option("--undo", is_flag=True, help="Put back what was in force before the last training or import.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def train(ctx: click.Context, /, **options: Any) -> None:
    """Adapt the model that ships to this project, by the verdicts that were given (ennead verdict).

    What was learnt is measured on labels that it did not see, a fifth at a time, beside the model in force; it is kept
    only if it predicts them better and errs no more often. It is written to .ennead/model at the project root, and used
    from the next run on. The exit code is 1 if nothing was learnt.

    \b
    ennead train --dry-run
    ennead train
    ennead train --undo
    """  # noqa: D301 -- \b is how click keeps lines as they are
    asked = TrainOptions(**options)
    if asked.undo and (asked.corpus or asked.full or asked.dry_run):
        raise click.UsageError("--undo stands alone, or with --level", ctx)
    if asked.undo:
        _undo(asked)
        return
    learnt = _learn(asked)
    if asked.as_json:
        click.echo(json.dumps([_to_dict(each) for each in learnt], indent=2, allow_nan=False))
    else:
        _print(learnt, asked)
    ctx.exit(0 if any(each.data for each in learnt) else _NOTHING_LEARNT)


def _learn(asked: TrainOptions) -> Sequence[Learnt]:
    from ennead.cli.labels import corpus_examples, own_examples

    examples = corpus_examples(asked.corpus) if asked.corpus is not None else own_examples()
    levels = [
        level for level in LEVELS if any(each.level == level for each in examples) and asked.level in (None, level)
    ]
    if not levels:
        raise EnneadError(f"there is no label at level {asked.level}" if asked.level else "the corpus has no labels")
    own, settings = own_models(), nplusone_settings()
    console = output.console(stderr=True)
    learnt = [_at_level(level, examples, own, settings, asked, console) for level in levels]
    if not asked.dry_run:
        own.change({each.level: each.data for each in learnt if each.data is not None})
    return learnt


def _at_level(
    level: Level,
    examples: Iterable[Example],
    own: OwnModels,
    settings: NPlusOneSettings,
    asked: TrainOptions,
    console: Console,
) -> Learnt:
    from ennead.domains.nplusone.model import LevelModel
    from ennead.training.full_training import learn_in_full
    from ennead.training.learning import Learnt, Thresholds, learn
    from ennead.training.own_models import base_data

    here = [each for each in examples if each.level == level]
    thresholds = Thresholds(settings.ml_confidence_threshold, settings.min_confidence)
    base = base_data(level, settings.models)
    in_force = own.read(level) or (LevelModel.from_json(base) if base else None)
    with _watched(console, level):
        if asked.full:
            return learn_in_full(here, level, in_force, thresholds, decide=asked.decide)
        if base is None or in_force is None:
            positives = sum(each.label for each in here)
            return Learnt(level, positives, len(here) - positives, "no model ships for it; --full trains one")
        return learn(here, level, base, in_force, thresholds, decide=asked.decide)


def _watched(console: Console, level: Level) -> AbstractContextManager[object]:
    """A line while it goes on, where somebody watches."""
    return console.status(f"learning at level {level}") if console.is_terminal else nullcontext()


def _undo(asked: TrainOptions) -> None:
    own = own_models()
    levels = [level for level in own.undoable if asked.level in (None, level)]
    if not levels:
        raise EnneadError(own.nothing_to_undo(asked.level))
    for level in levels:
        what = "the former model" if own.undo(level) == "former" else "the model that ships"
        click.echo(f"{level}: {what} is in force again")


# ---------------------------------------------------------------------------------------------- telling


def _print(learnt: Sequence[Learnt], asked: TrainOptions) -> None:
    console = output.console()
    for each in learnt:
        for line in _lines(each, asked):
            console.print(line, soft_wrap=True)
    if nplusone_settings().models and any(each.data for each in learnt):
        console.print("note: ENNEAD_MODELS names other models; while it does, this one is not used", soft_wrap=True)


def _lines(learnt: Learnt, asked: TrainOptions) -> Iterator[str]:
    from ennead.reporting.amounts import count

    labels = f"{count(learnt.positive_count, 'N+1')}, {learnt.negative_count:,} noise"
    if learnt.refusal:
        yield f"{learnt.level}: nothing learnt: {learnt.refusal}"
        return
    yield f"{learnt.level}: {labels}"
    if learnt.check is not None:
        yield f"  {_check(learnt.check)}"
    if learnt.data is None:
        yield "  the model in force stays: what was learnt predicts unseen labels no better"
        return
    if asked.dry_run:
        yield "  better; without --dry-run it would be written"
    else:
        yield f"  better: written to {output.shown_path(own_models().file(learnt.level))}, used from the next run on"
    yield f"  {_role(learnt.data, learnt.check, asked)}"


def _role(data: Mapping[str, Any], check: Check | None, asked: TrainOptions) -> str:
    if data["decides"]:
        return "it decides at this level"
    if asked.decide:
        return "it stands beside the rules: it errs no less often than they do"
    better = check is not None and check.beats_rules
    return "it stands beside the rules, which decide" + ("; --decide lets it decide" if better else "")


def _check(check: Check) -> str:
    before, after = check.before, check.after
    return (
        f"on {check.label_count:,} labels that it did not see: log-loss {before.nats:.3f} -> {after.nats:.3f}, "
        f"errors {before.error_count:,} -> {after.error_count:,} (the rules: {check.rules_error_count:,})"
    )


def _to_dict(learnt: Learnt) -> dict[str, Any]:
    told = {name: value for name, value in asdict(learnt).items() if name != "data"}
    return {**told, "check": _check_to_dict(learnt.check), "is_better": learnt.data is not None}


def _check_to_dict(check: Check | None) -> dict[str, Any] | None:
    if check is None:
        return None
    losses = {"before": check.before._asdict(), "after": check.after._asdict()}
    return {"labels": check.label_count, **losses, "rules_error_count": check.rules_error_count}
