"""The memory stays of bounded size: what is old or too much is forgotten whenever a run comes in."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from ennead.store.schema import FINDINGS, PATTERNS, RUNS, STEPS, VERDICTS
from ennead.store.times import written

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from ennead.store.memory import Memory

_KEPT_STEPS = 1_000


def prune(connection: Connection, memory: Memory, now: datetime) -> None:
    """Forget runs beyond the bounds with all that is known of them, and patterns that no run and no verdict knows."""
    project, settings = memory.project, memory.settings
    first_kept = max(
        written(now - timedelta(days=settings.store_days)),
        _time_of_run(connection, project, settings.store_runs),
        _time_of_rows(connection, project, settings.store_rows),
    )
    connection.execute(delete(RUNS).where(RUNS.c.project == project, RUNS.c.started_at < first_kept))
    _forget_patterns(connection, project)
    _forget_steps(connection, project)


def _time_of_run(connection: Connection, project: str, kept: int) -> str:
    """When the oldest run began that is kept by number; before all time while there are fewer."""
    newest = select(RUNS.c.started_at).where(RUNS.c.project == project).order_by(RUNS.c.started_at.desc())
    return connection.execute(newest.offset(kept - 1).limit(1)).scalar() or ""


def _time_of_rows(connection: Connection, project: str, kept: int) -> str:
    """When the run began from which on the findings fit; the newest run stays whatever its size."""
    counted = (
        select(RUNS.c.started_at, func.count(FINDINGS.c.finding_id))
        .join(FINDINGS, (FINDINGS.c.project == RUNS.c.project) & (FINDINGS.c.run_id == RUNS.c.run_id))
        .where(RUNS.c.project == project)
        .group_by(RUNS.c.run_id, RUNS.c.started_at)
        .order_by(RUNS.c.started_at.desc())
    )
    total, first_kept = 0, ""
    for started_at, rows in connection.execute(counted):
        total += rows
        if first_kept and total > kept:
            return first_kept
        first_kept = started_at
    return ""


def _forget_patterns(connection: Connection, project: str) -> None:
    seen = select(FINDINGS.c.pattern_hash).where(FINDINGS.c.project == project)
    judged = select(VERDICTS.c.pattern_hash).where(VERDICTS.c.project == project)
    connection.execute(
        delete(PATTERNS).where(
            PATTERNS.c.project == project,
            PATTERNS.c.pattern_hash.not_in(seen),
            PATTERNS.c.pattern_hash.not_in(judged),
        )
    )


def _forget_steps(connection: Connection, project: str) -> None:
    newest = select(STEPS.c.id).where(STEPS.c.project == project).order_by(STEPS.c.id.desc())
    oldest_kept = connection.execute(newest.offset(_KEPT_STEPS - 1).limit(1)).scalar()
    if oldest_kept is not None:
        connection.execute(delete(STEPS).where(STEPS.c.project == project, STEPS.c.id < oldest_kept))
