"""``ennead run``: run a command with everything hooked, and tell what was found."""

from __future__ import annotations

import os
import shlex
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ennead.agent.settings import is_disabled
from ennead.cli import output
from ennead.cli.formats import AskedFormats, format_options
from ennead.cli.memory import as_judged, remembered
from ennead.cli.observed_command import run_child
from ennead.kernel.errors import EnneadError
from ennead.kernel.finding import SEVERITIES, Severity, severity_rank
from ennead.runs.command import CommandError, resolve
from ennead.runs.merging import report_of
from ennead.runs.new_run import NewRun
from ennead.runs.notes import notes_on_settings
from ennead.runs.project_baseline import ProjectBaseline
from ennead.runs.reading import RunRecords, read_run
from ennead.runs.suppression_use import with_suppression_use

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ennead.cli.live import LiveLines
    from ennead.reporting.report import Report
    from ennead.runs.folder import RunFolder

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
    formats: AskedFormats = field(default_factory=AskedFormats)
    verbose: bool = False
    quiet: bool = False
    no_report: bool = False
    live: bool | None = None
    keep_contexts: bool = False
    no_baseline: bool = False
    fail_on_unused: bool = False


class _Run(click.Command):
    """Explains what went wrong when an option of the command was taken for one of ours."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Part of click's protocol."""
        return [*super().collect_usage_pieces(ctx)[:-1], "-- COMMAND..."]

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
@click.option("--fail-on", type=click.Choice(SEVERITIES), help="Exit with 1 if a new finding is at least this severe.")
@click.option("--fail-on-unused", is_flag=True, help="Exit with 1 if a suppression is not needed any more.")
@click.option("--no-baseline", is_flag=True, help="Tell known findings like new ones.")
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
@format_options
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

    The exit code is the command's own. With --fail-on it is 1 if the command succeeded and a finding that is not in the
    baseline is severe enough, and 2 if nothing could be observed.

    \b
    ennead run -- python manage.py test
    ennead run --fail-on high -- pytest tests/api
    ennead run -- -m flask --app shop run
    """  # noqa: D301 -- \b is how click keeps lines as they are
    asked = RunOptions(formats=AskedFormats.taken_from(options), **options)
    if not asked.command:
        raise click.UsageError("name the command to run: ennead run -- python manage.py test", ctx)
    asked.formats.check()
    output.check_file(asked.json)
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
    known = ProjectBaseline() if asked.no_baseline else ProjectBaseline.read()
    run = NewRun.begin(asked.command, output=asked.output)
    variables = run.variables(os.environ, keep_contexts=asked.keep_contexts)
    with _live(asked, run, known) as live:
        code = run_child(command, variables, live.child_started if live else _ignore)
    try:
        verdict = _conclude(asked, run, code, known)
        return code or verdict
    except EnneadError as error:
        click.echo(f"ennead: the records of this run are lost: {error}", err=True)
        return code or (_NOT_OBSERVED if _may_fail(asked) else 0)


def _conclude(asked: RunOptions, run: NewRun, code: int, known: ProjectBaseline) -> int:
    """Close the run, tell it, and answer ``--fail-on``."""
    facts = run.end(code)
    if asked.no_report and not _may_fail(asked):
        return 0
    records = read_run(run.folder)
    report = known.apply(with_suppression_use(report_of(run.folder.id, facts, records), facts, records))
    report = replace(report, notes=(*report.notes, *notes_on_settings()))
    report = remembered(report, records, _runs_folder(run.folder))
    if not asked.no_report:
        _tell(asked, run.folder, report)
    return _verdict(asked, report, records)


def _runs_folder(run: RunFolder) -> Path:
    """Where the project's runs are kept, and the memory beside them."""
    return run.path.parents[1]


def _may_fail(asked: RunOptions) -> bool:
    return asked.fail_on is not None or asked.fail_on_unused


def _live(asked: RunOptions, run: NewRun, known: ProjectBaseline) -> AbstractContextManager[LiveLines | None]:
    if asked.quiet or asked.live is False:
        return nullcontext()
    from ennead.cli.live import LiveLines, RunFollower
    from ennead.reporting.places import shows_links

    console = output.console(stderr=True)
    links = console.is_terminal and shows_links(os.environ)
    follower = RunFollower(run.folder, everything=asked.live is True, knows=known.knows)
    return LiveLines(console, output.places(run.facts.project_root), follower, run.folder, links=links)


def _tell(asked: RunOptions, folder: RunFolder, report: Report) -> None:
    html = asked.html or folder.path / "report.html"
    for_people = report if asked.verbose else as_judged(report, _runs_folder(folder))
    output.write_html(for_people, html)
    if asked.json is not None:
        from ennead.reporting.json_report import json_report

        output.write_file(asked.json, json_report(report) + "\n")
    asked.formats.write(report, fail_on=asked.fail_on)
    if asked.quiet:
        return
    console = output.console(stderr=True)
    console.print()
    output.terminal_report(console, report.project_root, verbose=asked.verbose).print_report(for_people)
    if report.unit_count:
        console.print(f"        {output.shown_path(html)}", soft_wrap=True)
        output.print_next_step(console, for_people)


def _verdict(asked: RunOptions, report: Report, records: RunRecords) -> int:
    if not _may_fail(asked):
        return 0
    if not any(process.problem is None for process in records.started):
        click.echo("ennead: nothing was observed, so --fail-on cannot be answered", err=True)
        return _NOT_OBSERVED
    least = len(SEVERITIES) if asked.fail_on is None else severity_rank(asked.fail_on)
    bad = any(severity_rank(entry.finding.severity) >= least for entry in report.entries)
    return _FOUND if bad or (asked.fail_on_unused and report.unused_suppressions) else 0


def _ignore(_pid: int) -> None:
    return None
