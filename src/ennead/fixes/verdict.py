"""Judge a change by what the original and the patched work showed when they were run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ennead.fixes.comparison.caching import compare_sources_of_data
from ennead.fixes.comparison.costs import compare_costs, durations_ms, moved_outside, query_count
from ennead.fixes.comparison.edit import Edit
from ennead.fixes.comparison.effects import compare_effects
from ennead.fixes.comparison.growth import StatementGrowth, growing_statements, statement_growths
from ennead.fixes.comparison.lines import compare_lines, note_unwatched
from ennead.fixes.comparison.notes import Notes, first_sentences
from ennead.fixes.comparison.restrictions import compare_restrictions
from ennead.fixes.comparison.runs import FEWEST_ORIGINALS, check_originals, check_patched
from ennead.fixes.comparison.sort_orders import compare_sort_orders
from ennead.fixes.comparison.tables import compare_tables
from ennead.fixes.comparison.units import compare_units, numbered, size_words
from ennead.fixes.comparison.watchfulness import refuse_watchful_code
from ennead.fixes.comparison.written import compare_written
from ennead.kernel.finding import Finding, Verdict, Verification

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ennead.fixes.trace import ReplayTrace

ACCEPTED: frozenset[Verdict] = frozenset({"verified", "verified-at-this-size"})
"""The verdicts of a change that may be applied."""
_STABLE_KINDS = frozenset({"repeated-query"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict with its reasons."""

    verdict: Verdict
    reasons: tuple[str, ...]
    """Sentences, the weightiest first; never empty."""
    verification: Verification
    growth: tuple[StatementGrowth, ...] = ()
    """Executions of each statement at both sizes, before and after."""

    @property
    def is_accepted(self) -> bool:
        """Whether the change may be applied."""
        return self.verdict in ACCEPTED

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "verdict": self.verdict,
            "reasons": list(self.reasons),
            "verification": self.verification.to_dict(),
            "growth": [growth.to_dict() for growth in self.growth],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Judgement:
        """Read what :meth:`to_dict` wrote."""
        return cls(
            verdict=data["verdict"],
            reasons=tuple(data["reasons"]),
            verification=Verification.from_dict(data["verification"]),
            growth=tuple(StatementGrowth.from_dict(item) for item in data["growth"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Replays:
    """All runs: of the original and of the patched work, by size."""

    before: tuple[Sequence[ReplayTrace], ...]
    after: tuple[Sequence[ReplayTrace], ...]


def judge(
    before: Sequence[ReplayTrace],
    before_large: Sequence[ReplayTrace],
    after: Sequence[ReplayTrace],
    after_large: Sequence[ReplayTrace],
    *,
    findings: Finding | Sequence[Finding] | None = None,
    edit: Edit | None = None,
) -> Judgement:
    """Judge a change.

    Parameters
    ----------
    before
        Runs of the original at the small data size, two or more: they tell what the work itself varies in.
    before_large
        Runs of the original at the large size; empty if there is only one size.
    after, after_large
        Runs of the patched work.
    findings
        What the change is to repair; ``None`` for a change made by hand, which is to make queries fewer.
    edit
        The change.

    Returns
    -------
    Judgement
        Accepted only if everything that was compared is the same and the queries stopped growing.
    """
    wanted = (findings,) if isinstance(findings, Finding) else tuple(findings or ())
    change = edit or Edit()
    notes = Notes()
    replays = _Replays(
        before=(before, before_large) if before_large else (before,),
        after=(after, after_large) if before_large else (after,),
    )
    check_originals(before, before_large, wanted, notes)
    refuse_watchful_code(change, notes)
    for originals, patched in zip(replays.before, replays.after, strict=True):
        if originals:
            check_patched(originals[0], patched, notes)
    growth: tuple[StatementGrowth, ...] = ()
    verdict: Verdict = "could-not-run"
    if notes.failures:
        reasons = first_sentences(notes.failures)
    else:
        growth = statement_growths(replays.before, replays.after, wanted, change)
        verdict, reasons = _decide(replays, wanted, change, growth, notes)
    return Judgement(
        verdict=verdict,
        reasons=reasons,
        verification=_verification(verdict, replays, change, growth, notes),
        growth=growth,
    )


def _decide(
    replays: _Replays, findings: Sequence[Finding], edit: Edit, growth: Sequence[StatementGrowth], notes: Notes
) -> tuple[Verdict, tuple[str, ...]]:
    for originals, patched in zip(replays.before, replays.after, strict=True):
        seen = Notes()
        for trace in patched:
            _compare(originals, trace, edit, seen)
        compare_lines(originals, patched, edit, seen)
        _add(seen, notes, originals, is_varying=_is_varying(notes))
    note_unwatched(findings, notes)
    compare_restrictions(replays.before, replays.after, notes)
    if notes.failures:
        return "could-not-run", first_sentences({**notes.failures, **notes.differences})
    if notes.unstable:
        return "non-deterministic", first_sentences({**notes.unstable, **notes.differences})
    if notes.differences:
        return "changes-results", first_sentences(notes.differences)
    return _decide_on_counts(replays, findings, growth, notes)


def _compare(originals: Sequence[ReplayTrace], patched: ReplayTrace, edit: Edit, notes: Notes) -> None:
    compare_units(originals, patched, edit, notes)
    compare_effects(originals, patched, notes)
    compare_tables(originals, patched, notes)
    compare_written(originals, patched, notes)
    compare_sources_of_data(originals[0], patched, edit, notes)
    compare_sort_orders(originals, patched, edit, notes)
    known = {problem for trace in originals for problem in trace.problems}
    for problem in dict.fromkeys(problem for trace in (*originals, patched) for problem in trace.problems):
        notes.leave_out("what could not be observed", problem)
        if problem not in known:
            notes.differ(f"what the original does not do: {problem}{size_words(patched)}")


def _is_varying(notes: Notes) -> bool:
    return any("two runs of the original differ" in sentence for sentence in notes.not_compared)


def _add(seen: Notes, notes: Notes, originals: Sequence[ReplayTrace], *, is_varying: bool) -> None:
    """Add what was seen at one size; a single run of work that varies cannot tell a difference from a variation."""
    notes.compared |= seen.compared
    notes.not_compared |= seen.not_compared
    notes.unstable |= seen.unstable
    notes.failures |= seen.failures
    if seen.differences and is_varying and len(originals) < FEWEST_ORIGINALS:
        notes.vary(f"the work varies, and one run of the original{size_words(originals[0])} does not tell in what")
    notes.differences |= seen.differences


def _decide_on_counts(
    replays: _Replays, findings: Sequence[Finding], growth: Sequence[StatementGrowth], notes: Notes
) -> tuple[Verdict, tuple[str, ...]]:
    notes.compare("executions of each statement")
    totals_before = [query_count(traces[0]) for traces in replays.before]
    totals_after = [query_count(traces[0]) for traces in replays.after]
    units = {item.unit for item in growth if item.is_target}
    told = _told(_queries(replays.before, units), _queries(replays.after, units))
    if totals_after[-1] > totals_before[-1]:
        return "worse", (f"more queries than before: {told}",)
    if not _is_reduced(growth):
        return "no-effect", (f"the repeated queries did not become fewer: {told}",)
    moved = moved_outside(replays.before, replays.after, notes)
    new = [item for item in growth if item.is_newly_growing and not item.is_target]
    steep = [item for item in growth if item.is_target and not item.is_flat]
    costs = compare_costs(replays.before[-1], replays.after[-1], notes)
    inside = growing_statements(replays.before, replays.after)
    reasons = (*moved, *map(_grows_now, new), *map(_still_grows, steep), *inside, *costs)
    if moved or totals_after[-1] == totals_before[-1]:
        return "no-effect", (*reasons, f"queries moved instead of falling away: {told}")
    if costs:
        return "worse", reasons
    if reasons:
        return "reduced-not-flat", reasons
    return _accept(replays, findings, growth, told)


def _accept(
    replays: _Replays, findings: Sequence[Finding], growth: Sequence[StatementGrowth], told: str
) -> tuple[Verdict, tuple[str, ...]]:
    targets = [item for item in growth if item.is_target]
    reason = f"the same results with fewer queries: {told}"
    if len(replays.before) == 1:
        return "verified-at-this-size", (reason, "there was only one data size, so growth could not be measured")
    is_constant = bool(findings) and all(finding.code in _STABLE_KINDS for finding in findings)
    if not is_constant and not any(item.growth_before > 0 for item in targets):
        return "verified-at-this-size", (
            reason,
            "the queries did not grow between the data sizes in the original, either",
        )
    return "verified", (reason,)


def _is_reduced(growth: Sequence[StatementGrowth]) -> bool:
    """Whether the targets run less often, counted over all connections."""
    before: Counter[tuple[str, str]] = Counter()
    after: Counter[tuple[str, str]] = Counter()
    targets = {(item.unit, item.fingerprint) for item in growth if item.is_target}
    for item in growth:
        before[item.unit, item.fingerprint] += item.before[-1]
        after[item.unit, item.fingerprint] += item.after[-1]
    return bool(targets) and sum(after[place] for place in targets) < sum(before[place] for place in targets)


def _grows_now(item: StatementGrowth) -> str:
    where = f"{item.unit}: on {item.connection}"
    return f"{where}, {_arrow(item.before)} executions became {_arrow(item.after)} of {item.statement}"


def _still_grows(item: StatementGrowth) -> str:
    return f"{item.unit}: {_arrow(item.before)} executions became {_arrow(item.after)}, not flat, of {item.statement}"


def _arrow(counts: Sequence[int]) -> str:
    return " → ".join(str(count) for count in counts)


def _told(before: Mapping[int, int], after: Mapping[int, int]) -> str:
    """Queries at each size, of the units of work that are meant."""
    sizes = [size for size in before if size in after]
    at = [f" at {size} rows" if size else "" for size in sizes]
    return ", ".join(f"{before[size]} → {after[size]} queries{where}" for size, where in zip(sizes, at, strict=True))


def _verification(
    verdict: Verdict, replays: _Replays, edit: Edit, growth: Sequence[StatementGrowth], notes: Notes
) -> Verification:
    units = {item.unit for item in growth if item.is_target}
    spent_before, spent_after = durations_ms(replays.before[-1], replays.after[-1])
    return Verification(
        verdict=verdict,
        diff=edit.diff,
        queries_before=_queries(replays.before, units),
        queries_after=_queries(replays.after, units),
        duration_before_ms=spent_before,
        duration_after_ms=spent_after,
        compared=tuple(notes.compared),
        not_compared=tuple(notes.not_compared),
    )


def _queries(sizes: Sequence[Sequence[ReplayTrace]], units: set[str]) -> Mapping[int, int]:
    """Queries by data size: of the units of work that the targets are in, of all units where there is no target."""
    return {traces[0].size: _queries_of(traces[0], units) for traces in sizes if traces}


def _queries_of(trace: ReplayTrace, units: set[str]) -> int:
    if not trace.units:
        return trace.statement_count
    found = numbered(trace.units)
    return sum(unit.query_count for key, unit in found.items() if not units or str(key) in units)
