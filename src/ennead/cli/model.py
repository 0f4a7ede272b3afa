"""``ennead model``: the models in force, and what of them goes to other projects."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ennead.cli import output
from ennead.cli.project import nplusone_settings, own_models
from ennead.domains.nplusone.levels import LEVELS, Level
from ennead.kernel.errors import EnneadError
from ennead.reporting.amounts import count
from ennead.reporting.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ennead.domains.nplusone.model import LevelModel, Models
    from ennead.domains.nplusone.signature_counts import SignatureCount
    from ennead.training.exchange import Exchange
    from ennead.training.own_models import OwnModels

_FIGURES = ("precision", "recall", "false_positive_rate")


@click.group(short_help="Show the models in force; export and import them.")
def model() -> None:
    """Show the models in force, and take what was learnt from one project to another.

    An export has numbers, names of our features and counts of verdicts by kind of evidence: no table, model, route,
    file or value. "ennead model export --show" prints exactly what would leave.

    \b
    ennead model show
    ennead model export --show
    ennead model export shared.json
    ennead model import shared.json
    """  # noqa: D301 -- \b is how click keeps lines as they are


# ---------------------------------------------------------------------------------------------- show


@model.command(short_help="Tell the model of each level, and what it was measured at.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(*, as_json: bool) -> None:
    """Tell the model in force at each level of evidence, where it comes from and what was measured of it."""
    own, models = own_models(), _models()
    told = [_described(level, own, models) for level in LEVELS]
    signatures = own.read_signatures()
    if as_json:
        counts = [each.to_json() for each in signatures]
        click.echo(json.dumps({"models": told, "imported_signatures": counts}, indent=2, allow_nan=False))
        return
    console = output.console()
    for each in told:
        for line in _lines(each):
            console.print(printable(line), soft_wrap=True)
    if signatures:
        verdicts = sum(each.useful + each.noise for each in signatures)
        kinds = count(len(signatures), "kind")
        console.print(f"imported: {count(verdicts, 'verdict')} on {kinds} of evidence", soft_wrap=True)


def _described(level: Level, own: OwnModels, models: Models) -> dict[str, Any]:
    from ennead.domains.nplusone.model import LevelModel

    found = models.at(level)
    described: dict[str, Any] = {"level": level, "model": None, "origin": None, "problem": models.problems.get(level)}
    if not isinstance(found, LevelModel):
        return described
    return {**described, "model": found.name, "origin": _origin(level, own, models), **_facts(found)}


def _origin(level: Level, own: OwnModels, models: Models) -> str:
    if nplusone_settings().models:
        return "ENNEAD_MODELS"
    return "own" if own.file(level).is_file() and level not in models.problems else "shipped"


def _facts(found: LevelModel) -> dict[str, Any]:
    from ennead.learners.boosted_trees import BoostedTrees
    from ennead.learners.logistic import LogisticRegression

    kinds = {BoostedTrees: "boosted trees", LogisticRegression: "logistic regression"}
    return {
        "decides": found.decides,
        "kind": kinds.get(type(found.learner), "ONNX"),
        "feature_count": len(found.learner.features),
        "adapted_by": found.adaptation.verdict_count if found.adaptation else 0,
        "evaluation": dict(found.evaluation),
    }


def _lines(told: dict[str, Any]) -> Iterator[str]:
    level = f"{told['level']:<6}"
    if told["problem"]:
        yield f"{level}{told['problem']}"
        level = " " * 6
    if told["model"] is None:
        yield f"{level}no model: the rules decide"
        return
    role = "decides" if told["decides"] else "stands beside the rules, which decide"
    kind = f"{told['kind']} on {count(told['feature_count'], 'feature')}"
    yield f"{level}{told['model']} ({told['origin']}): {kind}; {role}"
    if told["adapted_by"]:
        yield f"      adapted by {count(told['adapted_by'], 'verdict')}"
    figures = [
        f"{name.replace('_', ' ')} {told['evaluation'][name]:.3f}" for name in _FIGURES if name in told["evaluation"]
    ]
    if figures:
        before = "before that, " if told["adapted_by"] else ""
        yield f"      {before}on applications that it had not seen: {', '.join(figures)}"


# ---------------------------------------------------------------------------------------------- export


@model.command(short_help="Write what was learnt, without names and values.")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--show", "shown", is_flag=True, help="Print exactly what would leave, and write nothing.")
@click.pass_context
def export(ctx: click.Context, file: Path | None, *, shown: bool) -> None:
    """Write the project's own models and its verdicts by kind of evidence to FILE ("-": standard output)."""
    from ennead.training.exchange import exported

    if (file is None) != shown:
        raise click.UsageError("name a FILE, or ask for --show", ctx)
    output.check_file(file)
    found = _to_export()
    if found.is_empty:
        raise EnneadError("there is nothing to export: no model of the project's own, and no verdict (ennead verdict)")
    output.write_file(file or Path("-"), exported(found, _today()))
    if file is not None and str(file) != "-":
        levels = ", ".join(found.models) or "none"
        kinds = count(len(found.signatures), "kind")
        click.echo(f"{output.shown_path(file)}: models: {levels}; verdicts on {kinds} of evidence")


