"""Finished runs on their way into the memory, and verdicts on their way into reports.

The memory is imported when it is needed: a run starts without it, and ends well without it.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ennead.reporting.amounts import count, duration
from ennead.reporting.verification import query_counts
from ennead.runs.folder import runs_folder
from ennead.runs.recorded import run_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ennead.domains.nplusone.observation import QueryExecutionContext
    from ennead.kernel.finding import Verification
    from ennead.reporting.report import Entry, Report
    from ennead.runs.reading import RunRecords
    from ennead.store.finished_run import FinishedRun, SeenFinding
    from ennead.store.hidden import Shown
    from ennead.store.memory import Memory
    from ennead.store.remembering import Remembered

_PACKAGES = ("sqlalchemy", "alembic")
_MOST_CONTEXTS = 200
_SHOWN_IDS = 3
_logger = logging.getLogger("ennead")


def need_packages() -> None:
    """See that the extra is there without importing it.

    Raises
    ------
    ModuleNotFoundError
        It is not.
    """
    for name in _PACKAGES:
        if not _is_installed(name):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def _is_installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ValueError:  # somebody has put something else in its place
        return False


def project_memory(output_folder: str | None = None) -> Memory:
    """The memory of the project that one stands in, beside its runs.

    Raises
    ------
    EnneadError
        It is switched off, or a setting is wrong.
    """
    from ennead.store.memory import open_memory

    settings, root = run_settings()
    return open_memory(root, runs_folder(output_folder or settings.output, root).path)


# ---------------------------------------------------------------------------------------------- a run that has ended


def remembered(report: Report, records: RunRecords, folder: Path) -> Report:
    """Take a run into the memory, and lay over its report what the memory says.

    Whatever goes wrong is one note: the run and its exit code are none of the memory's business.

    Parameters
    ----------
    report
        Of the whole run, the findings of the baseline included.
    records
        What it was made of.
    folder
        Where the project's runs are kept.
    """
    if not all(map(_is_installed, _PACKAGES)):
        return report
    try:
        return _remembered(report, records, folder)
    except Exception as error:
        _logger.debug("the run could not be remembered", exc_info=True)
        return replace(report, notes=(*report.notes, f"the run could not be remembered: {_sentence(error)}"))


def _remembered(report: Report, records: RunRecords, folder: Path) -> Report:
    from ennead.kernel.settings import load_settings, read_pyproject
    from ennead.store.memory import open_memory
    from ennead.store.remembering import remember
    from ennead.store.settings import StoreSettings
    from ennead.store.thresholds import follow

    if not load_settings(StoreSettings, pyproject=read_pyproject(report.project_root)).store:
        return report
    memory = open_memory(report.project_root, folder)
    run = finished_run(report, records)
    if run is None:
        return report
    notes = tuple(notes_on_outcome(remember(memory, run), report))
    follow(memory)  # a threshold that has some way to go takes a step a run, not all at once
    return replace(report, notes=(*report.notes, *notes))


def finished_run(report: Report, records: RunRecords) -> FinishedRun | None:
    """A run as the memory takes it in; ``None`` if nothing was done in it."""
    from ennead.store.finished_run import FinishedRun, SeenRoute

    if report.run_id is None or report.started_at is None or not report.unit_count:
        return None
    return FinishedRun(
        run_id=report.run_id,
        started_at=report.started_at,
        command=report.title,
        exit_code=report.exit_code,
        is_whole=report.is_whole,
        findings=tuple(_seen((*report.entries, *report.known, *report.suppressed), records, report.project_root)),
        routes=tuple(
            SeenRoute(
                place=load.route,
                unit_count=load.unit_count,
                query_count=load.query_count,
                database_ms=load.database_ms,
                wasted_ms=load.wasted_ms,
            )
            for load in report.routes
        ),
        doubted=frozenset(told.statement for told in report.look_alikes if told.is_doubted),
    )


def _seen(entries: Iterable[Entry], records: RunRecords, project_root: str) -> Iterator[SeenFinding]:
    from ennead.domains.nplusone.evidence_signature import features_of
    from ennead.domains.nplusone.levels import level_of
    from ennead.store.finished_run import SeenFinding

    contexts = _contexts(records, project_root)
    for entry in entries:
        context = contexts.get(entry.finding.id)
        yield SeenFinding(
            finding=entry.finding,
            unit_count=entry.occurrence_count,
            total_query_count=entry.total_query_count,
            total_wasted_ms=entry.total_wasted_ms,
            places=tuple(entry.routes),
            features=features_of(entry.finding, context) if context is not None else {},
            level=level_of(context) if context is not None else "full",
        )


def _contexts(records: RunRecords, project_root: str) -> dict[str, QueryExecutionContext]:
    """Finding to the recorded unit of work that has it, the one with most of its queries."""
    from ennead.domains.nplusone.observation import QueryExecutionContext

    best: dict[str, tuple[int, int]] = {}
    for number, unit in enumerate(records.units):
        for finding in unit.findings if unit.context is not None else ():
            best[finding.id] = max(best.get(finding.id, (0, number)), (finding.query_count, number))
    wanted = sorted({number for _, number in best.values()})[:_MOST_CONTEXTS]
    read = {
        number: replace(QueryExecutionContext.from_dict(context), project_root=project_root)
        for number in wanted
        for context in (records.units[number].context,)
        if context is not None
    }
    return {name: read[number] for name, (_, number) in best.items() if number in read}


def notes_on_outcome(outcome: Remembered, report: Report) -> Iterator[str]:
    """What is worth a line after a run."""
    entries = {entry.finding.id: entry.finding for entry in (*report.entries, *report.known, *report.suppressed)}
    for pattern in outcome.regressed[:_SHOWN_IDS]:
        finding = entries.get(pattern)
        about = f" {finding.relation or finding.kind}" if finding is not None else ""
        where = f" at {finding.call_site}" if finding is not None and finding.call_site is not None else ""
        yield f"back after it was fixed: {pattern}{about}{where} ('ennead history {pattern}' tells when)"
    if len(outcome.regressed) > _SHOWN_IDS:
        yield f"{len(outcome.regressed) - _SHOWN_IDS:,} more are back after they were fixed"
    if outcome.fixed:
        yield f"{count(len(outcome.fixed), 'finding')} of earlier runs fixed: 'ennead history' tells what it brought"


# ---------------------------------------------------------------------------------------------- verified fixes


def remember_fixes(verified: Mapping[str, Verification], output_folder: str | None) -> tuple[str, ...]:
    """Remember accepted fixes beside the findings they repair, as far as these are remembered.

    Parameters
    ----------
    verified
        By the id of the finding.
    output_folder
        Where the project's runs are kept, if not where the settings say.

    Returns
    -------
    tuple of str
        Notes: what went wrong. It is none of the fix's business.
    """
    if not verified or not all(map(_is_installed, _PACKAGES)):
        return ()
    try:
        _remember_fixes(verified, output_folder)
    except Exception as error:
        _logger.debug("the fix could not be remembered", exc_info=True)
        return (f"the fix could not be remembered: {_sentence(error)}",)
    return ()


def _remember_fixes(verified: Mapping[str, Verification], output_folder: str | None) -> None:
    from ennead.kernel.settings import load_settings, read_pyproject
    from ennead.store.settings import StoreSettings
    from ennead.store.verified_fixes import note_verified_fixes

    _, root = run_settings()
    if not load_settings(StoreSettings, pyproject=read_pyproject(root)).store:
        return
    memory = project_memory(output_folder)
    if memory.database.exists:
        note_verified_fixes(memory, {finding: _brings(told) for finding, told in verified.items()})


def _brings(told: Verification) -> str:
    before, after = duration(told.duration_before_ms), duration(told.duration_after_ms)
    counts = query_counts(told).replace("→", "->")
    return "; ".join(filter(None, [told.verdict, counts, f"{before} -> {after}"]))


# ---------------------------------------------------------------------------------------------- verdicts in a report


def as_judged(report: Report, folder: Path) -> Report:
    """The report as people read it: without what the verdicts call noise, but with their number.

    Exit codes and reports for other programs are made of the report as it was.
    """
    if not report.entries or not all(map(_is_installed, _PACKAGES)):
        return report
    try:
        return _as_judged(report, folder)
    except Exception as error:
        _logger.debug("the verdicts could not be read", exc_info=True)
        return replace(report, notes=(*report.notes, f"the verdicts could not be read: {_sentence(error)}"))


def _as_judged(report: Report, folder: Path) -> Report:
    from ennead.kernel.settings import load_settings, read_pyproject
    from ennead.store.hidden import shown_by_verdicts
    from ennead.store.memory import open_memory
    from ennead.store.settings import StoreSettings, VerdictSettings

    pyproject = read_pyproject(report.project_root)
    if not (
        load_settings(StoreSettings, pyproject=pyproject).store
        and load_settings(VerdictSettings, pyproject=pyproject).verdicts
    ):
        return report
    memory = open_memory(report.project_root, folder)
    if not memory.database.exists:
        return report
    told = shown_by_verdicts(memory, [entry.finding for entry in report.entries])
    notes = tuple(_notes_on(told.values()))
    entries = tuple(entry for entry in report.entries if told[entry.finding.id].is_shown)
    hidden = len(report.entries) - len(entries)
    return replace(report, entries=entries, hidden_count=hidden, notes=(*report.notes, *notes))


def _notes_on(told: Iterable[Shown]) -> Iterator[str]:
    every = list(told)
    hidden = sum(not shown.is_shown for shown in every)
    if hidden:
        verb = "is" if hidden == 1 else "are"
        yield f"{count(hidden, 'finding')} {verb} hidden by your verdicts: 'ennead history --hidden' lists them"
    for shown in every:
        if shown.showing == "explored":
            yield (
                f"{shown.pattern} is below the threshold and shown to keep it measured: "
                f"'ennead verdict {shown.pattern} useful', or noise"
            )


def _sentence(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
