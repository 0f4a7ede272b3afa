"""Reads of one unit of work whose answer others could use as well: nothing in them is personal or of the moment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ennead.domains.nplusone.access_chain import chain_from
from ennead.domains.nplusone.groups import is_housekeeping
from ennead.domains.nplusone.parameter_roles import roles_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.domains.nplusone.observation import QueryExecutionContext, QueryRecord

MOST_ROWS = 1_000
_BOOKKEEPING = re.compile(
    r"(?:django_(?:session|content_type|migrations|site|admin_log)|auth_(?:permission|group\w*|user_\w+))$"
)
_PERSONAL_TABLE = re.compile(r"(?:^|_)(?:users?|sessions?|tokens?|accounts?)$", re.IGNORECASE)
_PERSONAL_COLUMN = re.compile(
    r"(?:^|_)(?:user|owner|author|customer|account|session|token)(?:_?(?:id|pk|key|uuid|name))?$", re.IGNORECASE
)
_OF_THE_MOMENT = re.compile(
    r"\b(?:now|rand|random|uuid|gen_random_uuid|nextval|sysdate|getdate|clock_timestamp|last_insert_id)\s*\(|"
    r"\b(?:current_timestamp|current_date|current_time|localtime|localtimestamp|current_user)\b",
    re.IGNORECASE,
)


class CacheableRead(NamedTuple):
    """A read, and whether this unit of work shows that its answer must not be kept."""

    query: QueryRecord
    is_ruled_out: bool
    """A table of it was written before in the same unit of work, or it returned many rows, or nobody knows how many."""


def cacheable_reads(context: QueryExecutionContext) -> Iterator[CacheableRead]:
    """Reads that might be kept from one unit of work to the next.

    Left out: eager and lazy loads (their root is what could be kept), reads that lock or stand in a transaction that
    does, personal ones (a condition on a user, a session, a token), keys that came out of rows read before, functions
    of the moment (``now()``, ``random()``), the framework's bookkeeping, and what no line of the user's asks for.
    """
    locking = _locking_transactions(context)
    common: dict[str, bool] = {}
    written: set[str] = set()
    for query in context.queries:
        if query.operation != "select":
            written.update(query.tables)
            continue
        is_common = common.get(query.statement_fingerprint)
        if is_common is None:
            is_common = common[query.statement_fingerprint] = _is_common(query)
        if is_common and _may_be_kept(query) and (query.connection, query.transaction) not in locking:
            is_small = query.row_count is not None and query.row_count <= MOST_ROWS
            yield CacheableRead(query, not is_small or not written.isdisjoint(query.tables))


def _locking_transactions(context: QueryExecutionContext) -> set[tuple[str, int | None]]:
    locks: dict[str, bool] = {}
    found: set[tuple[str, int | None]] = set()
    for query in context.queries:
        if query.transaction is not None and query.operation == "select":
            is_locking = locks.get(query.statement_fingerprint)
            if is_locking is None:
                is_locking = locks[query.statement_fingerprint] = roles_of(query.statement).locks_rows
            if is_locking:
                found.add((query.connection, query.transaction))
    return found


def _may_be_kept(query: QueryRecord) -> bool:
    if not query.call_path or query.error is not None:
        return False
    if query.orm is not None and (query.orm.lazy_load or query.orm.eager):
        return False
    return not query.supplied_by or not _asks_for_rows_before(query)


def _is_common(query: QueryRecord) -> bool:
    """Whether the statement may mean the same to whoever asks."""
    statement, tables = query.statement, query.tables
    if not tables or any(map(_BOOKKEEPING.match, tables)) or is_housekeeping(query) or _OF_THE_MOMENT.search(statement):
        return False
    roles = roles_of(statement)
    if roles.locks_rows:
        return False
    is_personal = any(map(_PERSONAL_TABLE.search, tables)) and bool(roles.roles)
    return not is_personal and not any(_PERSONAL_COLUMN.search(role.column) for role in roles.roles)


def _asks_for_rows_before(query: QueryRecord) -> bool:
    """Whether a key in it came out of rows that were read before: the answer belongs to those."""
    if _is_written_out(query):
        return False
    roles = roles_of(query.statement)
    if roles.lists:
        return True
    keys = {position for position, role in enumerate(roles.roles) if role.is_key}
    return any(supply.parameter in keys for supply in query.supplied_by)


def _is_written_out(query: QueryRecord) -> bool:
    """Whether the line asks with constants: a row with the same number says nothing then."""
    chain = chain_from(query.call_path[0], "objects")
    return chain is not None and bool(chain.calls) and all(call.is_constant for call in chain.calls)
