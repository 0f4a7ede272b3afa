"""The rules: whether a repeated group is an N+1, writes row by row, or only looks alike.

Goal: roughly one query per row of an earlier result (or per item of a loop), where a set-based equivalent exists.

Shape::

    SELECT * FROM orders                         -> 50 rows        origin
    for order in orders:                                           loop
        SELECT * FROM customers WHERE id = 17                      access, 50 times

Counts decide, time sets severity. With the ORM's evidence two lazy loads from a result of several rows are enough;
without it three executions with distinct parameters at one call path. What only looks alike is vetoed by name:
see :data:`VETOES`.

Known false positives: a loop over a fixed list that was built at run time. Known false negatives: loops of two
look-ups without the ORM's evidence; a loop whose statements differ from item to item.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ennead.domains.nplusone.loops import FoundLoop, enclosing_loops, inside_entry, iterating_call
from ennead.domains.nplusone.origins import Origin, is_chain, origin_of
from ennead.kernel.cached import cached_property

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.settings import NPlusOneSettings
    from ennead.kernel.call_site import CallSite
    from ennead.kernel.finding import DecidedBy

_GET_OR_CREATE = frozenset({"get_or_create", "update_or_create", "aget_or_create", "aupdate_or_create"})
_SET_ROLES = frozenset({"equal", "list", "other", "range", "pattern", "value"})
_MANY_ROWS = 2
_UPSERT_SHARE = 0.3
_NEARLY_ALL = 0.8
_LONG_FIXED_LIST = 10
_SHORT_FIXED_LIST = 5
_FEW_KEYS = 4
_ROWS_PER_KEY = 3


@dataclass(frozen=True)
class Evidence:
    """Everything the rules look at for one group; what costs something is found out when it is first asked for."""

    group: QueryGroup
    groups: Sequence[QueryGroup]
    settings: NPlusOneSettings
    root: str

    @cached_property
    def loops(self) -> tuple[FoundLoop, ...]:
        """The loops around the access, innermost first."""
        if self.root == self.group.context.project_root:
            return self.group.loops
        return tuple(enclosing_loops(self.group.call_path, self.group.context.entry, self.root))

    @cached_property
    def loop(self) -> FoundLoop | None:
        """The one that repeats the access."""
        fixed = (loop for loop in self.loops if loop.length is not None and loop.length >= self.group.count)
        return next(fixed, None) or min(self.loops, key=lambda loop: loop.rank, default=None)

    @cached_property
    def iterating(self) -> CallSite | None:
        """The call that iterates, where no loop is written."""
        if self.loop is not None:
            return None
        return iterating_call(inside_entry(self.group.call_path, self.group.context.entry), self.root)

    @cached_property
    def origin(self) -> Origin | None:
        """The query whose rows were looped over."""
        return origin_of(self.group, self.groups)

    @property
    def loop_site(self) -> CallSite | None:
        """The loop's header, or the call that iterates."""
        return self.loop.site if self.loop else self.iterating


@dataclass(frozen=True)
class Decision:
    """What the rules say of one group."""

    code: str
    kind: str
    confidence: float
    """0-100."""
    reasons: tuple[str, ...]
    veto: str | None = None
    """Why it is not reported though it repeats."""
    extra: dict[str, Any] = field(default_factory=dict)
    """More keys for the finding's evidence."""
    decided_by: DecidedBy = "rules"


def gather_evidence(group: QueryGroup, groups: Sequence[QueryGroup], settings: NPlusOneSettings, root: str) -> Evidence:
    """What bears on one group: the sources and the other groups are read as far as they are needed."""
    return Evidence(group, groups, settings, root)


def decide(evidence: Evidence) -> Decision | None:
    """The rules' answer for one group; ``None`` if it does not repeat enough to be looked at."""
    group = evidence.group
    if group.first.is_write:
        return _decide_write(evidence)
    if group.count < _MANY_ROWS:
        return None
    lazy = _is_lazy_n_plus_one(evidence)
    if not lazy and not _repeats_with_distinct_parameters(evidence):
        return None
    veto = next((name for name, applies in VETOES if applies(evidence)), None)
    confidence, reasons = (0.0, []) if veto else _confidence(evidence, lazy=lazy)
    return Decision("n-plus-one", kind_of(group), confidence, tuple(reasons), veto)


