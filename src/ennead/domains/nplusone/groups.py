"""Repeated queries of one context, gathered by statement, connection and call path."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, islice, zip_longest
from typing import TYPE_CHECKING

from ennead.domains.nplusone.loops import enclosing_loops
from ennead.domains.nplusone.observation import GROUPED_OPERATIONS
from ennead.domains.nplusone.parameter_roles import StatementRoles, roles_of
from ennead.kernel.cached import cached_property

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from ennead.domains.nplusone.loops import FoundLoop
    from ennead.domains.nplusone.observation import QueryExecutionContext, QueryRecord
    from ennead.kernel.call_site import CallSite
    from ennead.kernel.records import OrmEvidence, Supply

_HOUSEKEEPING = re.compile(
    r"(?:sqlite_|pg_|information_schema|performance_schema|mysql\.|django_migrations$|alembic_version$)"
)
Path = tuple["CallSite", ...]
_Key = tuple[int, str, str, int]
"""Unit, fingerprint, connection, number of the call path."""
_MADE, _NUMBERS = "_groups", "_group_numbers"
"""What a context remembers of its groups, as a cached property would."""


@dataclass(frozen=True)
class QueryGroup:
    """Executions of one statement on one connection at one call path, in one unit of work.

    ``indexes`` are positions in the context's queries, ascending; failed executions are not among them.
    """

    context: QueryExecutionContext
    indexes: tuple[int, ...]
    call_path: Path
    failed_count: int = 0
    number: int = 0
    """Its position among the groups of the context."""

    @cached_property
    def queries(self) -> tuple[QueryRecord, ...]:
        """The executions."""
        queries = self.context.queries
        return tuple([queries[index] for index in self.indexes])

    @cached_property
    def first(self) -> QueryRecord:
        """The first execution."""
        return self.context.queries[self.indexes[0]]

    @cached_property
    def count(self) -> int:
        """Executions that did not fail."""
        return len(self.indexes)

    @cached_property
    def distinct_count(self) -> int:
        """Distinct parameter sets; statements without parameters have one."""
        return len({query.parameters_hash for query in self.queries})

    @cached_property
    def duration_ms(self) -> float:
        """Database time of all executions."""
        return sum([query.duration_ms for query in self.queries])

    @cached_property
    def orm(self) -> OrmEvidence | None:
        """The ORM's evidence, of the first execution that has any."""
        return next((query.orm for query in self.queries if query.orm), None)

    @cached_property
    def lazy_load_count(self) -> int:
        """Executions the ORM calls a lazy load."""
        return sum([query.lazy_load for query in self.queries])

    @cached_property
    def row_counts(self) -> tuple[int | None, ...]:
        """Rows that each execution fetched; ``None`` where it is not known."""
        return tuple([query.row_count for query in self.queries])

    @cached_property
    def row_sums(self) -> Sequence[int]:
        """Rows of so many of the first executions together: one more than executions."""
        return tuple(accumulate([rows or 0 for rows in self.row_counts], initial=0))

    @cached_property
    def first_known_rows(self) -> int:
        """How many executions there are before the first one whose rows are known."""
        return next((number for number, rows in enumerate(self.row_counts) if rows is not None), self.count)

    @cached_property
    def functions(self) -> tuple[tuple[str, str], ...]:
        """File and function of each frame of the call path."""
        return tuple([(site.file, site.function) for site in self.call_path])

    @cached_property
    def loops(self) -> tuple[FoundLoop, ...]:
        """The loops around the access, innermost first."""
        return tuple(enclosing_loops(self.call_path, self.context.entry, self.context.project_root))

    @cached_property
    def fetches_single_rows(self) -> bool:
        """Whether no execution is known to have fetched several rows."""
        return not any(rows is not None and rows > 1 for rows in set(self.row_counts))

    @cached_property
    def roles(self) -> StatementRoles:
        """What the placeholders are for."""
        return roles_of(self.first.statement)

    @cached_property
    def varying(self) -> tuple[str, ...]:
        """Roles of the parameters whose value differs between executions, in order, without repeats."""
        return tuple(dict.fromkeys(role for role, _ in self._varying_columns))

    @cached_property
    def varying_columns(self) -> tuple[str, ...]:
        """Columns that the varying parameters are compared with."""
        return tuple(dict.fromkeys(column for _, column in self._varying_columns if column))

    @cached_property
    def set_columns(self) -> tuple[str, ...]:
        """Columns that one IN list could ask for all values of; empty where anything but equalities varies."""
        found = [column if role in ("equal", "list") else "" for role, column in self._varying_columns]
        return tuple(dict.fromkeys(found)) if all(found) else ()

    @cached_property
    def takes_first_of_each(self) -> bool:
        """Whether rows are sorted and only the first of them are taken for each value."""
        return self.roles.has_limit and " ORDER BY " in self.first.statement.upper()

    @cached_property
    def varies_by_key(self) -> bool:
        """Whether an equality with a key-like column varies; a keyset's range over a key does not count."""
        roles = self.roles.roles
        varying = (roles[position] for position in self._varying_positions if position < len(roles))
        return any(role.is_key and role.role in ("equal", "list") for role in varying)

    @cached_property
    def _varying_columns(self) -> tuple[tuple[str, str], ...]:
        roles = self.roles.roles
        return tuple(
            (roles[position].role, roles[position].column) if position < len(roles) else ("other", "")
            for position in self._varying_positions
        )

    @cached_property
    def _varying_positions(self) -> tuple[int, ...]:
        """Positions among the folded ``?`` of the normalised statement whose values vary."""
        if self.distinct_count < 2 or not self.first.parameter_hashes:  # noqa: PLR2004 -- one set varies in nothing
            return ()
        width = len(self.roles.roles)
        if not self.roles.lists and set(map(len, self._rows)) == {width}:
            return tuple(sorted(self._varying_parameters))
        folded = {tuple(_fold(query, self.roles)) for query in self.queries}
        return tuple(
            position for position, values in enumerate(zip_longest(*folded)) if values.count(values[0]) < len(values)
        )

    @cached_property
    def _rows(self) -> AbstractSet[tuple[str, ...]]:
        """The distinct parameter sets."""
        return {query.parameter_hashes for query in self.queries}

    @cached_property
    def supplies(self) -> tuple[tuple[Supply, ...], ...]:
        """For each execution, the supplies of those parameters that vary; of all, where none does."""
        varying = self._varying_parameters
        if not varying or len(varying) == len(self.first.parameter_hashes):
            return tuple([query.supplied_by for query in self.queries])
        return tuple(
            tuple(supply for supply in query.supplied_by if supply.parameter in varying) for query in self.queries
        )

    @cached_property
    def link_count(self) -> int:
        """Executions with a parameter out of the rows of the execution before, where those were one row at most."""
        if not any(self.supplies):
            return 0
        links = 0
        for previous, rows, supplies in zip(self.indexes, self.row_counts, self.supplies[1:], strict=False):
            if supplies and (rows or 0) <= 1:
                links += previous in [query for query, _, _ in supplies]
        return links

    def supplied_ratio(self, origin: QueryGroup) -> float:
        """Share of the executions that one column of the other group's rows supplied with a varying parameter."""
        return self.supplied_counts.get(origin.number, 0) / self.count

    @cached_property
    def supplied_counts(self) -> dict[int, int]:
        """For the number of each group that supplied some, the executions of the column that supplied most."""
        number_of = _numbers(self.context).get
        counts = Counter(
            [
                key
                for supplies in self.supplies
                if supplies
                for key in {(number_of(query, -1), column) for query, column, _ in supplies}
            ]
        )
        most: dict[int, int] = {}
        for (number, _), count in counts.items():
            most[number] = max(most.get(number, 0), count)
        return most

    @cached_property
    def _varying_parameters(self) -> frozenset[int]:
        """Positions, lists unfolded, at which the values differ."""
        columns = enumerate(zip(*self._rows, strict=False))
        return frozenset([position for position, values in columns if values.count(values[0]) < len(values)])

    @cached_property
    def largest_list(self) -> int:
        """Elements of the longest IN list of any execution; 0 without lists."""
        return max((size for query in self.queries if query.list_sizes for size in query.list_sizes), default=0)


