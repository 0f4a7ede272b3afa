"""Suppressions that a run did not need, and those whose day has passed: comments, and patterns of the settings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.domains.nplusone.suppressions import matching_pattern, suppressions_in
from ennead.domains.nplusone.thresholds import unit_names
from ennead.kernel.settings import load_settings, read_pyproject
from ennead.runs.notes import is_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ennead.domains.nplusone.suppressions import Suppression
    from ennead.reporting.report import Entry, Report
    from ennead.runs.folder import RunFacts
    from ennead.runs.reading import RunRecords

_SHOWN_EXPIRED = 5


@dataclass(frozen=True, slots=True)
class SuppressionUse:
    """What is to be said of the suppressions of a project after a run."""

    unused: tuple[str, ...] = ()
    """Each in a few words, with its place."""
    expired: tuple[str, ...] = ()


def with_suppression_use(report: Report, facts: RunFacts, records: RunRecords) -> Report:
    """The report, with what the run tells of the project's suppressions.

    Raises
    ------
    EnneadError
        A setting has the wrong form.
    """
    settings = load_settings(NPlusOneSettings, pyproject=read_pyproject(facts.project_root))
    use = suppression_use(facts, records, (*report.entries, *report.suppressed), settings)
    notes = [f"a suppression has expired: {each}" for each in use.expired[:_SHOWN_EXPIRED]]
    if len(use.expired) > _SHOWN_EXPIRED:
        notes.append(f"{len(use.expired) - _SHOWN_EXPIRED:,} more suppressions have expired")
    return replace(report, notes=(*report.notes, *notes), unused_suppressions=use.unused)


def suppression_use(
    facts: RunFacts,
    records: RunRecords,
    entries: Iterable[Entry],
    settings: NPlusOneSettings,
    today: date | None = None,
) -> SuppressionUse:
    """Compare what suppresses with what was found.

    Nothing is called unused after a run that something of is lost: a process without last words, dropped units of work,
    failed analyses. Files that were changed since are not looked into, their lines have moved.

    Parameters
    ----------
    facts, records
        The run.
    entries
        All findings of it, the suppressed ones included.
    settings
        Patterns and thresholds.
    today
        For expiry; by default today in UTC.
    """
    day = today or datetime.now(UTC).date()
    needed = {line for end in records.ends for line in end.needed_suppressions}
    unused: list[str] = []
    expired: list[str] = []
    for place, comment in _comments(facts, records):
        if not comment.holds(day):
            expired.append(f"{place} {comment.reason!r}, until {comment.last_day}")
        elif place not in needed:
            unused.append(f"{place} {comment.reason!r}")
    unused += _unused_patterns(records, tuple(entries), settings)
    return SuppressionUse(tuple(unused) if is_whole(records) else (), tuple(expired))


def _comments(facts: RunFacts, records: RunRecords) -> Iterator[tuple[str, Suppression]]:
    """The comments in the files that the run loaded, with their places."""
    for file in sorted({file for end in records.ends for file in end.loaded_files}):
        path = Path(facts.project_root, file)
        try:
            if facts.ended_at is not None and path.stat().st_mtime > facts.ended_at.timestamp():
                continue
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        for language in ("python",) if file.endswith(".py") else ("django-template",):
            for line, comment in suppressions_in(text, language).items():
                yield f"{file}:{line}", comment


def _unused_patterns(records: RunRecords, entries: tuple[Entry, ...], settings: NPlusOneSettings) -> Iterator[str]:
    for pattern in settings.ignore:
        if not any(matching_pattern(entry.finding, (pattern,), entry.routes) for entry in entries):
            yield f"ignore {pattern!r}"
    names = [unit_names(unit.name, unit.kind, unit.route) for unit in records.units] if settings.thresholds else []
    for threshold in settings.thresholds:
        if not any(map(threshold.matches, names)):
            yield f"thresholds {threshold.pattern!r}"