def _is_lazy_n_plus_one(evidence: Evidence) -> bool:
    group = evidence.group
    orm = group.orm
    if orm is None or group.lazy_load_count < evidence.settings.min_lazy_loads:
        return False
    if orm.cardinality != "one" and orm.kind != "deferred" and group.distinct_count < _MANY_ROWS:
        return False  # the same parent asked again: its collection was not kept
    if group.distinct_count == 1 and orm.library == "sqlalchemy":
        return False  # its identity map answers a second load of one object in one session
    origin = evidence.origin
    return origin is None or origin.row_count is None or origin.row_count >= _MANY_ROWS


def _repeats_with_distinct_parameters(evidence: Evidence) -> bool:
    group = evidence.group
    if group.count < evidence.settings.min_repeats or not group.first.tables:
        return False
    if group.distinct_count >= evidence.settings.min_repeats:
        return True
    return group.distinct_count >= _MANY_ROWS and group.varies_by_key and evidence.loop_site is not None


def kind_of(group: QueryGroup) -> str:
    """What an N+1 of the group is called: by the ORM's evidence, else by the statement."""
    orm = group.orm
    if orm is None:
        statement = group.first.statement.upper()
        return "aggregate" if statement.startswith(("SELECT COUNT(", "SELECT SUM(")) else "raw-sql"
    return orm.kind or ("relation" if orm.lazy_load else "lookup")


def _confidence(evidence: Evidence, *, lazy: bool) -> tuple[float, list[str]]:
    """Calibrated on the development scenarios of ``bench/detection``; see ``docs/guide/confidence.md``."""
    group, origin = evidence.group, evidence.origin
    reasons = ["lazy load" if lazy else "distinct parameters at one call path"]
    confidence = 86.0 if lazy else 62.0
    if evidence.loop is not None and evidence.loop.over != "constants":
        confidence += 6.0 if lazy else 12.0
        reasons.append("inside a loop")
    elif evidence.iterating is not None:
        confidence += 3.0 if lazy else 6.0
        reasons.append("called back by an iterating call")
    if origin is not None and origin.row_count is not None and origin.row_count >= _MANY_ROWS:
        confidence += 4.0
        reasons.append("an earlier query returned several rows")
    if origin is not None and (origin.supplied_ratio or 0.0) > _NEARLY_ALL:
        confidence += 8.0
        reasons.append("its rows supplied the parameters")
    if group.varies_by_key:
        confidence += 4.0
        reasons.append("a key equality varies")
    if group.count >= 10:  # noqa: PLR2004 -- more than a handful
        confidence += 3.0
        reasons.append("many repeats")
    return min(confidence, 99.0), reasons


# ------------------------------------------------------------------------------------------------ vetoes


def _batches_in_lists(evidence: Evidence) -> bool:
    """Chunked IN lists and eager loads of batches: one query serves many rows."""
    group = evidence.group
    return group.largest_list > 1 and ("list" in group.varying or (group.orm is not None and group.orm.eager))


def _eager_loads_of_batches(evidence: Evidence) -> bool:
    """Eager loads are one query per batch by design, unless each batch is a single row."""
    group = evidence.group
    return group.orm is not None and group.orm.eager and not group.orm.lazy_load and group.largest_list != 1


def _pages(evidence: Evidence) -> bool:
    """LIMIT and OFFSET, or a keyset or range that moves on: a walk over one result in pages."""
    varying = set(evidence.group.varying)
    if not varying or varying - {"page", "range"}:
        return False
    return "page" in varying or not (_is_fed_by_rows(evidence) or _loops_over_rows(evidence))


def _is_fed_by_rows(evidence: Evidence) -> bool:
    """Whether the values come out of another result of several rows, and each execution fetches one row at most."""
    origin = evidence.origin
    single = evidence.group.fetches_single_rows
    return single and origin is not None and (origin.supplied_ratio or 0.0) > _NEARLY_ALL


