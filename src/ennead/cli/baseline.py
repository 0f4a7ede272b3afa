"""``ennead baseline``: the findings that are known, so that only new ones fail."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from ennead.agent.places import PROJECT
from ennead.cli import output
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.kernel.errors import EnneadError
from ennead.kernel.settings import load_settings, read_pyproject
from ennead.reporting.amounts import count
from ennead.reporting.printable import one_line, printable
from ennead.reporting.sql import shortened
from ennead.runs.project_baseline import ProjectBaseline
from ennead.runs.recorded import find_run, read_report
from ennead.store.allow_lists import Tool, read_allow_list, settings_file
from ennead.store.baseline import Baseline, steady_place
from ennead.store.baseline_file import write_baseline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from ennead.reporting.report import Entry, Report
    from ennead.store.baseline import KnownFinding

_FOUND = 1
_RUN = click.argument("run", required=False)
_OUTPUT = click.option("--output", "output_folder", metavar="DIR", help="Where 'ennead run --output' kept the records.")


@click.group(short_help="Keep known findings apart from new ones.")
def baseline() -> None:
    """Keep the findings that are known, so that 'ennead run --fail-on' fails on new ones only.

    The file .ennead-baseline.json at the project root is committed. 'ennead run' and 'ennead report' use it when it is
    there.

    \b
    ennead run -- pytest && ennead baseline create
    ennead run --fail-on low -- pytest
    """  # noqa: D301 -- \b is how click keeps lines as they are


@baseline.command(short_help="Write down the findings of a run.")
@_RUN
@click.option("--update", is_flag=True, help="Add what is new to the file that is there.")
@click.option("--replace", is_flag=True, help="Write the file anew: what RUN did not find is known no more.")
@_OUTPUT
def create(run: str | None, output_folder: str | None, *, update: bool, replace: bool) -> None:
    """Write down the findings of RUN, by default of the last one."""
    if update and replace:
        raise click.UsageError("--update keeps what is there and --replace does not: choose one")
    found = _unreadable_is_none(ProjectBaseline.read) if replace else ProjectBaseline.read()
    path = _path(found)
    if found.exists and not (update or replace):
        shown = output.shown_path(path)
        raise EnneadError(f"{shown} exists: --update adds what is new to it, --replace writes it anew")
    report = _exercised_report(run, output_folder)
    written = found.baseline.with_findings(
        ((entry.finding, entry.routes) for entry in report.entries),
        _day(report),
        keep_others=not replace,
    )
    write_baseline(path, written)
    new = sum(not found.knows(entry.finding) for entry in report.entries)
    print(f"{output.shown_path(path)}: {count(len(written), 'finding')}, {new:,} new; commit it")


@baseline.command(short_help="Tell what is new, known and gone.")
@_RUN
@click.option("-v", "--verbose", is_flag=True, help="List known findings, too, and those that were not exercised.")
@_OUTPUT
@click.pass_context
def compare(ctx: click.Context, run: str | None, output_folder: str | None, *, verbose: bool) -> None:
    """Tell what is new, known and gone in RUN, by default in the last one; exit with 1 only if something is new."""
    found = _existing()
    report = found.apply(_exercised_report(run, output_folder))
    gone, waiting = _gone(found.baseline, report)
    _print_entries("new", report.entries)
    _print_entries("known", report.known, listed=verbose)
    _print_known("gone", gone, hint="'ennead baseline prune' removes them")
    _print_known("not exercised by this run", waiting, listed=verbose)
    for note in report.notes:
        print(f"note  {printable(note)}")
    ctx.exit(_FOUND if report.entries else 0)


@baseline.command(short_help="Remove what was not found again.")
@_RUN
@click.option("--unexercised", is_flag=True, help="Remove those whose routes, tests or jobs RUN did not exercise, too.")
@_OUTPUT
def prune(run: str | None, output_folder: str | None, *, unexercised: bool) -> None:
    """Remove what RUN, by default the last one, exercised and did not find again."""
    found = _existing()
    report = found.apply(_exercised_report(run, output_folder))
    gone, waiting = _gone(found.baseline, report)
    if not report.is_whole:
        click.echo(
            "ennead: something of this run is lost, so nothing is called gone: 'ennead report' tells what", err=True
        )
    removed = (*gone, *waiting) if unexercised else gone
    if removed:
        write_baseline(_path(found), found.baseline.without({known.id for known in removed}))
    _print_known("removed", removed)
    if not unexercised:
        _print_known("kept, not exercised by this run", waiting, hint="--unexercised removes them, too")
    left = len(found.baseline) - len(removed)
    print(f"{output.shown_path(_path(found))}: {count(left, 'finding')}, {len(removed):,} removed")


@baseline.command("import", short_help="Translate the allow-list of zeal or nplusone.")
@click.option("--from", "tool", type=click.Choice(get_args(Tool)), required=True, help="Whose allow-list it is.")
@click.argument("settings", required=False, type=click.Path(path_type=Path))
def import_allow_list(tool: Tool, settings: Path | None) -> None:
    """Translate another tool's allow-list in SETTINGS, a Python file that is read and never run.

    Prints what belongs into pyproject.toml. Without SETTINGS the settings module that manage.py names is read.
    """
    path = settings or settings_file(Path(PROJECT.path), os.environ)
    known = load_settings(NPlusOneSettings, pyproject=read_pyproject(PROJECT.path)).ignore
    found = read_allow_list(path, tool).without(known)
    for remark in found.remarks:
        click.echo(f"ennead: {printable(remark)}", err=True)
    if known:
        click.echo("ennead: [tool.ennead] has an ignore list already: add these to it", err=True)
    if found.patterns:
        print(found.toml)
    else:
        click.echo(f"ennead: nothing of {output.shown_path(path)} is left to be ignored", err=True)


# ---------------------------------------------------------------------------------------------- reading


def _path(found: ProjectBaseline) -> Path:
    if found.path is None:
        raise EnneadError("ENNEAD_BASELINE is empty: name the file of the baseline there, or leave it out")
    return found.path


def _existing() -> ProjectBaseline:
    found = ProjectBaseline.read()
    path = _path(found)
    if not found.exists:
        raise EnneadError(f"there is no {output.shown_path(path)}: write it with 'ennead baseline create'")
    return found


def _unreadable_is_none(read: Callable[[], ProjectBaseline]) -> ProjectBaseline:
    try:
        return read()
    except EnneadError:
        return ProjectBaseline.located()


def _exercised_report(run: str | None, output_folder: str | None) -> Report:
    """The report of a run that did something: one that did nothing knows nothing of what is gone."""
    report = read_report(find_run(run, output_folder))
    if not report.unit_count:
        raise EnneadError(f"run {report.run_id} recorded no unit of work: 'ennead report' tells why")
    return report


def _gone(remembered: Baseline, report: Report) -> tuple[list[KnownFinding], list[KnownFinding]]:
    """What was not found again: where the run exercised all its places or it is suppressed now, and elsewhere.

    After a run that something is lost of nothing is gone.
    """
    places = {steady_place(load.route) for load in report.routes}
    suppressed = Baseline().with_findings([(entry.finding, ()) for entry in report.suppressed], _day(report))
    suppressed_ids = {entry.id for entry in suppressed.entries}
    gone: list[KnownFinding] = []
    waiting: list[KnownFinding] = []
    for known in remembered.gone(entry.finding for entry in report.known):
        exercised = report.is_whole and bool(known.seen_in) and places.issuperset(known.seen_in)
        (gone if exercised or known.id in suppressed_ids else waiting).append(known)
    return gone, waiting


def _day(report: Report) -> date:
    return (report.started_at or datetime.now(UTC)).date()


# ---------------------------------------------------------------------------------------------- printing


def _print_entries(title: str, entries: Iterable[Entry], *, listed: bool = True) -> None:
    lines = [
        _line(entry.finding.id, entry.finding.relation or entry.finding.statement, entry.finding.query_count, str(site))
        for entry in entries
        for site in (entry.finding.call_site or "",)
    ]
    _print_lines(title, lines, listed=listed)


def _print_known(title: str, entries: Iterable[KnownFinding], *, listed: bool = True, hint: str = "") -> None:
    lines = [
        _line(known.id, known.about, known.count, known.place or "") + f"  since {known.first_seen}"
        for known in entries
    ]
    _print_lines(title, lines, listed=listed, hint=hint)


def _print_lines(title: str, lines: list[str], *, listed: bool, hint: str = "") -> None:
    console = output.console()
    told = [f"{len(lines):>4} {title}" + (f"  ({hint})" if hint and lines else "")]
    for line in [*told, *(f"       {line}" for line in lines if listed)]:
        console.print(line, soft_wrap=True)


def _line(finding_id: str, about: str, number: int, place: str) -> str:
    return printable(f"{finding_id}  {one_line(shortened(about))}  x{number:,}  {place}".rstrip())
