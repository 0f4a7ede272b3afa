"""The threshold of a project: where it stands, its log, and its steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from sqlalchemy import func, insert, select, update

from ennead.domains.nplusone.adaptive_threshold import LOWEST, ThresholdPolicy, next_step
from ennead.kernel.errors import EnneadError
from ennead.store.schema import STEPS, VERDICTS
from ennead.store.times import moment, written
from ennead.store.verdicts import read_labels

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ennead.store.memory import Memory

StepKind = Literal["step", "undo", "reset"]
_MOST_WEIGHED = 300
"""Judged patterns that a step looks at, the last ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedStep:
    """One line of the log."""

    at: datetime
    kind: StepKind
    before: float
    after: float
    judged_count: int
    precision: float | None
    """Of the judged patterns that stay, after a step."""
    lower_bound: float | None
    undone: bool


def policy_of(memory: Memory) -> ThresholdPolicy:
    """What the threshold aims at, as the settings say."""
    settings = memory.verdict_settings
    return ThresholdPolicy(target_precision=settings.target_precision, exploration_ratio=settings.exploration_ratio)


def current_threshold(memory: Memory) -> float:
    """From which confidence on findings are shown, as the verdicts say."""
    return memory.read(lambda connection: read_threshold(connection, memory.project))


def read_threshold(connection: Connection, project: str) -> float:
    """The same, within a transaction."""
    last = select(STEPS.c.after).where(STEPS.c.project == project).order_by(STEPS.c.id.desc()).limit(1)
    found = connection.execute(last).scalar()
    return LOWEST if found is None else found


def follow(memory: Memory, *, now: datetime | None = None) -> LoggedStep | None:
    """Make the next step if the verdicts ask for one; ``None`` if the threshold stays.

    After an undo or a reset it stays until there are as many new verdicts as a first step takes.
    """
    when = now or datetime.now(UTC)
    return memory.write(lambda connection: _follow(connection, memory, when))


def _follow(connection: Connection, memory: Memory, now: datetime) -> LoggedStep | None:
    project, policy = memory.project, policy_of(memory)
    if _waits(connection, project, policy):
        return None
    judged = [label.judged for label in read_labels(connection, project)][-_MOST_WEIGHED:]
    step = next_step(
        judged, read_threshold(connection, project), policy, steps_today=_steps_on(connection, project, now)
    )
    if step is None:
        return None
    made = LoggedStep(
        at=now,
        kind="step",
        before=step.before,
        after=step.after,
        judged_count=step.judged_count,
        precision=step.precision,
        lower_bound=step.lower_bound,
        undone=False,
    )
    _write(connection, project, made)
    return made


def _waits(connection: Connection, project: str, policy: ThresholdPolicy) -> bool:
    """Whether somebody has taken the threshold back, and little was said since."""
    asked = select(STEPS.c.kind, STEPS.c.at).where(STEPS.c.project == project).order_by(STEPS.c.id.desc()).limit(1)
    last = connection.execute(asked).first()
    if last is None or last.kind == "step":
        return False
    since = select(func.count(VERDICTS.c.pattern_hash.distinct())).where(
        VERDICTS.c.project == project, VERDICTS.c.given_at > last.at, VERDICTS.c.undone_at.is_(None)
    )
    return connection.execute(since).scalar_one() < policy.least_judged


def _steps_on(connection: Connection, project: str, now: datetime) -> int:
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    counted = select(func.count()).where(STEPS.c.project == project, STEPS.c.kind == "step", STEPS.c.at >= written(day))
    return connection.execute(counted).scalar_one()


def undo_step(memory: Memory, *, now: datetime | None = None) -> LoggedStep:
    """Go back to where the threshold stood before its last step that was not undone yet.

    Raises
    ------
    EnneadError
        There is no such step.
    """
    when = now or datetime.now(UTC)
    return memory.write(lambda connection: _undo(connection, memory.project, when))


def _undo(connection: Connection, project: str, now: datetime) -> LoggedStep:
    asked = select(STEPS).where(STEPS.c.project == project, STEPS.c.kind != "undo", STEPS.c.undone.is_(False))
    last = connection.execute(asked.order_by(STEPS.c.id.desc()).limit(1)).first()
    if last is None:
        raise EnneadError("the threshold has made no step that could be undone")
    connection.execute(update(STEPS).where(STEPS.c.id == last.id).values(undone=True))
    return _taken_back(connection, project, "undo", last.before, now)


def reset_threshold(memory: Memory, *, now: datetime | None = None) -> LoggedStep:
    """Go back to where everything began; the verdicts stay."""
    when = now or datetime.now(UTC)
    return memory.write(lambda connection: _taken_back(connection, memory.project, "reset", LOWEST, when))


def _taken_back(connection: Connection, project: str, kind: StepKind, to: float, now: datetime) -> LoggedStep:
    made = LoggedStep(
        at=now,
        kind=kind,
        before=read_threshold(connection, project),
        after=to,
        judged_count=0,
        precision=None,
        lower_bound=None,
        undone=False,
    )
    _write(connection, project, made)
    return made


def _write(connection: Connection, project: str, made: LoggedStep) -> None:
    connection.execute(
        insert(STEPS).values(
            project=project,
            at=written(made.at),
            kind=made.kind,
            before=made.before,
            after=made.after,
            judged_count=made.judged_count,
            precision=made.precision,
            lower_bound=made.lower_bound,
            undone=False,
        )
    )


def threshold_log(memory: Memory) -> tuple[LoggedStep, ...]:
    """All steps, the newest first."""
    asked = select(STEPS).where(STEPS.c.project == memory.project).order_by(STEPS.c.id.desc())
    rows = memory.read(lambda connection: connection.execute(asked).all())
    return tuple(
        LoggedStep(
            at=moment(row.at),
            kind=row.kind,
            before=row.before,
            after=row.after,
            judged_count=row.judged_count,
            precision=row.precision,
            lower_bound=row.lower_bound,
            undone=row.undone,
        )
        for row in rows
    )
