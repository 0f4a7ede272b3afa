"""``ennead run``: run a command with everything hooked, and tell what was found."""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ennead.agent.places import PROJECT
from ennead.agent.settings import AgentSettings, is_disabled
from ennead.cli import output
from ennead.cli.observed_command import CommandError, resolve, run_child
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.kernel.errors import EnneadError
from ennead.kernel.finding import SEVERITIES, Severity, severity_rank
from ennead.kernel.settings import load_settings, read_pyproject
from ennead.runs.environment import RunEnvironment
from ennead.runs.folder import RunFacts, RunFolder, RunsFolder, runs_folder
from ennead.runs.merging import report_of
from ennead.runs.reading import RunRecords, read_run
from ennead.runs.settings import RunSettings

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ennead.cli.live import LiveLines
    from ennead.reporting.report import Report

_FOUND = 1
_NOT_OBSERVED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What was asked for."""

    command: tuple[str, ...]
    output: str | None = None
    fail_on: Severity | None = None
    json: Path | None = None
    html: Path | None = None
    verbose: bool = False
    quiet: bool = False
    no_report: bool = False
    live: bool | None = None
    keep_contexts: bool = False


class _Run(click.Command):
    """Explains what went wrong when an option of the command was taken for one of ours."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Part of click's protocol."""
        typed = shlex.join(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            message = f"{error.message}; if it is the command's own, put -- before the command: ennead run -- {typed}"
            raise click.UsageError(message, ctx) from error


@click.command(cls=_Run, context_settings={"allow_interspersed_args": False})
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.option("--fail-on", type=click.Choice(SEVERITIES), help="Exit with 1 if a finding is at least this severe.")
@click.option("-v", "--verbose", is_flag=True, help="Tell everything: call paths, evidence, all advice, all routes.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing of ours, errors excepted; the HTML report is written.")
@click.option("--no-report", is_flag=True, help="Only record; 'ennead report' tells it later.")
@click.option(
    "--json",
    type=click.Path(path_type=Path, allow_dash=True),
    is_flag=False,
    flag_value=Path("-"),
    metavar="[FILE]",
    help="Write the report as JSON to FILE, or to standard output after the command's own.",
)
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the HTML report to this file, not into the run folder.",
)
@click.option("--output", metavar="DIR", help="Keep the records there, not in .ennead of the project root.")
@click.option(
    "--live/--no-live",
    default=None,
    help="Tell findings while the command runs. By default those of requests and jobs, but not of test runs.",
)
@click.option("--keep-contexts", is_flag=True, help="Record the queries of every unit of work, not of some alone.")
@click.pass_context
def run(ctx: click.Context, /, **options: Any) -> None:
    """Run COMMAND with everything hooked, then tell what was found.

    COMMAND is any Python command: a script, "-m module", manage.py, pytest, flask, uvicorn, gunicorn. Its
    sub-processes are observed, too. Put "--" before it.

    The exit code is the command's own. With --fail-on it is 1 if the command succeeded and a finding is severe enough,
    and 2 if nothing could be observed.

    \b
    ennead run -- python manage.py test
    ennead run --fail-on high -- pytest tests/api
    ennead run -- -m flask --app shop run
    """  # noqa: D301 -- \b is how click keeps lines as they are
    asked = RunOptions(**options)
    if not asked.command:
        raise click.UsageError("name the command to run: ennead run -- python manage.py test", ctx)
    ctx.exit(run_command(asked))


def run_command(asked: RunOptions) -> int:
    """Do what ``ennead run`` does.

    Returns
    -------
    int
        The exit code.

    Raises
    ------
    EnneadError
        A setting is wrong, the records cannot be kept.
    """
    try:
        command = resolve(asked.command)
        if is_disabled():
            click.echo("ennead: switched off by ENNEAD_DISABLED, the command runs unobserved", err=True)
            return run_child(command, os.environ, lambda _pid: None)
        return _observe(asked, command)
    except CommandError as error:
        click.echo(f"ennead: {error}", err=True)
        return error.exit_code


