"""Repeated queries of one context, gathered by statement, connection and call path."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from ennead.domains.nplusone.parameter_roles import StatementRoles, roles_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ennead.domains.nplusone.observation import QueryExecutionContext, QueryRecord
    from ennead.kernel.call_site import CallSite
    from ennead.kernel.records import OrmEvidence, Supply

_HOUSEKEEPING = re.compile(
    r"(?:sqlite_|pg_|information_schema|performance_schema|mysql\.|django_migrations$|alembic_version$)"
)
Path = tuple["CallSite", ...]
_Key = tuple[int, str, str, Path]
"""Unit, fingerprint, connection, call path."""


@dataclass(frozen=True)
class QueryGroup:
    """Executions of one statement on one connection at one call path, in one unit of work.

    ``indexes`` are positions in the context's queries, ascending; failed executions are not among them.
    """

    context: QueryExecutionContext
    indexes: tuple[int, ...]
    call_path: Path
    failed_count: int = 0

    @cached_property
    def queries(self) -> tuple[QueryRecord, ...]:
        """The executions."""
        return tuple(self.context.queries[index] for index in self.indexes)

    @property
    def first(self) -> QueryRecord:
        """The first execution."""
        return self.context.queries[self.indexes[0]]

    @property
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
        return sum(query.duration_ms for query in self.queries)

    @cached_property
    def orm(self) -> OrmEvidence | None:
        """The ORM's evidence, of the first execution that has any."""
        return next((query.orm for query in self.queries if query.orm), None)

    @cached_property
    def lazy_load_count(self) -> int:
        """Executions the ORM calls a lazy load."""
        return sum(query.lazy_load for query in self.queries)

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
        folded = {tuple(_fold(query, self.roles)) for query in self.queries}
        width = max(map(len, folded))
        return tuple(
            position
            for position in range(width)
            if len({row[position] if position < len(row) else None for row in folded}) > 1
        )

    @cached_property
    def supplies(self) -> tuple[tuple[Supply, ...], ...]:
        """For each execution, the supplies of those parameters that vary; of all, where none does."""
        varying = self._varying_parameters
        return tuple(
            tuple(supply for supply in query.supplied_by if not varying or supply.parameter in varying)
            for query in self.queries
        )

    @cached_property
    def _varying_parameters(self) -> frozenset[int]:
        """Positions, lists unfolded, at which the values differ."""
        rows = {query.parameter_hashes for query in self.queries}
        return frozenset(position for position, values in enumerate(zip(*rows, strict=False)) if len(set(values)) > 1)

    @cached_property
    def largest_list(self) -> int:
        """Elements of the longest IN list of any execution; 0 without lists."""
        return max((max(query.list_sizes, default=0) for query in self.queries), default=0)


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


def group_queries(context: QueryExecutionContext) -> list[QueryGroup]:
    """All groups of the reading and writing statements, those with a single execution included, in order of start.

    Statements on the database's own catalogue and on tables of migrations are left out: nobody loops over them.
    """
    members: dict[_Key, list[int]] = {}
    failed: Counter[_Key] = Counter()
    paths: dict[int, Path] = {}
    for index, query in enumerate(context.queries):
        if not (query.is_read or query.is_write) or is_housekeeping(query):
            continue
        path = paths.get(id(query.call_path))
        if path is None:
            path = paths[id(query.call_path)] = collapse_recursion(query.call_path)
        key = (query.unit, query.statement_fingerprint, query.connection, path)
        if query.error is None:
            members.setdefault(key, []).append(index)
        else:
            failed[key] += 1
    _merge_recursions(members, failed)
    groups = [QueryGroup(context, tuple(indexes), key[3], failed[key]) for key, indexes in members.items()]
    return sorted(groups, key=lambda group: group.indexes[0])


def _merge_recursions(members: dict[_Key, list[int]], failed: Counter[_Key]) -> None:
    """Take the levels of a recursion together: one access, whatever part of the stack was still seen."""
    levels: dict[tuple[object, ...], list[_Key]] = {}
    for key in members:
        if key[3]:
            levels.setdefault((*key[:3], key[3][0]), []).append(key)
    for keys in levels.values():
        if len(keys) < 2 or not any(_recurs(key[3]) for key in keys):  # noqa: PLR2004 -- one level is whole
            continue
        whole = max(keys, key=lambda key: (_recurs(key[3]), len({(site.file, site.function) for site in key[3]})))
        members[whole] = sorted(index for key in keys for index in members[key])
        failed[whole] = sum(failed[key] for key in keys)
        for key in keys:
            if key is not whole:
                del members[key]


def _recurs(path: Path) -> bool:
    """Whether a function is on the path at two of its lines: it called itself, by whatever way round."""
    functions = [(site.file, site.function) for site in path]
    return len(set(functions)) < len(functions)


def is_housekeeping(query: QueryRecord) -> bool:
    """Whether it only touches the database's own catalogue, or a table in which migrations are noted."""
    return bool(query.tables) and all(_HOUSEKEEPING.match(table) for table in query.tables)


def collapse_recursion(path: Sequence[CallSite]) -> Path:
    """The path with each call site once: a recursion's depth does not make another place of it."""
    return tuple({(site, site.note): site for site in path}.values())
