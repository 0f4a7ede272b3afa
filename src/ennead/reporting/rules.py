"""What each finding code means, for programs that show a rule beside its results."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One finding code in words."""

    code: str
    name: str
    """In CamelCase."""
    summary: str
    """One sentence."""
    meaning: str
    remedy: str


_RULES = (
    Rule(
        code="n-plus-one",
        name="NPlusOneQuery",
        summary="A query runs once for each row of an earlier result.",
        meaning=(
            "A loop over rows runs one more query for each of them, so the number of queries grows with the data: "
            "10 rows take 11 queries, 1,000 rows take 1,001. A query that asks for all rows at once (a join, an IN "
            "list, an aggregate) answers the same with a fixed number of queries."
        ),
        remedy=(
            "Load what the loop needs together with the rows, where the rows are queried: select_related or "
            "prefetch_related in Django, joinedload or selectinload in SQLAlchemy, one query with an IN list or a join "
            "in plain SQL."
        ),
    ),
    Rule(
        code="repeated-query",
        name="RepeatedQuery",
        summary="The same query runs again and again with the same parameters.",
        meaning=(
            "One unit of work asks the database the same question several times and gets the same answer. The number "
            "of queries need not grow with the data, but all executions but one are wasted."
        ),
        remedy="Ask once and keep the answer: in a variable before the loop, or in a cached property of the object.",
    ),
    Rule(
        code="write-n-plus-one",
        name="WritesInALoop",
        summary="Rows are written one by one in a loop.",
        meaning=(
            "A loop inserts, updates or deletes one row with each statement, though one statement could write them "
            "all. Each of them costs a round trip to the database."
        ),
        remedy=(
            "Gather the rows and write them at once: bulk_create, bulk_update or a filtered update() or delete() in "
            "Django, insert(), update() or delete() with a list of rows in SQLAlchemy, executemany in plain SQL."
        ),
    ),
)


def rule_of(code: str) -> Rule:
    """The rule of a finding code; a plain one for codes of domains that are not known here.

    >>> rule_of("n-plus-one").name, rule_of("slow-page").name
    ('NPlusOneQuery', 'SlowPage')
    """
    known = next((rule for rule in _RULES if rule.code == code), None)
    if known is not None:
        return known
    name = "".join(word.capitalize() for word in code.replace("_", "-").split("-"))
    return Rule(code=code, name=name, summary=f"{name}.", meaning=f"A finding with the code {code}.", remedy="")
