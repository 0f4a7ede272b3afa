"""Thresholds for single routes, jobs and tests: below them a finding is kept apart, not reported.

In ``pyproject.toml`` a table from shell patterns to limits; of several that match, the first one written counts::

    [tool.ennead.thresholds]
    "GET /reports/*" = {min_queries = 20, min_wasted_ms = 5}
    "job:shop.tasks.*" = {min_queries = 100}
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ennead.kernel.finding import Finding

_LIMITS = ("min_queries", "min_wasted_ms")


class Threshold(NamedTuple):
    """From how much on a finding is reported in the units of work that a pattern names."""

    pattern: str
    """Shell pattern on the names of a unit of work; see :func:`unit_names`."""
    min_queries: int = 0
    min_wasted_ms: float = 0.0

    def __str__(self) -> str:
        limits = [f"{self.min_queries} queries"] if self.min_queries else []
        limits += [f"{self.min_wasted_ms:g} ms wasted"] if self.min_wasted_ms else []
        return f"{self.pattern} ({' and '.join(limits) or 'no limit'})"

    def matches(self, names: Iterable[str]) -> bool:
        """Whether the pattern names a unit of work that is called so."""
        return any(fnmatchcase(name, self.pattern) for name in names)

    def falls_short(self, finding: Finding) -> bool:
        """Whether a finding stays below one of the limits."""
        return finding.query_count < self.min_queries or finding.wasted_ms < self.min_wasted_ms


def unit_names(name: str, kind: str, route: str | None, inside: Sequence[str] = ()) -> tuple[str, ...]:
    """What a pattern may call a unit of work: its name and its route, and the units of work that it is nested in.

    Each of them alone and behind its kind. A request that a test makes can be named by the test.

    Examples
    --------
    >>> unit_names("GET /orders/7/", "request", "orders/<int:pk>/")
    ('GET /orders/7/', 'request:GET /orders/7/', 'orders/<int:pk>/', 'request:orders/<int:pk>/')
    """
    own = tuple(form for each in (name, route) if each for form in (each, f"{kind}:{each}"))
    return (*own, *(form for outer in inside for form in (outer.partition(":")[2], outer)))


def threshold_for(names: Sequence[str], thresholds: Iterable[Threshold]) -> Threshold | None:
    """The first threshold whose pattern matches."""
    return next((threshold for threshold in thresholds if threshold.matches(names)), None)


def read_thresholds(value: object, where: str) -> tuple[Threshold, ...]:
    """Read the table of thresholds; the environment variable holds the same lines as TOML.

    Raises
    ------
    EnneadError
        It is no such table.

    Examples
    --------
    >>> read_thresholds('"job:*" = {min_queries = 100}', "ENNEAD_THRESHOLDS")
    (Threshold(pattern='job:*', min_queries=100, min_wasted_ms=0.0),)
    """
    table = _toml(value, where) if isinstance(value, str) else value
    if not isinstance(table, dict):
        message = f'{where} must be a table like "GET /reports/*" = {{min_queries = 20}}, got "{value}"'
        raise EnneadError(message)
    return tuple(_threshold(pattern, limits, f'{where} "{pattern}"') for pattern, limits in table.items())


def _toml(text: str, where: str) -> Mapping[str, object]:
    import tomllib  # most processes have no such variable to read

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f'{where} must be lines like "GET /reports/*" = {{min_queries = 20}}: {error}'
        raise EnneadError(message) from error


def _threshold(pattern: str, limits: object, where: str) -> Threshold:
    if not isinstance(limits, dict) or not limits or set(limits) - set(_LIMITS):
        message = f'{where} must have min_queries, min_wasted_ms or both, got "{limits}"'
        raise EnneadError(message)
    for name, limit in limits.items():
        if isinstance(limit, bool) or not isinstance(limit, int | float) or not (isfinite(limit) and limit >= 0):
            message = f'{where} {name} must be a number of at least 0, got "{limit}"'
            raise EnneadError(message)
    if not isinstance(limits.get("min_queries", 0), int):
        message = f'{where} min_queries must be an integer, got "{limits["min_queries"]}"'
        raise EnneadError(message)
    return Threshold(pattern, limits.get("min_queries", 0), float(limits.get("min_wasted_ms", 0.0)))
