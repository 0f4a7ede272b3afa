"""``ennead report``: tell a recorded run again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ennead.cli import output
from ennead.cli.formats import AskedFormats, format_options
from ennead.cli.memory import as_judged
from ennead.runs.project_baseline import ProjectBaseline
from ennead.runs.recorded import find_run, read_report


@click.command(short_help="Tell again what a run has found.")
@click.argument("run", required=False)
@click.option(
    "--json",
    type=click.Path(path_type=Path, allow_dash=True),
    is_flag=False,
    flag_value=Path("-"),
    metavar="[FILE]",
    help="Write JSON to FILE, or to standard output.",
)
@click.option("--html", type=click.Path(path_type=Path, allow_dash=True), help="Write one self-contained HTML file.")
@format_options
@click.option("-v", "--verbose", is_flag=True, help="Tell everything: call paths, evidence, all advice, all routes.")
@click.option("--output", "output_folder", metavar="DIR", help="Where 'ennead run --output' kept the records.")
@click.option("--no-baseline", is_flag=True, help="Tell known findings like new ones.")
def report(
    run: str | None,
    json: Path | None,
    html: Path | None,
    output_folder: str | None,
    *,
    verbose: bool,
    no_baseline: bool,
    **options: Any,
) -> None:
    """Tell what was found in RUN: its folder, its id or a part of it. By default the last run."""
    asked = AskedFormats.taken_from(options)
    found = find_run(run, output_folder)
    told = read_report(found)
    if not no_baseline:
        told = ProjectBaseline.read().apply(told)
    for_people = told if verbose else as_judged(told, found.path.parents[1])
    if html is not None:
        output.write_html(for_people, html)
    if json is not None:
        from ennead.reporting.json_report import json_report

        output.write_file(json, json_report(told) + "\n")
    asked.write(told)
    if html is None and json is None and not asked.formats:
        console = output.console()
        output.terminal_report(console, told.project_root, verbose=verbose).print_report(for_people)
        output.print_next_step(console, for_people)