def _loops_over_rows(evidence: Evidence) -> bool:
    """Whether a ``for`` walks over items, not over numbers, with one row at most for each."""
    loop = evidence.loop
    single = evidence.group.fetches_single_rows
    return single and loop is not None and loop.over == "rows" and not loop.is_while


def _searches(evidence: Evidence) -> bool:
    """A search that counts up until nothing is found: each answer decides whether to go on."""
    group, loop = evidence.group, evidence.loop
    if loop is None or group.lazy_load_count or _is_fed_by_rows(evidence):
        return False
    return loop.in_condition or ((loop.is_while or loop.over == "steps") and _ends_with_another_answer(group))


def _ends_with_another_answer(group: QueryGroup) -> bool:
    """Whether all executions but the last found something and the last did not, or the other way round."""
    answers = [rows > 0 for rows in group.row_counts if rows is not None]
    return len(answers) > 1 and len(set(answers[:-1])) == 1 and answers[-1] != answers[0]


def _claims_work(evidence: Evidence) -> bool:
    """A queue's worker: it locks one row at a time by design."""
    return evidence.group.roles.locks_rows and evidence.group.roles.has_limit


def _loops_over_constants(evidence: Evidence) -> bool:
    """One query for each value of a short fixed list in the source: the count does not follow the data."""
    group = evidence.group
    if group.lazy_load_count or group.varies_by_key:
        return False
    longest = _LONG_FIXED_LIST if kind_of(group) == "aggregate" else _SHORT_FIXED_LIST
    return evidence.loop is not None and evidence.loop.over == "constants" and group.count < longest


def _walks_a_chain(evidence: Evidence) -> bool:
    """A linked list followed link by link: no earlier result had the rows."""
    orm = evidence.group.orm
    if orm is not None and orm.lazy_load and orm.owner != orm.target:
        return False  # a chain of lazy loads needs a model that leads to itself
    origin = evidence.origin
    fed = origin is not None and (origin.row_count or 0) >= _MANY_ROWS and (origin.supplied_ratio or 0.0) > _NEARLY_ALL
    return not fed and is_chain(evidence.group)


def _asks_each_key_once(evidence: Evidence) -> bool:
    """A memo over a handful of keys: many rows, and one query for each of the few values they hold."""
    group, origin = evidence.group, evidence.origin
    everywhere = sum(other.count for other in evidence.groups if _is_same_question(other, group))
    if group.lazy_load_count or everywhere > _FEW_KEYS or group.distinct_count < group.count:
        return False
    if origin is None or origin.row_count is None or (origin.supplied_ratio or 0.0) <= _NEARLY_ALL:
        return False
    return origin.row_count >= _ROWS_PER_KEY * group.count


def _is_same_question(other: QueryGroup, group: QueryGroup) -> bool:
    """The same statement at the same place, on whatever connection."""
    return other.first.statement_fingerprint == group.first.statement_fingerprint and other.call_path == group.call_path


def _belongs_to_a_write(evidence: Evidence) -> bool:
    """Reads of get-or-create and of saves: told with the write, not as an N+1 of their own."""
    orm = evidence.group.orm
    if evidence.group.lazy_load_count:
        return False
    return (orm is not None and orm.method in _GET_OR_CREATE) or paired_write(evidence) is not None


def _without_variation(evidence: Evidence) -> bool:
    """Nothing varies that a set could be made of: no column is compared with the varying value."""
    group = evidence.group
    return not group.lazy_load_count and not set(group.varying) & _SET_ROLES


VETOES: tuple[tuple[str, Callable[[Evidence], bool]], ...] = (
    ("batches", _batches_in_lists),
    ("eager-load", _eager_loads_of_batches),
    ("pages", _pages),
    ("work-queue", _claims_work),
    ("search", _searches),
    ("fixed-list", _loops_over_constants),
    ("chain", _walks_a_chain),
    ("memo", _asks_each_key_once),
    ("read-before-write", _belongs_to_a_write),
    ("no-set", _without_variation),
)
"""Look-alikes by name, in the order they are asked."""


