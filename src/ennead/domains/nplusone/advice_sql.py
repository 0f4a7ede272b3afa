"""Advice for plain SQL: the user's own statement, asked once for all values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ennead.domains.nplusone.advice_trees import walk_start
from ennead.domains.nplusone.lookup_statement import read_lookup
from ennead.domains.nplusone.relation_paths import feeds_itself
from ennead.kernel.finding import Recommendation

if TYPE_CHECKING:
    from ennead.domains.nplusone.lookup_statement import LookupStatement
    from ennead.domains.nplusone.rules import Evidence

_COMPARED = re.compile(r"\s*=\s*\?|\?\s*=\s*|\s+IN\s*\(\?\)", re.IGNORECASE)


def sql_advice(evidence: Evidence) -> tuple[Recommendation, ...]:
    """Recommendations for one group of statements that no ORM said anything about."""
    group = evidence.group
    place = evidence.origin.site if evidence.origin else evidence.loop_site
    table = group.first.tables[0] if group.first.tables else "the table"
    lookup = read_lookup(group.first.statement)
    columns = group.set_columns
    condition = lookup.key_condition(columns[0]) if lookup is not None and len(columns) == 1 else None
    if feeds_itself(evidence):
        return (_tree(evidence, table, lookup, condition),)
    title, text = _words(table, lookup, has_set=bool(columns))
    code = _statement(lookup, condition) if lookup is not None and condition is not None else None
    return (Recommendation(title, text, code, place=place),)


def _tree(evidence: Evidence, table: str, lookup: LookupStatement | None, condition: str | None) -> Recommendation:
    """Rows that lead to the next ones: all of them at once."""
    text = (
        "The rows of one query are what the next one asks for: a tree, walked node by node. Select all nodes with "
        "one query and link them by their parent's key in a dictionary, or let a recursive common table expression "
        "walk."
    )
    key = _COMPARED.sub("", condition).strip() if condition else ""
    whole = lookup is not None and condition is not None and len(lookup.conditions) == 1 and not lookup.is_limited
    source = f"FROM {dict(lookup.clauses)['FROM']}" if lookup else ""
    code = f"SELECT {key}, {lookup.selected} {source}" if whole and lookup else None
    return Recommendation(f"Load the tree in {table} at once", text, code, place=walk_start(evidence))


def _words(table: str, lookup: LookupStatement | None, *, has_set: bool) -> tuple[str, str]:
    if not has_set or (lookup is not None and lookup.is_limited and not lookup.is_exists):
        return f"Rank the rows of {table} once", (
            "For each value one row beside it is wanted, the latest or the next: an IN list would load all of them. "
            "Let "
            "one query rank the rows with a window function (ROW_NUMBER, LAG, LEAD) or join them on the condition."
        )
    if lookup is not None and lookup.is_exists:
        return f"Ask for the rows of {table} that exist once", (
            "Ask once before the loop which of the values are there, and look each one up in that set."
        )
    if lookup is not None and lookup.is_aggregate:
        return "Aggregate once with GROUP BY", (
            "Compute all the figures with one query before the loop, grouped by what varies, and look each one up in a "
            "dictionary; a value without rows has no entry."
        )
    return f"Fetch the rows of {table} as one set", (
        "Collect the values before the loop, fetch all rows with one IN query (or join the table to the query the "
        "values come from), and look each one up in a dictionary of lists inside the loop."
    )


def _statement(lookup: LookupStatement, condition: str) -> str | None:
    """The statement for all values; the key is selected first, to look the rows up by."""
    clauses = dict(lookup.clauses)
    key = _COMPARED.sub("", condition).strip()
    if {"GROUP BY", "HAVING", "OFFSET"} & set(clauses) or (lookup.is_limited and not lookup.is_exists):
        return None
    others = [other for other in lookup.conditions if other != condition]
    where = " AND ".join([f"{key} IN (...)", *others])
    source = f"FROM {clauses['FROM']} WHERE {where}"
    if lookup.is_exists:
        return f"SELECT DISTINCT {key} {source}"
    if lookup.is_aggregate:
        return f"SELECT {key}, {lookup.selected} {source} GROUP BY {key}"
    if lookup.selected.upper().startswith("DISTINCT"):
        return None
    has_key = {"*", key, key.rpartition(".")[2]} & {part.strip() for part in lookup.selected.split(",")}
    selected = lookup.selected if has_key else f"{key}, {lookup.selected}"
    order = f" ORDER BY {clauses['ORDER BY']}" if "ORDER BY" in clauses else ""
    return f"SELECT {selected} {source}{order}"
