"""``ennead report``: tell a recorded run again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ennead.agent.places import PROJECT
from ennead.cli import output
from ennead.kernel.settings import load_settings, read_pyproject
from ennead.runs.folder import runs_folder
from ennead.runs.merging import report_of
from ennead.runs.reading import read_run
from ennead.runs.settings import RunSettings

if TYPE_CHECKING:
    from ennead.reporting.report import Report
    from ennead.runs.folder import RunFolder


@click.command()
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
@click.option("-v", "--verbose", is_flag=True, help="Tell everything: call paths, evidence, all advice, all routes.")
@click.option("--output", "output_folder", metavar="DIR", help="Where 'ennead run --output' kept the records.")
def report(run: str | None, json: Path | None, html: Path | None, output_folder: str | None, *, verbose: bool) -> None:
    """Tell what was found in RUN: its folder, its id or a part of it. By default the last run."""
    told = read_report(find_run(run, output_folder))
    if html is not None:
        output.write_html(told, html)
    if json is not None:
        from ennead.reporting.json_report import json_report

        output.write_file(json, json_report(told) + "\n")
    if html is None and json is None:
        output.terminal_report(output.console(), told.project_root, verbose=verbose).print_report(told)


def find_run(name: str | None, output_folder: str | None) -> RunFolder:
    """The run that a person means.

    Raises
    ------
    EnneadError
        There is none, or more than one.
    """
    settings = load_settings(RunSettings, pyproject=read_pyproject(PROJECT.path))
    return runs_folder(output_folder or settings.output, PROJECT.path).find(name)


def read_report(folder: RunFolder) -> Report:
    """Read a run.

    Raises
    ------
    EnneadError
        It cannot be read.
    """
    facts = folder.read_facts()
    if not Path(facts.project_root).is_dir():  # recorded on another host: the files are those of the project here
        facts = replace(facts, project_root=PROJECT.path)
    return report_of(folder.id, facts, read_run(folder))
