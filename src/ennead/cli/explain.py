"""``ennead explain``: the whole story of one finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ennead.cli import output
from ennead.reporting.amounts import count
from ennead.reporting.printable import printable
from ennead.reporting.story import Story
from ennead.runs.project_baseline import ProjectBaseline
from ennead.runs.recorded import find_entry, find_run, read_report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.kernel.finding import Finding


@click.command(short_help="Tell the whole story of one finding.")
@click.argument("finding", required=False)
@click.option("--suppressed", is_flag=True, help="List what repeats and is not reported, and why.")
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
    known = ProjectBaseline.read()
    console = output.console()
    if finding is None:
        output.not_reported(console, report.project_root).print_all(known.apply(report))
        return
    entry = find_entry(report, finding)
    output.terminal_report(console, report.project_root, verbose=True).print_story(Story((entry,)))
    for sentence in _why_not_reported(entry.finding, known):
        console.print(printable(sentence), soft_wrap=True)


def _why_not_reported(finding: Finding, known: ProjectBaseline) -> Iterator[str]:
    if finding.suppressed is not None:
        yield f"suppressed: {finding.suppressed}"
    remembered = known.baseline.find(finding)
    if remembered is not None:
        then = count(remembered.count, "query", "queries")
        yield f"known in the baseline since {remembered.first_seen}, with {then}"
