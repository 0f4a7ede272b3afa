"""``ennead diff``: what changed from one run to another."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ennead.cli import output
from ennead.cli.formats import STANDARD_OUTPUT, places_options, repository_places
from ennead.kernel.errors import EnneadError
from ennead.reporting.places import shows_links
from ennead.runs.comparing import compare_runs
from ennead.runs.recorded import find_run

if TYPE_CHECKING:
    from ennead.reporting.comparison import Comparison

_NEW = 1
_FORMATS = ("terminal", "json", "markdown")


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffOptions:
    """What was asked for."""

    before: str
    after: str | None = None
    fail_on_new: bool = False
    form: str = "terminal"
    output_file: Path | None = None
    root: Path | None = None
    maps: tuple[tuple[str, str], ...] = ()
    verbose: bool = False
    output_folder: str | None = None


@click.command(short_help="Tell what changed between two runs.")
@click.argument("before", metavar="RUN_A")
@click.argument("after", metavar="[RUN_B]", required=False)
@click.option("--fail-on-new", is_flag=True, help="Exit with 1 if RUN_B has a finding that RUN_A does not have.")
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="terminal", show_default=True, help="The form.")
@click.option(
    "-o",
    "--output-file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="Write JSON or Markdown to FILE, not to standard output.",
)
@places_options
@click.option("-v", "--verbose", is_flag=True, help="Tell everything: what is the same, whole statements, all routes.")
@click.option("--output", "output_folder", metavar="DIR", help="Where 'ennead run --output' kept the records.")
@click.pass_context
def diff(ctx: click.Context, /, **options: Any) -> None:
    """Tell what changed from RUN_A to RUN_B: findings that are new, gone, or run more or less often.

    A run is named by its folder, its id or a part of it; RUN_B is the last run by default. Counts are those of the
    worst unit of work, so runs of different length can be compared. Statements without a finding are compared where
    both runs kept the queries ("ennead run --keep-contexts").
    """
    asked = DiffOptions(**options)
    if asked.form == "terminal" and asked.output_file is not None:
        raise click.UsageError("--output-file needs --format json or --format markdown", ctx)
    compared = compare_runs(find_run(asked.before, asked.output_folder), find_run(asked.after, asked.output_folder))
    if asked.form == "terminal":
        _print(compared, verbose=asked.verbose)
    else:
        text = _json(compared) if asked.form == "json" else _markdown(compared, asked)
        output.write_file(asked.output_file or STANDARD_OUTPUT, text + "\n")
    if asked.fail_on_new:
        ctx.exit(_verdict(compared))


def _print(compared: Comparison, *, verbose: bool) -> None:
    from ennead.reporting.comparison_terminal import ComparisonTerminal

    console = output.console()
    places = output.places(compared.project_root)
    links = console.is_terminal and shows_links(os.environ)
    ComparisonTerminal(console, places, verbose=verbose, links=links).print_comparison(compared)


def _json(compared: Comparison) -> str:
    from ennead.reporting.comparison import comparison_to_dict
    from ennead.reporting.json_report import finite

    return json.dumps(finite(comparison_to_dict(compared)), indent=2, allow_nan=False)


def _markdown(compared: Comparison, asked: DiffOptions) -> str:
    from ennead.reporting.comparison_markdown import comparison_markdown

    return comparison_markdown(compared, repository_places(compared.project_root, asked.root, asked.maps))


def _verdict(compared: Comparison) -> int:
    if not compared.after.unit_count:
        message = f"nothing was recorded in {compared.after.run_id}, so --fail-on-new cannot be answered"
        raise EnneadError(message)
    return _NEW if compared.of("new") else 0