def paired_write(evidence: Evidence) -> QueryGroup | None:
    """The write that these reads serve: an insert into the table just read, or a write by the same instruction."""
    group = evidence.group
    for other in evidence.groups:
        if not other.first.is_write or other.first.unit != group.first.unit:
            continue
        if group.call_path and other.call_path == group.call_path and other.count > 1:
            return other
        if other.first.operation == "insert" and set(other.first.tables) & set(group.first.tables):
            followed = _followed_by(group, other)
            if followed >= _UPSERT_SHARE * group.count and not group.lazy_load_count:
                return other
    return None


def _followed_by(group: QueryGroup, write: QueryGroup) -> int:
    """How many reads have the write between them and the next read of the group."""
    ends = (*group.indexes[1:], len(group.context.queries))
    writes = write.indexes
    return sum(
        bisect_right(writes, start) < bisect_left(writes, end) for start, end in zip(group.indexes, ends, strict=True)
    )


# ------------------------------------------------------------------------------------------------ writes


def _decide_write(evidence: Evidence) -> Decision | None:
    group = evidence.group
    if group.count < evidence.settings.min_repeats or any(query.batch_size > 1 for query in group.queries):
        return None
    if group.call_path and evidence.loop_site is None:
        return None
    veto = next((name for name, applies in WRITE_VETOES if applies(evidence)), None)
    kind = "upsert" if _is_upsert(evidence) else str(group.first.operation)
    confidence = 70.0 + 10.0 * (evidence.loop is not None) + 5.0 * (group.distinct_count == group.count)
    return Decision("write-n-plus-one", "update" if kind == "merge" else kind, confidence, ("writes row by row",), veto)


def _writes_fixed_list(evidence: Evidence) -> bool:
    """One write for each item of a short fixed list in the source."""
    loop = evidence.loop
    return loop is not None and loop.over == "constants" and evidence.group.count < _LONG_FIXED_LIST


def _writes_the_same(evidence: Evidence) -> bool:
    """The same row again and again: a poll, a counter or a progress bar, not one write per row."""
    group = evidence.group
    if group.first.operation == "insert":
        return False
    return group.distinct_count == 1 or (group.first.operation == "update" and set(group.varying) == {"assign"})


def _writes_batches(evidence: Evidence) -> bool:
    """One statement for each batch: a list of keys, or a range of them."""
    varying = set(evidence.group.varying)
    return evidence.group.largest_list > 1 or ("range" in varying and not varying & {"equal", "value"})


def _settles_claims(evidence: Evidence) -> bool:
    """A queue's worker marks each job it has claimed: one row is asked for, handled and marked at a time."""
    group = evidence.group
    return any(
        other.first.is_read
        and other.first.unit == group.first.unit
        and other.distinct_count == 1
        and (other.roles.has_limit or other.roles.locks_rows)
        and other.fetches_single_rows
        and set(other.first.tables) & set(group.first.tables)
        and _followed_by(other, group) >= _NEARLY_ALL * group.count
        for other in evidence.groups
    )


WRITE_VETOES: tuple[tuple[str, Callable[[Evidence], bool]], ...] = (
    ("fixed-list", _writes_fixed_list),
    ("same-write", _writes_the_same),
    ("batches", _writes_batches),
    ("work-queue", _settles_claims),
)
"""Writes that only look alike, by name."""


def _is_upsert(evidence: Evidence) -> bool:
    """Get-or-create: by the ORM's method, by the database's clause, or an insert after a look into the same table."""
    group = evidence.group
    statement = group.first.statement.upper()
    if group.first.operation == "delete":
        return False
    if " ON CONFLICT" in statement or " ON DUPLICATE KEY" in statement:
        return True
    if group.orm is not None and group.orm.method in _GET_OR_CREATE:
        return True
    return group.first.operation == "insert" and any(
        other.first.is_read
        and other.first.unit == group.first.unit
        and set(other.first.tables) & set(group.first.tables)
        and _followed_by(other, group) >= _UPSERT_SHARE * group.count
        for other in evidence.groups
    )
