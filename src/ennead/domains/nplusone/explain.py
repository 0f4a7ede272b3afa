"""Findings in one or two sentences: who asked, how often, and what fed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ennead.domains.nplusone.origins import Origin
    from ennead.kernel.call_site import CallSite

_KIND_WORDS = {
    "relation": "loads {what}",
    "deferred": "loads the deferred column {what}",
    "lookup": "looks up {what}",
    "aggregate": "counts or aggregates {what}",
    "raw-sql": "queries {what}",
    "insert": "inserts into {what}",
    "update": "updates {what}",
    "delete": "deletes from {what}",
    "upsert": "gets or creates {what}",
}


def explain_repeats(
    *,
    kind: str,
    what: str,
    query_count: int,
    queries_needed: int,
    access: CallSite | None,
    loop: CallSite | None,
    origin: Origin | None,
    method: str | None = None,
) -> str:
    """The story of an N+1 or of writes row by row; ``method`` is the ORM's, where it says one.

    Examples
    --------
    >>> explain_repeats(kind="relation", what="Order.customer", query_count=50, queries_needed=1,
    ...                 access=None, loop=None, origin=None)
    'Each step loads Order.customer with a query of its own: 50 queries where 1 would do.'
    """
    words = "loads {what} again" if method == "refresh" else _KIND_WORDS.get(kind, "queries {what}")
    if kind == "deferred" and method != "refresh" and "." not in what:
        words = "loads columns of {what}"
    action = words.format(what=what)
    count = f"{query_count} queries where {queries_needed} would do."
    source = _origin_words(origin)
    where = f" at {_place(access)}" if access else ""
    if loop is not None:
        turns = f"The loop at {_place(loop)} {action}{where} once per item: {count}"
    else:
        turns = f"Each step {action} with a query of its own{where}: {count}"
    return f"{source} {turns}" if source else turns


def explain_identical(*, what: str, query_count: int, access: CallSite | None) -> str:
    """The story of a query repeated with the same parameters.

    Examples
    --------
    >>> explain_identical(what="settings", query_count=4, access=None)
    'The same query on settings ran 4 times with the same parameters: ask once and keep the answer.'
    """
    where = f" (last at {_place(access)})" if access else ""
    return (
        f"The same query on {what} ran {query_count} times with the same parameters{where}: "
        "ask once and keep the answer."
    )


def _origin_words(origin: Origin | None) -> str:
    if origin is None or origin.site is None:
        return ""
    if origin.row_count is None:
        return f"The rows come from the query at {_place(origin.site)}."
    return f"The query at {_place(origin.site)} returned {origin.row_count} rows."


def _place(site: CallSite) -> str:
    note = f" ({site.note})" if site.note and site.note not in ("for", "iterates") else ""
    return f"{site.file}:{site.line}{note}"
