"""How the executions of each statement grow with the data, before and after the change."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ennead.fixes.comparison.units import UnitKey, units_by_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ennead.fixes.comparison.edit import Edit
    from ennead.fixes.trace import ReplayTrace, StatementTrace, UnitTrace
    from ennead.kernel.finding import Finding

MOST_NEW_REPEATS = 4
"""So many more executions of one statement are no new N+1, as long as they do not grow with the data."""

LEAST_GROWTH = 2
"""One execution more at the large size is no growth: another form of a statement for many rows, a second batch."""

_REPEATED_PARTS = re.compile(r"(?=\b(?:WHEN|OR|UNION)\b)", re.IGNORECASE)

_SELECT = re.compile(r"\bSELECT\b", re.IGNORECASE)

Counts = tuple[int, ...]
"""Executions at the small size and, where there is one, at the large size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementGrowth:
    """One statement of one unit of work: its executions at both sizes, before and after.

    Examples
    --------
    >>> group = StatementGrowth(unit="GET /", statement="SELECT 1", fingerprint="f", connection="default",
    ...                         before=(10, 50), after=(1, 1))
    >>> group.growth_before, group.growth_after
    (40, 0)
    """

    unit: str
    statement: str
    fingerprint: str
    connection: str
    before: Counts
    after: Counts
    is_target: bool = False
    """It belongs to a finding that the change is to repair."""
    needed: int = 1
    """Executions that are no repeats, as the findings tell."""
    others: Counts = (0, 0)
    """Executions of the same statement that belong to other findings of the unit, which the change leaves alone."""

    @property
    def growth_before(self) -> int:
        """More executions at the large size than at the small one."""
        return self.before[-1] - self.before[0]

    @property
    def growth_after(self) -> int:
        """The same of the patched work."""
        return self.after[-1] - self.after[0]

    @property
    def growth_of_others(self) -> int:
        """What other findings of the unit add to the growth of this statement."""
        return max(0, self.others[-1] - self.others[0])

    @property
    def is_flat(self) -> bool:
        """Whether its executions no longer follow the data, or are down to what is needed where they never did."""
        if self.growth_before > 0:
            return self.growth_after <= self.growth_of_others
        return self.growth_after <= 0 and self.after[-1] <= self.needed + self.others[-1]

    @property
    def is_newly_growing(self) -> bool:
        """Whether it grows more than it did, or repeats now where it did not."""
        if self.growth_after > max(LEAST_GROWTH - 1, self.growth_before):
            return True
        return self.after[-1] - self.before[-1] > (MOST_NEW_REPEATS if len(self.after) > 1 else 1)

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "unit": self.unit,
            "statement": self.statement,
            "statement_fingerprint": self.fingerprint,
            "connection": self.connection,
            "before": list(self.before),
            "after": list(self.after),
            "is_target": self.is_target,
            "needed": self.needed,
            "others": list(self.others),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> StatementGrowth:
        """Read what :meth:`to_dict` wrote."""
        return cls(
            unit=data["unit"],
            statement=data["statement"],
            fingerprint=data["statement_fingerprint"],
            connection=data["connection"],
            before=tuple(data["before"]),
            after=tuple(data["after"]),
            is_target=data["is_target"],
            needed=data["needed"],
            others=tuple(data["others"]),
        )


def statement_growths(
    before: Sequence[Sequence[ReplayTrace]],
    after: Sequence[Sequence[ReplayTrace]],
    findings: Sequence[Finding] | None,
    edit: Edit,
) -> tuple[StatementGrowth, ...]:
    """Executions of each statement in each unit of work that all sizes have.

    Parameters
    ----------
    before, after
        Runs at the small size and, where there is one, at the large size; of several the first one counts.
    findings
        What the change is to repair; without any, every repeated statement that runs less often is a target, and every
        one whose line the change edits.
    edit
        The change.
    """
    sides = [units_by_key(traces) for traces in (*before, *after)]
    keys = [key for key in sides[0] if all(key in side for side in sides)]
    found = []
    for key in keys:
        units = [side[key] for side in sides]
        aims = _Aims(findings or (), edit, units[: len(before)])
        found += _of_unit(key, units, aims)
    return tuple(found)


