"""Findings of one loop told as one story: the same loop, on the same route, is put right at the same place."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from ennead.kernel.finding import SEVERITIES, Severity, severity_rank
from ennead.reporting.amounts import count
from ennead.reporting.sql import main_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ennead.kernel.call_site import CallSite
    from ennead.kernel.finding import Finding, Recommendation
    from ennead.reporting.report import Entry

Role = Literal["origin", "loop", "via", "access"]
_ROLES: tuple[Role, ...] = ("origin", "loop", "access")
_TITLES = {"n-plus-one": "N+1", "repeated-query": "Repeated query", "write-n-plus-one": "Writes in a loop"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the user's code and what it has to do with the story."""

    site: CallSite
    roles: tuple[Role, ...]
    """One line may query the collection, loop over it and access it."""
    row_count: int | None
    """Rows that the origin returned."""
    entries: tuple[Entry, ...]
    """The findings whose access this is."""

    @property
    def query_count(self) -> int:
        """Queries that the accesses on this line ran, in the worst unit of work of each."""
        return sum(entry.finding.query_count for entry in self.entries)


@dataclass(frozen=True)
class Story:
    """Entries that are told together, the worst first.

    Parameters
    ----------
    entries
        At least one.
    """

    entries: tuple[Entry, ...]

    @property
    def worst(self) -> Finding:
        """The finding that leads the story."""
        return self.entries[0].finding

    @property
    def id(self) -> str:
        """The id of the finding that leads the story."""
        return self.worst.id

    @cached_property
    def severity(self) -> Severity:
        """The highest."""
        return max((entry.finding.severity for entry in self.entries), key=severity_rank)

    @property
    def title(self) -> str:
        """``N+1``, or what the findings have in common."""
        codes = Counter(entry.finding.code for entry in self.entries)
        if len(self.entries) == 1:
            return code_title(self.worst)
        return " and ".join(
            f"{number} × {_TITLES.get(code, code)}" if number > 1 else _TITLES.get(code, code)
            for code, number in codes.items()
        )

    @property
    def subjects(self) -> tuple[str, ...]:
        """What the findings load or write again and again, each once."""
        return tuple(dict.fromkeys(filter(None, (subject(entry.finding) for entry in self.entries))))

    @property
    def query_count(self) -> int:
        """Repeats in the worst unit of work of each finding."""
        return sum(entry.finding.query_count for entry in self.entries)

    @property
    def queries_needed(self) -> int:
        """What set-based versions would take in their place."""
        return sum(entry.finding.queries_needed for entry in self.entries)

    @property
    def wasted_ms(self) -> float:
        """Over all units of work."""
        return sum(entry.total_wasted_ms for entry in self.entries)

    @property
    def confidence(self) -> float:
        """0-100; of the finding that is least sure."""
        return min(entry.finding.confidence for entry in self.entries)

    @cached_property
    def routes(self) -> Mapping[str, int]:
        """Route to the number of units of work that had any of the findings; the most frequent first."""
        routes: dict[str, int] = {}
        for entry in self.entries:
            for route, number in entry.routes.items():
                routes[route] = max(routes.get(route, 0), number)
        return dict(sorted(routes.items(), key=lambda item: -item[1]))

    @property
    def occurrence_count(self) -> int:
        """Units of work, as far as they can be told apart: those of the finding that was seen most often."""
        return max(entry.occurrence_count for entry in self.entries)

    @property
    def counts(self) -> str:
        """``200 queries where 2 would do``."""
        return f"{count(self.query_count, 'query', 'queries')} where {self.queries_needed:,} would do"

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The lines in the order things happen: origins, loop, the way in from the loop, accesses."""
        return tuple(_lines(self.entries))

    @cached_property
    def recommendations(self) -> tuple[Recommendation, ...]:
        """Each once: verified fixes first, then the advice of the worst finding that has none."""
        found: dict[tuple[str, str | None, str], tuple[int, Recommendation]] = {}
        for entry in self.entries:
            rank = 1 + _is_repaired(entry)
            for recommendation in entry.finding.recommendations:
                key = (recommendation.title, recommendation.code, recommendation.text)
                found.setdefault(key, (0 if recommendation.status == "verified" else rank, recommendation))
        return tuple(recommendation for _, recommendation in sorted(found.values(), key=lambda item: item[0]))

    @property
    def is_repaired(self) -> bool:
        """Whether a verified fix is known for each of its findings."""
        return all(map(_is_repaired, self.entries))


def _is_repaired(entry: Entry) -> bool:
    return any(each.status == "verified" for each in entry.finding.recommendations)


def code_title(finding: Finding) -> str:
    """What a finding's code and kind mean in a few words."""
    return f"{_TITLES.get(finding.code, finding.code)} ({finding.kind})"


