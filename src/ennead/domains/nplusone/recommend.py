"""The right advice for a finding, in words and code, at the origin of the rows.

Never given, because it was measured to change nothing or to make it worse: ``select_related`` for a hand-written
``.get()``, ``prefetch_related`` for ``.order_by().first()``, ``.filter()`` or ``.exists()`` on a relation, a prefetch
for a LIMIT-per-parent relation, and the levels of a nested relation one by one. When unsure, it says what to look at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.domains.nplusone.advice_django import django_advice
from ennead.domains.nplusone.advice_sqlalchemy import sqlalchemy_advice
from ennead.kernel.finding import Recommendation

if TYPE_CHECKING:
    from ennead.domains.nplusone.rules import Decision, Evidence
    from ennead.kernel.call_site import CallSite


def recommend(evidence: Evidence, decision: Decision) -> tuple[Recommendation, ...]:
    """Recommendations for one finding, the best first."""
    orm = evidence.group.orm
    if decision.code == "write-n-plus-one":
        return _write_advice(evidence, decision)
    if orm is not None and orm.library == "django":
        return django_advice(evidence)
    if orm is not None and orm.library == "sqlalchemy":
        return sqlalchemy_advice(evidence)
    return _sql_advice(evidence)


def recommend_once(place: CallSite | None) -> tuple[Recommendation, ...]:
    """Advice for a query repeated with the same parameters."""
    text = (
        "Run the query once before the first use and pass the result on, or keep it on the object or request that "
        "asks (functools.cached_property, a local variable). Cache it across requests only if stale answers are fine."
    )
    return (Recommendation("Ask once and keep the answer", text, place=place),)


def _sql_advice(evidence: Evidence) -> tuple[Recommendation, ...]:
    group = evidence.group
    place = evidence.origin.site if evidence.origin else evidence.loop_site
    table = group.first.tables[0] if group.first.tables else "the table"
    column = group.set_columns[0] if len(group.set_columns) == 1 else None
    wanted = f"FROM {table} WHERE {column} IN (...)"
    if group.takes_first_of_each or not group.set_columns:
        ranked = f"ROW_NUMBER() OVER (PARTITION BY {column} ORDER BY ...) AS place {wanted}"
        code = f"SELECT * FROM (SELECT *, {ranked}) ranked WHERE place = 1"  # noqa: S608 -- advice, never run
        return (Recommendation(f"Rank the rows of {table} once", _RANK_TEXT, code if column else None, place=place),)
    if group.first.statement.upper().startswith(("SELECT COUNT(", "SELECT SUM(", "SELECT AVG(")):
        text = "Compute all the figures with one query grouped by what varies, and look each one up in a dictionary."
        grouped = f"SELECT {column}, {_select_list(group.first.statement)} {wanted} GROUP BY {column}"
        return (Recommendation("Aggregate once with GROUP BY", text, grouped if column else None, place=place),)
    text = (
        "Collect the values before the loop, fetch all rows with one IN query (or join the table to the query the "
        "values come from), and look each row up in a dictionary inside the loop."
    )
    fetched = f"SELECT ... {wanted}" if column else None
    return (Recommendation(f"Fetch the rows of {table} as one set", text, fetched, place=place),)


def _select_list(statement: str) -> str:
    """What a statement selects, ``count(*)`` of ``SELECT count(*) FROM ...``."""
    start, end = len("SELECT "), statement.upper().find(" FROM ")
    return statement[start:end] if end > start else "..."


_RANK_TEXT = (
    "For each value one row beside it is wanted, the latest or the next: an IN list would load all of them. Let one "
    "query rank the rows with a window function (ROW_NUMBER, LAG, LEAD) or join them on the condition."
)
_WRITE_TEXT = {
    "insert": "Build the objects in the loop and write them after it with one statement.",
    "update": "Change the objects in the loop and write them after it, or let one UPDATE with a condition do it.",
    "delete": "Collect the keys and delete with one condition after the loop.",
    "upsert": "If the import grows large, read the existing keys with one query, then insert the missing ones in bulk "
    "(or use the database's upsert). For a handful of rows this is fine as it is.",
}
_WRITE_CODE = {
    ("django", "insert"): "{model}.objects.bulk_create(objects)",
    ("django", "update"): "{model}.objects.bulk_update(objects, fields=[...])",
    ("django", "delete"): "{model}.objects.filter(pk__in=keys).delete()",
    ("django", "upsert"): "{model}.objects.bulk_create(objects, update_conflicts=True, "
    "unique_fields=[...], update_fields=[...])",
    ("sqlalchemy", "insert"): "session.execute(insert({model}), rows)",
    ("sqlalchemy", "update"): "session.execute(update({model}), rows)  # rows: dictionaries with the primary key",
    ("sqlalchemy", "delete"): "session.execute(delete({model}).where({model}.id.in_(keys)))",
}


def _write_advice(evidence: Evidence, decision: Decision) -> tuple[Recommendation, ...]:
    orm = evidence.group.orm
    text = _WRITE_TEXT.get(decision.kind, _WRITE_TEXT["update"])
    template = _WRITE_CODE.get((orm.library if orm else "", decision.kind))
    model = (orm.target or (orm.models[0] if orm.models else None)) if orm else None
    code = template.format(model=model.rsplit(".", 1)[-1]) if template and model else None
    return (Recommendation(f"Write in bulk: {decision.kind}", text, code, place=evidence.loop_site),)