def _observe(asked: RunOptions, command: list[str]) -> int:
    settings, root = _settings()
    runs = runs_folder(asked.output or settings.output, root)
    folder = runs.create()
    facts = _facts(asked.command, root)
    folder.write_facts(facts)
    environment = RunEnvironment(folder=str(folder.path), project_root=root, keep_contexts=asked.keep_contexts)
    with _live(asked, folder, root) as live:
        code = run_child(command, environment.variables(os.environ), live.child_started if live else _ignore)
    facts = replace(facts, ended_at=datetime.now(UTC), exit_code=code)
    try:
        verdict = _conclude(asked, runs, folder, facts, settings)
        return code or verdict
    except EnneadError as error:
        click.echo(f"ennead: the records of this run are lost: {error}", err=True)
        return code or (_NOT_OBSERVED if asked.fail_on else 0)


def _conclude(asked: RunOptions, runs: RunsFolder, folder: RunFolder, facts: RunFacts, settings: RunSettings) -> int:
    """Close the run, tell it, and answer ``--fail-on``."""
    folder.write_facts(facts)
    runs.prune(settings.kept_runs)
    if asked.no_report and asked.fail_on is None:
        return 0
    records = read_run(folder)
    report = report_of(folder.id, facts, records)
    if not asked.no_report:
        _tell(asked, folder, report)
    return _verdict(asked.fail_on, report, records)


def _settings() -> tuple[RunSettings, str]:
    """The settings of runs and the project root; all settings are read, so that a wrong one is told before the run."""
    pyproject = read_pyproject(PROJECT.path)
    agent = load_settings(AgentSettings, pyproject=pyproject)
    load_settings(NPlusOneSettings, pyproject=pyproject)
    root = str(Path(agent.project_root).absolute()) if agent.project_root else PROJECT.path
    return load_settings(RunSettings, pyproject=pyproject), root


def _facts(command: tuple[str, ...], root: str) -> RunFacts:
    return RunFacts(
        command=command,
        started_at=datetime.now(UTC),
        working_folder=str(Path.cwd()),
        project_root=root,
        pid=os.getpid(),
        versions={"ennead": import_module("ennead").__version__, "python": ".".join(map(str, sys.version_info[:3]))},
    )


def _live(asked: RunOptions, folder: RunFolder, root: str) -> AbstractContextManager[LiveLines | None]:
    if asked.quiet or asked.live is False:
        return nullcontext()
    from ennead.cli.live import LiveLines, RunFollower
    from ennead.reporting.places import shows_links

    console = output.console(stderr=True)
    links = console.is_terminal and shows_links(os.environ)
    follower = RunFollower(folder, everything=asked.live is True)
    return LiveLines(console, output.places(root), follower, folder, links=links)


def _tell(asked: RunOptions, folder: RunFolder, report: Report) -> None:
    html = asked.html or folder.path / "report.html"
    output.write_html(report, html)
    if asked.json is not None:
        from ennead.reporting.json_report import json_report

        output.write_file(asked.json, json_report(report) + "\n")
    if asked.quiet:
        return
    console = output.console(stderr=True)
    console.print()
    output.terminal_report(console, report.project_root, verbose=asked.verbose).print_report(report)
    if report.unit_count:
        console.print(f"        {output.shown_path(html)}", soft_wrap=True)


def _verdict(fail_on: Severity | None, report: Report, records: RunRecords) -> int:
    if fail_on is None:
        return 0
    if not any(process.problem is None for process in records.started):
        click.echo("ennead: nothing was observed, so --fail-on cannot be answered", err=True)
        return _NOT_OBSERVED
    bad = any(severity_rank(entry.finding.severity) >= severity_rank(fail_on) for entry in report.entries)
    return _FOUND if bad else 0


def _ignore(_pid: int) -> None:
    return None