def _fold(query: QueryRecord, statement: StatementRoles) -> Iterator[object]:
    """One value for each ``?`` of the normalised statement: a list is one tuple, for the first of its ``?``."""
    hashes = iter(query.parameter_hashes)
    sizes, lists = iter(query.list_sizes), iter(statement.lists)
    told_already = 0
    for role, _ in statement.roles:
        if role != "list":
            yield next(hashes, None)
        elif told_already:
            told_already -= 1
            yield ()
        else:
            places = next(lists)
            told_already = places.place_count - 1
            yield tuple(islice(hashes, next(sizes, 1) * places.element_width))
    rest = tuple(hashes)
    if rest:
        yield rest


def group_queries(context: QueryExecutionContext) -> Sequence[QueryGroup]:
    """All groups of the reading and writing statements, those with a single execution included, in order of start.

    Statements on the database's own catalogue and on tables of migrations are left out: nobody loops over them.
    Made once for each context: rules, features and detectors ask for the same groups.
    """
    made: Sequence[QueryGroup] | None = vars(context).get(_MADE)
    if made is None:
        made = vars(context)[_MADE] = _make_groups(context)
    return made


def _numbers(context: QueryExecutionContext) -> dict[int, int]:
    """For each query that is in a group, the group's number; made once for each context."""
    made: dict[int, int] | None = vars(context).get(_NUMBERS)
    if made is None:
        made = {index: group.number for group in group_queries(context) for index in group.indexes}
        vars(context)[_NUMBERS] = made
    return made


