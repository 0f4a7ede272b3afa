"""The right advice for a finding, in words and code, at the origin of the rows.

Code is complete or absent: it names only models, columns and conditions that are known, so that it can be pasted. Never
given, because it was measured to change nothing or to make it worse: ``select_related`` for a hand-written ``.get()``,
``prefetch_related`` for ``.order_by().first()``, ``.filter()`` or ``.exists()`` on a relation, a prefetch for a
LIMIT-per-parent relation, and the levels of a nested relation one by one. ``docs/guide/advice.md`` has the rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.domains.nplusone.advice_django import django_advice
from ennead.domains.nplusone.advice_peewee import peewee_advice
from ennead.domains.nplusone.advice_sql import sql_advice
from ennead.domains.nplusone.advice_sqlalchemy import sqlalchemy_advice
from ennead.domains.nplusone.advice_tortoise import tortoise_advice
from ennead.domains.nplusone.advice_writes import write_advice
from ennead.kernel.finding import Recommendation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ennead.domains.nplusone.rules import Decision, Evidence
    from ennead.kernel.call_site import CallSite

_OF_LIBRARY: Mapping[str, Callable[[Evidence], tuple[Recommendation, ...]]] = {
    "django": django_advice,
    "peewee": peewee_advice,
    "sqlalchemy": sqlalchemy_advice,
    "tortoise": tortoise_advice,
}


def recommend(evidence: Evidence, decision: Decision) -> tuple[Recommendation, ...]:
    """Recommendations for one finding, the best first."""
    orm = evidence.group.orm
    if decision.code == "write-n-plus-one":
        return write_advice(evidence, decision)
    advise = _OF_LIBRARY.get(orm.library, sql_advice) if orm is not None else sql_advice
    return advise(evidence)


def recommend_once(place: CallSite | None) -> tuple[Recommendation, ...]:
    """Advice for a query repeated with the same parameters."""
    text = (
        "Run the query once before the first use and pass the result on, or keep it on the object or request that "
        "asks (functools.cached_property, a local variable). Cache it across requests only if stale answers are fine."
    )
    return (Recommendation("Ask once and keep the answer", text, place=place),)
