"""Verdicts of users on findings: given, undone, told, and weighed."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast, get_args

from sqlalchemy import delete, func, insert, select, update

from ennead.domains.nplusone.adaptive_threshold import JudgedPattern
from ennead.kernel.errors import EnneadError
from ennead.store.schema import FINDINGS, PATTERNS, VERDICTS
from ennead.store.times import moment, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Row, Table

    from ennead.domains.nplusone.levels import Level
    from ennead.store.memory import Memory

VerdictWord = Literal["useful", "noise", "wontfix"]
RememberedWord = VerdictWord | Literal["verified-fix"]
WORDS: tuple[VerdictWord, ...] = get_args(VerdictWord)
VERIFIED_FIX: Literal["verified-fix"] = "verified-fix"
"""In place of a word: a fix was replayed and accepted. As a label it is ``useful``, where no user said anything."""
_LONGEST_REASON = 500
_MOST_OF_A_PATTERN = 20
"""Verdicts kept of one pattern: the influence of older ones is below a millionth."""
_MOST_IN_ALL = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenVerdict:
    """One verdict. Who gave it is not stored."""

    pattern: str
    about: str
    place: str | None
    verdict: RememberedWord
    reason: str | None
    given_at: datetime
    undone: bool


class Label(NamedTuple):
    """A judged pattern, with what was known when it was judged last."""

    judged: JudgedPattern
    code: str
    level: Level
    features: str
    """JSON."""


def give_verdict(
    memory: Memory, pattern: str, verdict: VerdictWord, reason: str | None = None, *, now: datetime | None = None
) -> None:
    """Store a verdict on a pattern, with a copy of what is known of it.

    Parameters
    ----------
    memory
        Of the project.
    pattern
        Its whole hash.
    verdict
        Worth it, not worth it, or right and not to be repaired.
    reason
        In a sentence.
    now
        When; by default now.

    Raises
    ------
    EnneadError
        There is no such pattern.
    """
    when = now or datetime.now(UTC)
    memory.write(lambda connection: write_verdict(connection, memory.project, pattern, verdict, reason, when))


def write_verdict(
    connection: Connection,
    project: str,
    pattern: str,
    verdict: RememberedWord,
    reason: str | None,
    now: datetime,
) -> None:
    """The same, within a transaction."""
    row = connection.execute(select(PATTERNS).where(_is(PATTERNS, project, pattern))).first()
    if row is None:
        raise EnneadError(f"no pattern {pattern} is remembered: 'ennead history' lists them")
    seen = connection.execute(
        select(FINDINGS).where(_is(FINDINGS, project, pattern)).order_by(FINDINGS.c.run_id.desc()).limit(1)
    ).first()
    connection.execute(
        insert(VERDICTS).values(
            project=project,
            pattern_hash=pattern,
            verdict=verdict,
            reason=reason[:_LONGEST_REASON] if reason else None,
            given_at=written(now),
            code=row.code,
            signature=row.signature,
            confidence=row.confidence,
            level=seen.level if seen else "full",
            features=seen.features if seen else "{}",
        )
    )
    _forget_oldest(connection, project, pattern)


def _forget_oldest(connection: Connection, project: str, pattern: str) -> None:
    """Keep a bounded number of each pattern and in all."""
    for condition, most in (
        (_is(VERDICTS, project, pattern), _MOST_OF_A_PATTERN),
        (VERDICTS.c.project == project, _MOST_IN_ALL),
    ):
        newest = select(VERDICTS.c.id).where(condition).order_by(VERDICTS.c.id.desc())
        oldest_kept = connection.execute(newest.offset(most - 1).limit(1)).scalar()
        if oldest_kept is not None:
            connection.execute(delete(VERDICTS).where(condition, VERDICTS.c.id < oldest_kept))


def undo_verdict(memory: Memory, pattern: str, *, now: datetime | None = None) -> RememberedWord:
    """Take the last verdict on a pattern back; it stays in the list, marked.

    Raises
    ------
    EnneadError
        There is none.
    """
    when = now or datetime.now(UTC)
    return memory.write(lambda connection: _undo(connection, memory.project, pattern, when))


def _undo(connection: Connection, project: str, pattern: str, now: datetime) -> RememberedWord:
    last = connection.execute(
        select(VERDICTS)
        .where(_is(VERDICTS, project, pattern), VERDICTS.c.undone_at.is_(None))
        .order_by(VERDICTS.c.id.desc())
        .limit(1)
    ).first()
    if last is None:
        raise EnneadError(f"there is no verdict on {pattern} to undo")
    connection.execute(update(VERDICTS).where(VERDICTS.c.id == last.id).values(undone_at=written(now)))
    return cast("RememberedWord", last.verdict)


def given_verdicts(memory: Memory, *, pattern: str | None = None) -> tuple[GivenVerdict, ...]:
    """All verdicts, or those on one pattern, the newest first; those that were undone are marked."""
    condition = VERDICTS.c.project == memory.project if pattern is None else _is(VERDICTS, memory.project, pattern)
    asked = (
        select(VERDICTS, func.coalesce(PATTERNS.c.about, "").label("about"), PATTERNS.c.place)
        .select_from(
            VERDICTS.outerjoin(
                PATTERNS,
                (PATTERNS.c.project == VERDICTS.c.project) & (PATTERNS.c.pattern_hash == VERDICTS.c.pattern_hash),
            )
        )
        .where(condition)
        .order_by(VERDICTS.c.id.desc())
    )
    return tuple(map(_given, memory.read(lambda connection: connection.execute(asked).all())))


def _given(row: Row[Any]) -> GivenVerdict:
    return GivenVerdict(
        pattern=row.pattern_hash,
        about=row.about,
        place=row.place,
        verdict=row.verdict,
        reason=row.reason,
        given_at=moment(row.given_at),
        undone=row.undone_at is not None,
    )


# ---------------------------------------------------------------------------------------------- weighing


def judged_patterns(memory: Memory) -> tuple[JudgedPattern, ...]:
    """The patterns with verdicts, those first whose last verdict is oldest."""
    return tuple(label.judged for label in labels_of(memory))


def labels_of(memory: Memory) -> tuple[Label, ...]:
    """The judged patterns with what was known of them, those first whose last verdict is oldest."""
    return memory.read(lambda connection: tuple(read_labels(connection, memory.project)))


def read_labels(connection: Connection, project: str) -> Iterator[Label]:
    """The same, within a transaction."""
    rows: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    asked = select(VERDICTS).where(VERDICTS.c.project == project, VERDICTS.c.undone_at.is_(None))
    for row in connection.execute(asked.order_by(VERDICTS.c.id)):
        rows[row.pattern_hash].append(row)
    yield from map(_label, sorted(rows.values(), key=lambda given: given[-1].id))


def _label(told: Sequence[Row[Any]]) -> Label:
    given = [row for row in told if row.verdict != VERIFIED_FIX] or told
    last = given[-1]
    judged = JudgedPattern(
        pattern=last.pattern_hash,
        signature=last.signature,
        confidence=last.confidence,
        votes=tuple(row.verdict != "noise" for row in given),
        day=moment(last.given_at).date(),
        wontfix=last.verdict == "wontfix",
    )
    return Label(judged, last.code, last.level, last.features)


def write_features(features: Mapping[str, float]) -> str:
    """As compact JSON, without what is missing.

    >>> write_features({"adjacency": 0.5, "mean_rows": float("nan"), "log_count": 2.302585093})
    '{"adjacency":0.5,"log_count":2.30259}'
    """
    kept = {name: float(f"{value:.6g}") for name, value in sorted(features.items()) if isfinite(value)}
    return json.dumps(kept, separators=(",", ":"))


def read_features(text: str) -> Mapping[str, float]:
    """Read what :func:`write_features` wrote.

    >>> read_features('{"adjacency":0.5}')
    {'adjacency': 0.5}
    """
    return {name: float(value) for name, value in json.loads(text).items()}


def _is(table: Table, project: str, pattern: str) -> ColumnElement[bool]:
    return (table.c.project == project) & (table.c.pattern_hash == pattern)