def subject(finding: Finding) -> str:
    """What is loaded or written again and again: the relation, else the models, else the table."""
    return finding.relation or ", ".join(finding.models) or main_table(finding.statement)


def by_severity(entries: Iterable[Entry]) -> str:
    """``2 high, 1 low``: how many findings there are of each severity, the most severe first."""
    counts = dict.fromkeys(reversed(SEVERITIES), 0)
    for entry in entries:
        counts[entry.finding.severity] += 1
    return ", ".join(f"{number} {severity}" for severity, number in counts.items() if number)


def stories(entries: Iterable[Entry]) -> list[Story]:
    """Gather entries into stories, the worst first.

    Two findings belong to one story if they have the same loop and were seen on a common route.
    """
    gathered: list[list[Entry]] = []
    for entry in sorted(entries, key=lambda entry: entry.rank, reverse=True):
        for members in gathered:
            if _belong_together(members[0], entry):
                members.append(entry)
                break
        else:
            gathered.append([entry])
    return sorted((Story(tuple(members)) for members in gathered), key=_story_rank, reverse=True)


def _story_rank(story: Story) -> tuple[int, float]:
    return (severity_rank(story.severity), story.wasted_ms)


def _belong_together(one: Entry, other: Entry) -> bool:
    if one.finding.loop is None or other.finding.loop is None or one.finding.domain != other.finding.domain:
        return False
    if _place(one.finding.loop) != _place(other.finding.loop):
        return False
    return not one.routes or not other.routes or bool(one.routes.keys() & other.routes.keys())


def _place(site: CallSite) -> tuple[str, int, str]:
    return (site.file, site.line, site.function)


def _lines(entries: tuple[Entry, ...]) -> Iterator[Line]:
    found: dict[tuple[str, int], _LineInTheMaking] = {}

    def add(role: Role, site: CallSite | None, entry: Entry) -> None:
        if site is not None:
            found.setdefault((site.file, site.line), _LineInTheMaking(site)).add(role, entry)

    # What is itself loaded in the loop and feeds the next level is told where it happens, not before the loop.
    accesses = {_place(entry.finding.call_site) for entry in entries if entry.finding.call_site}
    inner = [entry for entry in entries if entry.finding.origin and _place(entry.finding.origin) in accesses]
    for entry in entries:
        if entry not in inner:
            add("origin", entry.finding.origin, entry)
    for entry in entries:
        add("loop", entry.finding.loop, entry)
    for entry in sorted(entries, key=lambda entry: _way_in(entry.finding)):
        for site in _between_loop_and_access(entry.finding):
            add("via", site, entry)
        add("access", entry.finding.call_site, entry)
    for entry in inner:
        add("origin", entry.finding.origin, entry)
    for line in found.values():
        yield line.finished()


def _way_in(finding: Finding) -> list[tuple[str, int]]:
    """Orders accesses as they stand in the source, those behind the same call together."""
    inner = [*_between_loop_and_access(finding), *filter(None, [finding.call_site])]
    return [(site.file, site.line) for site in inner]


class _LineInTheMaking:
    def __init__(self, site: CallSite) -> None:
        self._site = site
        self._roles: dict[Role, None] = {}
        self._row_counts: list[int] = []
        self._entries: list[Entry] = []

    def add(self, role: Role, entry: Entry) -> None:
        if role == "via" and self._roles:
            return
        self._roles[role] = None
        if role == "origin" and entry.finding.origin_row_count is not None:
            self._row_counts.append(entry.finding.origin_row_count)
        if role == "access":
            self._entries.append(entry)

    def finished(self) -> Line:
        roles: tuple[Role, ...] = tuple(role for role in _ROLES if role in self._roles) or ("via",)
        return Line(self._site, roles, max(self._row_counts, default=None), tuple(self._entries))


def _between_loop_and_access(finding: Finding) -> Iterator[CallSite]:
    """The frames between the loop and the access, the outer one first; none where the loop is not on the path."""
    if finding.loop is None:
        return
    depth = next((number for number, site in enumerate(finding.call_path) if _same_frame(site, finding.loop)), 0)
    for site in reversed(finding.call_path[1:depth]):
        if not _same_frame(site, finding.loop):
            yield site


def _same_frame(site: CallSite, loop: CallSite) -> bool:
    """Whether the loop stands in a call site's frame; comprehensions had frames of their own before Python 3.12."""
    same = site.function == loop.function or site.function.startswith(f"{loop.function}.<locals>.<")
    return site.file == loop.file and same
