"""Two runs beside each other: which findings are new, gone, grown, and what else runs more or less often."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.kernel.errors import EnneadError
from ennead.reporting.comparison import ComparedRun, Comparison, FindingChange, RouteChange, StatementChange
from ennead.runs.reading import read_run
from ennead.runs.recorded import read_report

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from ennead.domains.nplusone.observation import QueryRecord
    from ennead.reporting.comparison import Status
    from ennead.reporting.report import Entry, Report
    from ennead.runs.folder import RunFolder
    from ennead.runs.records import UnitRecord

_SHOWN_ROUTES = 3
_CHANGED: tuple[Status, ...] = ("new", "grown", "shrunk", "gone")


class StatementCount(NamedTuple):
    """A statement and how often it ran in the worst unit of work."""

    statement: str
    execution_count: int


def compare_runs(before: RunFolder, after: RunFolder) -> Comparison:
    """Compare two runs.

    Raises
    ------
    EnneadError
        One of them cannot be read.
    """
    counts = (statement_counts(read_run(folder).units) for folder in (before, after))
    return compare(read_report(before), read_report(after), *counts)


def statement_counts(units: Iterable[UnitRecord]) -> Mapping[tuple[str, str], StatementCount]:
    """Route and fingerprint to how often the statement ran, over the units of work whose queries were kept whole."""
    found: dict[tuple[str, str], StatementCount] = {}
    for unit in units:
        queries = _whole_queries(unit)
        texts = {query.statement_fingerprint: query.statement for query in queries}
        for fingerprint, number in Counter(query.statement_fingerprint for query in queries).items():
            known = found.get((unit.place, fingerprint))
            if known is None or number > known.execution_count:
                found[unit.place, fingerprint] = StatementCount(texts[fingerprint], number)
    return found


def _whole_queries(unit: UnitRecord) -> list[QueryRecord]:
    """The reads and writes of a unit of work; none where not all of them are known."""
    if unit.context is None or unit.cut_query_count or unit.dropped_query_count:
        return []
    try:
        queries = QueryExecutionContext.from_dict(unit.context).queries
    except (EnneadError, KeyError, TypeError, ValueError, AttributeError, IndexError):
        return []  # a broken record costs itself only
    return [query for query in queries if query.is_read or query.is_write]


def compare(
    before: Report,
    after: Report,
    statements_before: Mapping[tuple[str, str], StatementCount],
    statements_after: Mapping[tuple[str, str], StatementCount],
) -> Comparison:
    """Compare what is known of two runs.

    Parameters
    ----------
    before, after
        Their reports.
    statements_before, statements_after
        What :func:`statement_counts` says of them.
    """
    findings = sorted(_findings(before, after), key=lambda change: change.rank)
    told = {change.finding.statement_fingerprint for change in findings if change.status in _CHANGED}
    statements = (
        change
        for change in _statements(statements_before, statements_after)
        if change.statement_fingerprint not in told
    )
    return Comparison(
        before=_side(before),
        after=_side(after),
        project_root=after.project_root,
        findings=tuple(findings),
        routes=tuple(sorted(_routes(before, after), key=_size_of_change, reverse=True)),
        statements=tuple(sorted(statements, key=_size_of_change, reverse=True)),
        notes=tuple(_notes(before, after)),
    )


def _side(report: Report) -> ComparedRun:
    return ComparedRun(
        run_id=report.run_id,
        command=report.title,
        started_at=report.started_at,
        unit_count=report.unit_count,
        query_count=report.query_count,
        finding_count=len(report.entries),
    )


# --------------------------------------------------------------------------------------------------------- findings


def _findings(before: Report, after: Report) -> Iterator[FindingChange]:
    old, new = _by_id(before.entries), _by_id(after.entries)
    gone = [entry for key, entry in old.items() if key not in new]
    for key, entry in new.items():
        if key in old:
            yield _kept(old[key], entry)
        else:
            yield _appeared(entry, before, gone)
    for entry in gone:
        yield _disappeared(entry, after)


def _by_id(entries: Iterable[Entry]) -> dict[str, Entry]:
    return {entry.finding.id: entry for entry in entries}


def _kept(old: Entry, new: Entry) -> FindingChange:
    before, after = old.finding.query_count, new.finding.query_count
    status: Status = "same" if before == after else "grown" if after > before else "shrunk"
    return FindingChange(status=status, finding=new.finding, before=before, after=after, routes=tuple(new.routes))


def _appeared(entry: Entry, before: Report, gone: Iterable[Entry]) -> FindingChange:
    twin = next((other for other in gone if _are_alike(entry, other)), None)
    if entry.finding.id in _by_id(before.suppressed):
        note = "was suppressed before"
    elif twin is not None:
        note = f"runs the same statement as {twin.finding.id}, which is gone: it may have moved"
    elif not _places(before) & entry.routes.keys():
        note = "what it was found in did not run before"
    else:
        note = ""
    count = entry.finding.query_count
    return FindingChange(
        status="new", finding=entry.finding, before=None, after=count, routes=tuple(entry.routes), note=note
    )


def _disappeared(entry: Entry, after: Report) -> FindingChange:
    ran = _places(after) & entry.routes.keys()
    suppressed = _by_id(after.suppressed).get(entry.finding.id)
    status: Status = "suppressed" if suppressed else "gone" if ran else "not-run"
    note = ""
    if suppressed is not None:
        note = suppressed.finding.suppressed or ""
    elif ran and len(ran) < len(entry.routes):
        note = f"{_named(entry.routes.keys() - ran)} did not run again"
    count = entry.finding.query_count
    return FindingChange(
        status=status, finding=entry.finding, before=count, after=None, routes=tuple(entry.routes), note=note
    )


def _are_alike(one: Entry, other: Entry) -> bool:
    same = one.finding.statement_fingerprint == other.finding.statement_fingerprint
    return same and bool(one.routes.keys() & other.routes.keys())


def _places(report: Report) -> set[str]:
    return {load.route for load in report.routes}


# ------------------------------------------------------------------------------------------- routes and statements


def _routes(before: Report, after: Report) -> Iterator[RouteChange]:
    old = {(load.route, load.kind): load.max_query_count for load in before.routes}
    for load in after.routes:
        count = old.get((load.route, load.kind))
        if count is not None and count != load.max_query_count:
            yield RouteChange(route=load.route, kind=load.kind, before=count, after=load.max_query_count)


def _statements(
    before: Mapping[tuple[str, str], StatementCount], after: Mapping[tuple[str, str], StatementCount]
) -> Iterator[StatementChange]:
    in_both = {route for route, _ in before} & {route for route, _ in after}
    for key in dict.fromkeys([*before, *after]):
        route, fingerprint = key
        old, new = before.get(key), after.get(key)
        counts = (old.execution_count if old else 0, new.execution_count if new else 0)
        known = new or old
        if route in in_both and known is not None and counts[0] != counts[1]:
            yield StatementChange(
                route=route,
                statement=known.statement,
                statement_fingerprint=fingerprint,
                before=counts[0],
                after=counts[1],
            )


def _size_of_change(change: RouteChange | StatementChange) -> int:
    return abs(change.after - change.before)


def _notes(before: Report, after: Report) -> Iterator[str]:
    old, new = _places(before), _places(after)
    if old - new:
        yield f"only the first run did {_named(old - new)}"
    if new - old:
        yield f"only the second run did {_named(new - old)}"
    yield from (f"first run: {note}" for note in before.notes)
    yield from (f"second run: {note}" for note in after.notes)


def _named(routes: Collection[str]) -> str:
    first = sorted(routes)[:_SHOWN_ROUTES]
    more = len(routes) - len(first)
    return ", ".join(first) + (f" and {more} more" if more else "")
