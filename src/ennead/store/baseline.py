"""The findings that a project knows already, so that only new ones make it fail.

A known finding is recognised by its id, which survives moved lines, other literals, other hosts, and whether a test, a
server or a script ran the code. Where either side knows no call sites (logs, spans) the weak id links them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from ennead.kernel.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

DEFAULT_GROWTH = 2.0
LEAST_GROWTH = 5
"""Queries more than in the baseline below which nothing is said to have grown: a few rows more are no news."""
MOST_PLACES = 5
_TEST_PARAMETERS = re.compile(r"(?<=::)([^\[]*)\[.*\]$")
_SEGMENT_WITH_DIGIT = re.compile(r"(?<=/)[^/?#]*\d[^/?#]*")
_QUOTED_NAME = re.compile(r"""["`]([A-Za-z_][A-Za-z0-9_]*)["`]""")
_COLUMNS = re.compile(r"(?is)^(select\s+(?:distinct\s+)?).{40,}?(\s+from\s)")
_QUERY_STRING = re.compile(r"[?#].*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFinding:
    """One finding of the baseline: what a reader needs to know it again, no line numbers and no literals."""

    id: str
    weak_id: str | None
    code: str
    about: str
    """The relation, or of a finding that has none the normalised statement, shortened."""
    place: str | None
    """File and function of the access, ``shop/views.py in order_list``; ``None`` where no call site is known."""
    count: int
    """Queries in the unit of work where it was worst."""
    first_seen: date
    seen_in: tuple[str, ...] = ()
    """Routes, or names of units of work that have none; five at most, without what differs from one to the next."""


class Split(NamedTuple):
    """Findings told apart by a baseline, each in the order it was given."""

    new: tuple[Finding, ...]
    known: tuple[Finding, ...]


class Grown(NamedTuple):
    """A known finding with many more queries than when it was taken into the baseline."""

    finding: Finding
    known: KnownFinding


@dataclass(frozen=True)
class Baseline:
    """The known findings of a project; for every front end that fails on findings: commands, test plugins, servers.

    Parameters
    ----------
    entries
        One for each id.

    Examples
    --------
    >>> from datetime import date
    >>> baseline = Baseline().with_findings([], date(2026, 11, 2))
    >>> baseline.split([]).new
    ()
    """

    entries: tuple[KnownFinding, ...] = ()

    def __len__(self) -> int:
        return len(self.entries)

    def find(self, finding: Finding) -> KnownFinding | None:
        """The entry that stands for a finding, or ``None`` if it is new."""
        known = self._by_id.get(finding.id)
        if known is not None:
            return known
        weak = self._by_weak_id.get(weak_id_of(finding) or "")
        return weak if weak is not None and (finding.call_site is None or weak.place is None) else None

    def knows(self, finding: Finding) -> bool:
        """Whether a finding is in the baseline."""
        return self.find(finding) is not None

    def split(self, findings: Iterable[Finding]) -> Split:
        """Tell new findings from known ones.

        A test plugin or a service fails on :attr:`Split.new` alone, and tells the number of the others.
        """
        new: list[Finding] = []
        known: list[Finding] = []
        for finding in findings:
            (known if self.knows(finding) else new).append(finding)
        return Split(tuple(new), tuple(known))

    def grown(self, findings: Iterable[Finding], factor: float = DEFAULT_GROWTH) -> tuple[Grown, ...]:
        """The known findings with more than ``factor`` times the queries of the baseline, and five more at least."""
        pairs = ((finding, self.find(finding)) for finding in findings)
        return tuple(
            Grown(finding, known)
            for finding, known in pairs
            if known is not None
            and finding.query_count > known.count * factor
            and finding.query_count >= known.count + LEAST_GROWTH
        )

    def gone(self, findings: Iterable[Finding]) -> tuple[KnownFinding, ...]:
        """The entries that none of the findings stands for."""
        seen = {known.id for known in map(self.find, findings) if known is not None}
        return tuple(known for known in self.entries if known.id not in seen)

    def with_findings(
        self, findings: Iterable[tuple[Finding, Iterable[str]]], day: date, *, keep_others: bool = True
    ) -> Baseline:
        """A baseline that knows these findings, too.

        Parameters
        ----------
        findings
            Each with the places (routes, or names of units of work) where it was seen.
        day
            When those that were not known are first seen.
        keep_others
            Keep the entries that none of the findings stands for.
        """
        made = {entry.id: entry for entry in self.entries} if keep_others else {}
        for finding, places in findings:
            before = self.find(finding)
            entry = _entry(finding, places, before, day)
            if before is not None and before.id != entry.id:
                made.pop(before.id, None)
            made[entry.id] = entry
        return Baseline(tuple(made.values()))

    def without(self, ids: Collection[str]) -> Baseline:
        """A baseline that has forgotten these entries."""
        return Baseline(tuple(entry for entry in self.entries if entry.id not in ids))

    @cached_property
    def _by_id(self) -> dict[str, KnownFinding]:
        return {entry.id: entry for entry in self.entries}

    @cached_property
    def _by_weak_id(self) -> dict[str, KnownFinding]:
        return {entry.weak_id: entry for entry in self.entries if entry.weak_id}


def weak_id_of(finding: Finding) -> str | None:
    """What links findings that know call sites to those that do not: statement and route."""
    weak = finding.evidence.get("weak_id")
    return weak if isinstance(weak, str) and weak else None


def steady_place(place: str) -> str:
    """A route or a unit's name without what differs from one time to the next, and may be somebody's data.

    Parameters
    ----------
    place
        A route, a test's id, the name of a request without a route.

    Examples
    --------
    >>> steady_place("tests/test_orders.py::test_total[ann@example.org]"), steady_place("GET /users/4711/?page=2")
    ('tests/test_orders.py::test_total', 'GET /users/*/')
    """
    if "::" in place:
        return _TEST_PARAMETERS.sub(r"\1", place)
    if "/" not in place or "<" in place or "{" in place:  # a name or a route's pattern
        return place
    method, slash, path = place.partition("/")
    if method and not method.strip().isupper():
        return place
    return method + _SEGMENT_WITH_DIGIT.sub("*", slash + _QUERY_STRING.sub("", path))


def _told(statement: str) -> str:
    """A statement that is quick to read: without quotes around plain names, and without a long list of columns."""
    return _COLUMNS.sub(r"\1...\2", _QUOTED_NAME.sub(r"\1", statement), count=1)


def _entry(finding: Finding, places: Iterable[str], before: KnownFinding | None, day: date) -> KnownFinding:
    site = finding.call_site
    seen_in = tuple(sorted(set(map(steady_place, places)))[:MOST_PLACES])
    entry = KnownFinding(
        id=finding.id,
        weak_id=weak_id_of(finding),
        code=finding.code,
        about=finding.relation or _told(finding.statement),
        place=f"{site.file} in {site.function}" if site is not None else None,
        count=finding.query_count,
        first_seen=day,
        seen_in=seen_in,
    )
    if before is None:
        return entry
    merged = tuple(sorted({*before.seen_in, *seen_in})[:MOST_PLACES])
    named = before if before.place is not None and entry.place is None else entry
    return replace(named, count=entry.count, first_seen=before.first_seen, seen_in=merged)
