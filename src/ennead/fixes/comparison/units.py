"""Units of work, paired by kind, name and how often that name came before; and what each of them gave."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from ennead.fixes.comparison.order import may_come_in_any_order
from ennead.fixes.comparison.values import ValueComparison, compare_values, general_paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ennead.fixes.comparison.edit import Edit
    from ennead.fixes.comparison.notes import Notes
    from ennead.fixes.trace import Outcome, ReplayTrace, UnitTrace

_MOST_DIFFERENCES = 3
_WORDS = {
    "response": "response body",
    "return value": "return value",
    "test": "test outcome",
    "command": "outcome of the command",
}
# They tell the time or how long it took, and so say nothing about the result.
_TIMING_HEADERS = frozenset({"date", "server-timing", "x-runtime", "x-response-time", "x-process-time"})


_PRINTING = frozenset({"script", "command"})
"""They answer by what they print, their exit code and what they change, which is compared for the work as a whole."""
_ANSWERING = frozenset({"request", "test"})
"""Kinds of work whose result is nowhere but in their outcome."""


class UnitKey(NamedTuple):
    """What two replays call the same unit of work."""

    kind: str
    name: str
    ordinal: int
    """How many units of this kind and name ended before, from 0."""

    def __str__(self) -> str:
        return self.name if self.ordinal == 0 else f"{self.name} (no. {self.ordinal + 1})"


def numbered(units: Iterable[UnitTrace]) -> dict[UnitKey, UnitTrace]:
    """Units of work by what pairs them."""
    met: Counter[tuple[str, str]] = Counter()
    found: dict[UnitKey, UnitTrace] = {}
    for unit in units:
        found[UnitKey(*unit.key, met[unit.key])] = unit
        met[unit.key] += 1
    return found


def compare_units(originals: Sequence[ReplayTrace], patched: ReplayTrace, edit: Edit, notes: Notes) -> None:
    """Compare which units ran and what each of them gave."""
    before = [numbered(trace.units) for trace in originals]
    after = numbered(patched.units)
    at = size_words(patched)
    if any(units.keys() != before[0].keys() for units in before):
        notes.vary(f"two runs of the original do different units of work{at}")
    common = [key for key in before[0] if all(key in units for units in before)]
    for key in common:
        if key not in after:
            notes.differ(f"{key} did not run{at}")
    for key in after:
        if all(key not in units for units in before):
            notes.differ(f"{key} ran, which the original does not do{at}")
    for key in common:
        if key in after:
            _compare_unit(key, [units[key] for units in before], after[key], edit, notes, at)
    if common:
        notes.compare("units of work")


def size_words(trace: ReplayTrace) -> str:
    """The data size, to end a sentence.

    >>> from ennead.fixes.trace import ReplayTrace
    >>> size_words(ReplayTrace(size=10, exit_code=0, stdout=""))
    ' at 10 rows'
    """
    return f" at {trace.size} rows" if trace.size else ""


def _compare_unit(
    key: UnitKey, originals: Sequence[UnitTrace], patched: UnitTrace, edit: Edit, notes: Notes, at: str
) -> None:
    outcomes = [unit.outcome for unit in originals]
    present = [outcome for outcome in outcomes if outcome is not None]
    if len(present) < len(outcomes) or patched.outcome is None:
        if present or patched.outcome is not None:
            missing = patched.outcome is None
            told = notes.differ if missing and len(present) == len(outcomes) else notes.vary
            told(f"{key}{at}: {'its outcome is not there any more' if missing else 'its outcome is not always there'}")
        elif key.kind in _ANSWERING:
            notes.fail(f"what {key} answered was not captured{at}, so nobody can tell whether it is the same")
        elif key.kind not in _PRINTING:
            notes.leave_out(f"the outcome of {key}", "it was not captured")
        return
    where = f"{key}{at}"
    _compare_status(where, present, patched.outcome, notes)
    body = _compare_body(where, present, patched.outcome, notes, originals[0], edit)
    _compare_headers(where, present, patched.outcome, notes, is_masked=bool(body.masked))


def _compare_status(where: str, originals: Sequence[Outcome], patched: Outcome, notes: Notes) -> None:
    kind = originals[0].kind
    what = "test outcome" if kind == "test" else "status"
    statuses = compare_values([[o.kind, o.status, o.media_type] for o in originals], _status(patched))
    notes.compare(what)
    if any(_status(original)[1].split(":")[0] != originals[0].status.split(":")[0] for original in originals):
        notes.vary(f"{where}: two runs of the original end differently")
    _tell(where, what, statuses, notes)


def _status(outcome: Outcome) -> list[str]:
    return [outcome.kind, outcome.status, outcome.media_type]


def _compare_headers(
    where: str, originals: Sequence[Outcome], patched: Outcome, notes: Notes, *, is_masked: bool
) -> None:
    if originals[0].kind != "response":
        return
    ignored = _TIMING_HEADERS | ({"content-length"} if is_masked else frozenset())
    notes.compare("response headers")
    for name in sorted({name for outcome in (*originals, patched) for name in outcome.headers} & ignored):
        reason = "its length follows the body" if name == "content-length" else "it tells the time"
        notes.leave_out(f"header {name}", reason)
    sides = [_headers(outcome, ignored) for outcome in originals]
    _tell(where, "header", compare_values(sides, _headers(patched, ignored)), notes)


def _headers(outcome: Outcome, ignored: Iterable[str]) -> dict[str, str]:
    return {name: value for name, value in outcome.headers.items() if name not in ignored}


def _compare_body(
    where: str, originals: Sequence[Outcome], patched: Outcome, notes: Notes, unit: UnitTrace, edit: Edit
) -> ValueComparison:
    what = _WORDS[originals[0].kind]
    if all(outcome.body is None for outcome in (*originals, patched)):
        if originals[0].kind == "response":
            notes.leave_out(f"response body of {where}", "it was not captured")
            return ValueComparison()
        if originals[0].kind != "return value":
            return ValueComparison()
    seen = compare_values([outcome.body for outcome in originals], patched.body)
    notes.compare(what)
    for difference in [item for item in seen.differences if item.kind == "order"]:
        if may_come_in_any_order(unit, difference, edit):
            seen.differences.remove(difference)
            place = f"the order of {difference.path or 'the list'} in {where}"
            notes.leave_out(place, "no query that feeds it has an ORDER BY, so it was compared in any order")
    _tell(where, what, seen, notes)
    return seen


def _tell(where: str, what: str, seen: ValueComparison, notes: Notes) -> None:
    for path in seen.unstable:
        notes.vary(f"{where}: two runs of the original differ in the {_place(what, path)}")
    if seen.is_mostly_masked and what != "header":
        notes.vary(f"{where}: most of the {what} differs between two runs of the original")
    for path in general_paths(seen.masked):
        notes.leave_out(f"{_place(what, path)} of {where}", "two runs of the original differ there")
    for difference in seen.differences[:_MOST_DIFFERENCES]:
        notes.differ(f"{where}: {what} {difference}")
    if len(seen.differences) > _MOST_DIFFERENCES:
        notes.differ(f"{where}: {len(seen.differences) - _MOST_DIFFERENCES} more differences in the {what}")


def _place(what: str, path: str) -> str:
    return f"{what} ({path})" if path else what


def units_by_key(traces: Sequence[ReplayTrace]) -> Mapping[UnitKey, UnitTrace]:
    """Units of the first of several runs; empty without a run."""
    return numbered(traces[0].units) if traces else {}
