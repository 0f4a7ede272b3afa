"""What a test did, looked at: findings with what the test lets pass, the story of the others, the budget of queries."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ennead.agent.places import PROJECT
from ennead.domains.nplusone.profile import story_of
from ennead.kernel.errors import NPlusOneWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ennead.kernel.call_site import CallSite
    from ennead.kernel.finding import Finding
    from ennead.pytest_plugin.recorded_test import RecordedTest
    from ennead.pytest_plugin.rules import Rules
    from ennead.runs.analysis import ExaminedUnit, UnitAnalysis

    Knows = Callable[[Finding], bool]
    """Whether the project's baseline has a finding."""

_SHOWN_STATEMENTS = 20
_LONGEST_STATEMENT = 300


@dataclass(frozen=True, slots=True)
class Examination:
    """A test's units of work, each with its findings.

    Parameters
    ----------
    units
        The test's own one and those that ended in it.
    """

    units: tuple[ExaminedUnit, ...]

    @classmethod
    def of(cls, test: RecordedTest, analysis: UnitAnalysis) -> Examination:
        """Look at what a test did so far."""
        return cls(tuple(excused(analysis.examine(unit), test.rules) for unit in test.units()))

    @property
    def query_count(self) -> int:
        """Queries in all, those that were too many to be recorded included."""
        return sum(unit.context.query_count + unit.context.dropped_count for unit in self.units)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is neither suppressed nor allowed; the worst of each id."""
        found: dict[str, Finding] = {}
        for finding in (each for unit in self.units for each in unit.findings if each.suppressed is None):
            known = found.get(finding.id)
            if known is None or finding.query_count > known.query_count:
                found[finding.id] = finding
        return tuple(found.values())

    def story(self, knows: Knows) -> str | None:
        """What the failure of the test says, if it has a new N+1."""
        bad = n_plus_ones(self.findings, knows)
        return story_of(bad) if bad else None

    def warn(self, knows: Knows) -> None:
        """Issue a Python warning for each new N+1, at its access."""
        for finding in n_plus_ones(self.findings, knows):
            site = finding.call_site or finding.loop or finding.origin
            file, line = (_absolute(site), site.line) if site else ("ennead", 1)
            warnings.warn_explicit(f"{finding.explanation} ({finding.id})", NPlusOneWarning, file, line)

    def broken_budget(self, max_queries: int | None) -> str | None:
        """What a failure says if the test ran more queries than it may: its statements, the most frequent first."""
        if max_queries is None or self.query_count <= max_queries:
            return None
        queries = [query for unit in self.units for query in unit.context.queries]
        counts = Counter(query.statement for query in queries).most_common()
        places = {query.statement: query.call_path[0] for query in reversed(queries) if query.call_path}
        verb = "is" if max_queries == 1 else "are"
        lines = [f"{self.query_count} queries ran, at most {max_queries} {verb} allowed"]
        for statement, number in counts[:_SHOWN_STATEMENTS]:
            lines.append(f"{number:>6} × {_shortened(statement)}")
            if statement in places:
                lines.append(f"         {places[statement]}  {places[statement].source or ''}".rstrip())
        if len(counts) > _SHOWN_STATEMENTS:
            lines.append(f"{len(counts) - _SHOWN_STATEMENTS:>6} more statements")
        return "\n".join(lines)


def excused(examined: ExaminedUnit, rules: Rules) -> ExaminedUnit:
    """The same with the findings that the test lets pass marked as suppressed."""
    findings = tuple(
        finding if finding.suppressed else replace(finding, suppressed=rules.excuse(finding))
        for finding in examined.findings
    )
    return examined._replace(findings=findings)


def n_plus_ones(findings: Sequence[Finding], knows: Knows) -> list[Finding]:
    """Those that are an N+1, that nobody lets pass and the baseline does not know."""
    bad = [finding for finding in findings if finding.code == "n-plus-one" and finding.suppressed is None]
    return [finding for finding in bad if not knows(finding)]


def _absolute(site: CallSite) -> str:
    return str(Path(PROJECT.path, site.file))


def _shortened(statement: str) -> str:
    return statement if len(statement) <= _LONGEST_STATEMENT else f"{statement[:_LONGEST_STATEMENT]} ..."