def _make_groups(context: QueryExecutionContext) -> Sequence[QueryGroup]:
    members: dict[_Key, list[int]] = {}
    failed: Counter[_Key] = Counter()
    paths = _Paths()
    for index, query in enumerate(context.queries):
        if query.operation in GROUPED_OPERATIONS and not is_housekeeping(query):
            key = (query.unit, query.statement_fingerprint, query.connection, paths.number(query.call_path))
            if query.error is not None:
                failed[key] += 1
            elif key in members:
                members[key].append(index)
            else:
                members[key] = [index]
    _merge_recursions(members, failed, paths.all)
    in_order = sorted(members.items(), key=lambda item: item[1][0])
    return tuple(
        QueryGroup(context, tuple(indexes), paths.all[key[3]], failed[key], number)
        for number, (key, indexes) in enumerate(in_order)
    )


class _Paths:
    """Numbers for call paths: many queries share one, and hashing a path is dear."""

    def __init__(self) -> None:
        self.all: list[Path] = []
        self._numbers: dict[Path, int] = {}
        self._known: dict[int, int] = {}

    def number(self, call_path: Path) -> int:
        known = self._known.get(id(call_path))
        if known is None:
            path = collapse_recursion(call_path)
            known = self._numbers.setdefault(path, len(self.all))
            if known == len(self.all):
                self.all.append(path)
            self._known[id(call_path)] = known
        return known


def _merge_recursions(members: dict[_Key, list[int]], failed: Counter[_Key], paths: Sequence[Path]) -> None:
    """Take the levels of a recursion together: one access, whatever part of the stack was still seen."""
    levels: dict[tuple[object, ...], list[_Key]] = {}
    for key in members:
        if paths[key[3]]:
            levels.setdefault((*key[:3], paths[key[3]][0]), []).append(key)
    for keys in levels.values():
        if len(keys) < 2 or not any(_recurs(paths[key[3]]) for key in keys):  # noqa: PLR2004 -- one level is whole
            continue
        whole = max(keys, key=lambda key: (_recurs(paths[key[3]]), _function_count(paths[key[3]])))
        members[whole] = sorted(index for key in keys for index in members[key])
        failed[whole] = sum(failed[key] for key in keys)
        for key in keys:
            if key is not whole:
                del members[key]


def _function_count(path: Path) -> int:
    return len({(site.file, site.function) for site in path})


def _recurs(path: Path) -> bool:
    """Whether a function is on the path at two of its lines: it called itself, by whatever way round."""
    functions = [(site.file, site.function) for site in path]
    return len(set(functions)) < len(functions)


def is_housekeeping(query: QueryRecord) -> bool:
    """Whether it only touches the database's own catalogue, or a table in which migrations are noted."""
    return _are_housekeeping(query.tables)


@lru_cache(maxsize=1024)
def _are_housekeeping(tables: tuple[str, ...]) -> bool:
    return bool(tables) and all(_HOUSEKEEPING.match(table) for table in tables)


def collapse_recursion(path: Sequence[CallSite]) -> Path:
    """The path with each call site once: a recursion's depth does not make another place of it."""
    return tuple({(site, site.note): site for site in path}.values())