def _to_export() -> Exchange:
    from ennead.training.exchange import Exchange

    own = own_models()
    models = {level: data for level in LEVELS if (data := _own_data(own, level)) is not None}
    return Exchange(models, _own_signatures())


def _own_data(own: OwnModels, level: Level) -> Mapping[str, Any] | None:
    try:
        return own.data(level)
    except EnneadError as error:
        former = "'ennead model undo' puts back what was there before, or " if level in own.undoable else ""
        way_out = f"{former}remove the file: without it the model that ships is in force"
        raise EnneadError(f"nothing is exported: {error}; {way_out}") from error


def _own_signatures() -> tuple[SignatureCount, ...]:
    """The verdicts by kind of evidence; none where nothing is remembered, or it cannot be read."""
    from ennead.cli.memory import need_packages

    try:
        need_packages()
        return _remembered_signatures()
    except ModuleNotFoundError as error:
        click.echo(f"verdicts are left out: they need {error.name}: pip install 'ennead[store]'", err=True)
    except EnneadError as error:
        click.echo(f"verdicts are left out: {error}", err=True)
    return ()


def _remembered_signatures() -> tuple[SignatureCount, ...]:
    from ennead.cli.memory import project_memory
    from ennead.domains.nplusone.signature_counts import count_signatures
    from ennead.store.verdicts import judged_patterns

    memory = project_memory()
    return count_signatures(judged_patterns(memory)) if memory.database.exists else ()


# ---------------------------------------------------------------------------------------------- import


@model.command("import", short_help="Take over what another project exported.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--decide", is_flag=True, help="Let the models decide at the levels where they did elsewhere.")
@click.option("--dry-run", is_flag=True, help="Check and tell, and write nothing.")
def import_(file: Path, *, decide: bool, dry_run: bool) -> None:
    """Take over the models and verdicts in FILE; those that were in force are kept for "ennead model undo".

    A model that decided elsewhere stands beside the rules here, which decide, unless --decide is given.
    """
    found = _read(file)
    if found.is_empty:
        raise EnneadError(f"{output.shown_path(file)} has neither models nor verdicts")
    taken = {level: {**data, "decides": decide and data["decides"]} for level, data in found.models.items()}
    if not dry_run:
        own_models().change(taken, found.signatures or None)
    verb = "would be taken over" if dry_run else "taken over"
    for level, data in taken.items():
        click.echo(f"{level}: model {verb}; {_role(found.models[level], data)}")
    if found.signatures:
        click.echo(f"verdicts on {count(len(found.signatures), 'kind')} of evidence {verb}")
    if nplusone_settings().models:
        click.echo("note: ENNEAD_MODELS names other models; while it does, these are not used")


def _role(elsewhere: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    if here["decides"]:
        return "it decides at this level"
    return "it stands beside the rules, which decide" + ("; --decide lets it decide" if elsewhere["decides"] else "")


def _read(file: Path) -> Exchange:
    from ennead.training.exchange import MOST_BYTES, imported

    if str(file) != "-":
        output.check_readable(file)
    with click.open_file(str(file), "rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    try:
        return imported(content.decode("utf-8"), _today())
    except UnicodeDecodeError as error:
        raise EnneadError(f"not an export of ennead: {error.reason}") from error


@model.command(short_help="Put the former models and imported verdicts back.")
def undo() -> None:
    """Put back what was in force before the last import or training: the models and verdicts that it changed."""
    own = own_models()
    levels, had_signatures = own.undoable, own.has_undoable_signatures
    if not levels and not had_signatures:
        raise EnneadError(own.nothing_to_undo())
    for level in levels:
        what = "the former model" if own.undo(level) == "former" else "the model that ships"
        click.echo(f"{level}: {what} is in force again")
    if had_signatures:
        own.undo_signatures()
        left = len(own.read_signatures())
        click.echo(f"imported verdicts: on {count(left, 'kind')} of evidence" if left else "imported verdicts: none")


# ---------------------------------------------------------------------------------------------- where one stands


def _models() -> Models:
    from ennead.domains.nplusone.model import Models

    return Models(nplusone_settings().models)


def _today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"
