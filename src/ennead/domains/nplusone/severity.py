"""How bad a finding is. Counts decide whether there is one; time and count set the severity."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ennead.kernel.finding import Severity

_BY_WASTED_MS: tuple[tuple[float, Severity], ...] = ((1000.0, "critical"), (200.0, "high"), (20.0, "medium"))
_BY_COUNT: tuple[tuple[int, Severity], ...] = ((500, "critical"), (100, "high"), (20, "medium"))
_RANK: dict[Severity, int] = {"info": 0, "low": 1, "medium": 2, "high": 3, "critical": 4}


def severity_of(code: str, kind: str, query_count: int, wasted_ms: float) -> Severity:
    """Severity from the time wasted and the number of queries, whichever is worse.

    An embedded database answers in microseconds what a server answers in milliseconds: so a hundred queries are
    ``high`` however fast they were. Upserts are ``info``; other writes and repeated queries are one step lower.

    Parameters
    ----------
    code, kind
        Of the finding.
    query_count
        Repeats in one unit of work.
    wasted_ms
        What a set-based version would have saved.

    Examples
    --------
    >>> severity_of("n-plus-one", "relation", 50, 3.0), severity_of("n-plus-one", "relation", 5, 900.0)
    ('medium', 'high')
    >>> severity_of("write-n-plus-one", "upsert", 5000, 9000.0)
    'info'
    """
    if kind == "upsert":
        return "info"
    by_time: Severity = next((severity for limit, severity in _BY_WASTED_MS if wasted_ms >= limit), "low")
    by_count: Severity = next((severity for limit, severity in _BY_COUNT if query_count >= limit), "low")
    worse: Severity = by_time if _RANK[by_time] >= _RANK[by_count] else by_count
    return worse if code == "n-plus-one" else _step_down(worse)


def _step_down(severity: Severity) -> Severity:
    lower: dict[Severity, Severity] = {"critical": "high", "high": "medium", "medium": "low"}
    return lower.get(severity, severity)
