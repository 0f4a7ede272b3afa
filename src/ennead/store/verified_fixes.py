"""Fixes that were replayed and accepted: what they bring, beside the verdicts on a pattern, and labels as they are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, select

from ennead.store.history import linked_patterns
from ennead.store.schema import PATTERNS, VERDICTS
from ennead.store.times import moment, written
from ennead.store.verdicts import VERIFIED_FIX, write_verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from ennead.store.memory import Memory


class VerifiedFix(NamedTuple):
    """The last accepted fix of a pattern."""

    verified_at: datetime
    brings: str
    """Queries and time before and after, in words."""


def note_verified_fixes(memory: Memory, fixes: Mapping[str, str], *, now: datetime | None = None) -> tuple[str, ...]:
    """Remember accepted fixes; of each pattern the last one.

    Parameters
    ----------
    memory
        Of the project.
    fixes
        Id of a finding to what its fix brings. Findings that are not remembered are passed over.
    now
        When; by default now.

    Returns
    -------
    tuple of str
        The patterns.
    """
    when = now or datetime.now(UTC)
    return memory.write(lambda connection: _note(connection, memory.project, fixes, when))


def verified_fixes(memory: Memory) -> Mapping[str, VerifiedFix]:
    """Pattern to its last accepted fix; those that were taken back are not among them."""
    asked = (
        select(VERDICTS.c.pattern_hash, VERDICTS.c.given_at, VERDICTS.c.reason)
        .where(VERDICTS.c.project == memory.project, VERDICTS.c.verdict == VERIFIED_FIX, VERDICTS.c.undone_at.is_(None))
        .order_by(VERDICTS.c.id)
    )
    rows = memory.read(lambda connection: connection.execute(asked).all())
    return {row.pattern_hash: VerifiedFix(moment(row.given_at), row.reason or "") for row in rows}


def _note(connection: Connection, project: str, fixes: Mapping[str, str], now: datetime) -> tuple[str, ...]:
    linked = linked_patterns(connection, project)
    named = {linked.get(finding, finding): brings for finding, brings in fixes.items()}
    known = select(PATTERNS.c.pattern_hash).where(
        PATTERNS.c.project == project, PATTERNS.c.pattern_hash.in_(list(named))
    )
    found = tuple(connection.execute(known.order_by(PATTERNS.c.pattern_hash)).scalars())
    for pattern in found:
        connection.execute(
            delete(VERDICTS).where(
                VERDICTS.c.project == project,
                VERDICTS.c.pattern_hash == pattern,
                VERDICTS.c.verdict == VERIFIED_FIX,
                VERDICTS.c.given_at <= written(now),
            )
        )
        write_verdict(connection, project, pattern, VERIFIED_FIX, named[pattern], now)
    return found
