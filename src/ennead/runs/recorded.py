"""What is recorded of the project that one stands in: its runs, their reports, the findings in them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ennead.agent.places import PROJECT
from ennead.agent.settings import AgentSettings
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.kernel.errors import EnneadError
from ennead.kernel.settings import load_settings, read_pyproject
from ennead.runs.folder import runs_folder
from ennead.runs.kept_fixes import read_fixes
from ennead.runs.merging import report_of
from ennead.runs.reading import read_run
from ennead.runs.settings import RunSettings
from ennead.runs.suppression_use import with_suppression_use

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.reporting.report import Entry, Report
    from ennead.runs.folder import RunFolder

_SHOWN_IDS = 5


def run_settings() -> tuple[RunSettings, str]:
    """The settings of runs and the project root; all settings are read, so that a wrong one is told before the run.

    Raises
    ------
    EnneadError
        A setting has the wrong form or is out of range.
    """
    pyproject = read_pyproject(PROJECT.path)
    agent = load_settings(AgentSettings, pyproject=pyproject)
    load_settings(NPlusOneSettings, pyproject=pyproject)
    root = str(Path(agent.project_root).absolute()) if agent.project_root else PROJECT.path
    return load_settings(RunSettings, pyproject=pyproject), root


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
    records = read_run(folder)
    return with_suppression_use(report_of(folder.id, facts, records, read_fixes(folder)), facts, records)


def find_entry(report: Report, name: str) -> Entry:
    """The entry whose id begins with ``name``, with or without its ``f1:``.

    Raises
    ------
    EnneadError
        There is none, or more than one.
    """
    every = (*report.suppressed, *report.known, *report.entries)
    entries = list({entry.finding.id: entry for entry in every}.values())  # below a threshold here, above it there: one
    found = [entry for entry in entries if name and _matches(entry.finding.id, name)]
    if len(found) == 1:
        return found[0]
    message = f"no finding of run {report.run_id} called {name!r}; there are: {_ids(entries)}"
    if found:
        message = f"{len(found)} findings of run {report.run_id} begin with {name!r}: {_ids(found)}"
    raise EnneadError(message)


def _ids(entries: Sequence[Entry]) -> str:
    shown = [entry.finding.id for entry in entries[:_SHOWN_IDS]]
    more = [f"{len(entries) - _SHOWN_IDS} more"] if len(entries) > _SHOWN_IDS else []
    return ", ".join([*shown, *more]) or "none"


def _matches(finding_id: str, name: str) -> bool:
    return finding_id.startswith(name) or finding_id.partition(":")[2].startswith(name)