class _Aims(NamedTuple):
    """What the change is to repair in a unit of work, which is here as it was, at both sizes."""

    findings: Sequence[Finding]
    edit: Edit
    originals: Sequence[UnitTrace]

    def are_edited(self, fingerprints: set[str]) -> bool:
        """Whether the change edits a line that executes one of some statements."""
        places = {
            item.access
            for unit in self.originals
            for item in unit.statements
            if item.fingerprint in fingerprints and item.access is not None
        }
        return any(self.edit.is_rewritten(place.file, place.line) for place in places)


def _of_unit(key: UnitKey, units: Sequence[UnitTrace], aims: _Aims) -> list[StatementGrowth]:
    counts: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * len(units))
    statements: dict[tuple[str, str], list[StatementTrace]] = {}
    for at, unit in enumerate(units):
        for statement in unit.statements:
            place = (without_repeats(statement.statement), statement.connection)
            statements.setdefault(place, []).append(statement)
            counts[place][at] += statement.count
    return [_of_statement(key, same, tuple(counts[place]), aims) for place, same in statements.items()]


def growing_statements(
    before: Sequence[Sequence[ReplayTrace]], after: Sequence[Sequence[ReplayTrace]]
) -> tuple[str, ...]:
    """Sentences about units of work whose statements hold a further SELECT for each row: a UNION, a list of subqueries.

    Parameters
    ----------
    before, after
        Runs at the small size and, where there is one, at the large size; of several the first one counts.
    """
    sides = [units_by_key(traces) for traces in (*before, *after)]
    sentences = []
    for key in [key for key in sides[0] if all(key in side for side in sides)]:
        nested = [_nested_selects(side[key]) for side in sides]
        had, has = nested[: len(before)], nested[len(before) :]
        if has[-1] - has[0] > max(MOST_NEW_REPEATS, had[-1] - had[0]):
            counts = " → ".join(str(count) for count in has)
            sentences.append(f"{key}: its statements hold a further SELECT for each row, {counts} in all")
    return tuple(sentences)


def _nested_selects(unit: UnitTrace) -> int:
    reads = [statement for statement in unit.statements if not statement.is_write]
    return sum(statement.count * max(0, len(_SELECT.findall(statement.statement)) - 1) for statement in reads)


def without_repeats(statement: str) -> str:
    """A statement with parts that are repeated for each row written once: WHEN ... THEN, OR, UNION.

    So an update of many rows in one statement is the same one for ten rows and for fifty.

    >>> without_repeats("UPDATE a SET b = CASE WHEN id = ? THEN ? WHEN id = ? THEN ? WHEN id = ? THEN ? END")
    'UPDATE a SET b = CASE WHEN id = ? THEN ? END'
    >>> without_repeats("SELECT a FROM b WHERE c = ? OR d = ?")
    'SELECT a FROM b WHERE c = ? OR d = ?'
    """
    parts: list[str] = []
    for part in _REPEATED_PARTS.split(statement):
        if parts and part.startswith(parts[-1].rstrip()):
            parts[-1] = part
        else:
            parts.append(part)
    return "".join(parts)


def _of_statement(key: UnitKey, statements: Sequence[StatementTrace], counts: Counts, aims: _Aims) -> StatementGrowth:
    originals = aims.originals
    before, after = counts[: len(originals)], counts[len(originals) :]
    statement = statements[0]
    fingerprints = {item.fingerprint for item in statements}
    targets = [finding for finding in aims.findings if _belongs(finding, fingerprints, originals)]
    is_aimed_at = before[-1] > 1 and (after[-1] < before[-1] or aims.are_edited(fingerprints))
    is_target = bool(targets) if aims.findings else is_aimed_at
    ids = {finding.id for finding in targets}
    return StatementGrowth(
        unit=str(key),
        statement=statement.statement,
        fingerprint=statement.fingerprint,
        connection=statement.connection,
        before=before,
        after=after,
        is_target=is_target,
        needed=max(1, sum(finding.queries_needed for finding in targets)),
        others=tuple(_of_other_findings(unit, fingerprints, ids) if targets else 0 for unit in originals),
    )


def _belongs(finding: Finding, fingerprints: set[str], originals: Sequence[UnitTrace]) -> bool:
    if finding.statement_fingerprint not in fingerprints:
        return False
    if any(found.id == finding.id for unit in originals for found in unit.findings):
        return True
    return finding.route is None or finding.route == originals[0].route


def _of_other_findings(unit: UnitTrace, fingerprints: set[str], ids: set[str]) -> int:
    others = [item for item in unit.findings if item.statement_fingerprint in fingerprints and item.id not in ids]
    return sum(finding.query_count for finding in others)
