"""``ennead explain``: the whole story of one finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ennead.cli import output
from ennead.cli.report import find_run, read_report
from ennead.kernel.errors import EnneadError
from ennead.reporting.story import Story

if TYPE_CHECKING:
    from ennead.reporting.report import Entry, Report


@click.command()
@click.argument("finding", required=False)
@click.option("--suppressed", is_flag=True, help="List what was found and is not reported, and why.")
@click.option("--run", "run_name", metavar="RUN", help="The run that has it; by default the last one.")
@click.option("--output", "output_folder", metavar="DIR", help="Where 'ennead run --output' kept the records.")
@click.pass_context
def explain(
    ctx: click.Context, finding: str | None, run_name: str | None, output_folder: str | None, *, suppressed: bool
) -> None:
    """Tell the whole story of FINDING: its id, or the beginning of it. Suppressed findings are told, too."""
    if (finding is None) != suppressed:
        raise click.UsageError("name a finding, or ask for --suppressed", ctx)
    report = read_report(find_run(run_name, output_folder))
    renderer = output.terminal_report(output.console(), report.project_root, verbose=True)
    if finding is None:
        renderer.print_suppressed(report)
    else:
        renderer.print_story(Story((find_entry(report, finding),)))


def find_entry(report: Report, name: str) -> Entry:
    """The entry whose id begins with ``name``, with or without its ``f1:``.

    Raises
    ------
    EnneadError
        There is none, or more than one.
    """
    entries = (*report.entries, *report.suppressed)
    found = [entry for entry in entries if name and _matches(entry.finding.id, name)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(entry.finding.id for entry in (found or entries)[:5]) or "none"
    what = "no finding" if not found else f"{len(found)} findings"
    message = f"{what} of run {report.run_id} called {name!r}; there are: {known}"
    raise EnneadError(message)


def _matches(finding_id: str, name: str) -> bool:
    return finding_id.startswith(name) or finding_id.partition(":")[2].startswith(name)
