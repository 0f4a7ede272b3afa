"""What a model is measured against: the rules, the two baseline detectors, and a rival's published rule."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING

from ennead.domains.nplusone.clustering import ClusteringDetector
from ennead.domains.nplusone.combining import structural_veto
from ennead.domains.nplusone.groups import group_queries
from ennead.domains.nplusone.rules import decide, gather_evidence
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.domains.nplusone.statistical import StatisticalDetector
from ennead.kernel.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.observation import QueryExecutionContext, QueryRecord
    from ennead.kernel.detector import AnomalyDetector

_SENTRY_MIN_COUNT = 5
_CERTAIN = 100.0
_SETTINGS = NPlusOneSettings()
_DETECTORS: tuple[AnomalyDetector[QueryExecutionContext], ...] = (StatisticalDetector(), ClusteringDetector())

_Said = dict[tuple[str, int], float]
"""By fingerprint and count, as the anomalies have them: the highest confidence."""


class Baselines:
    """The answers of all baselines for the groups of one context.

    Parameters
    ----------
    context
        At the level that is asked about; the rules read the sources below its ``project_root``.

    Examples
    --------
    >>> from ennead.domains.nplusone.examples import example_contexts
    >>> context = example_contexts()[0]
    >>> group = group_queries(context)[1]
    >>> Baselines(context).confidences(group)["sentry"]
    100.0
    """

    def __init__(self, context: QueryExecutionContext) -> None:
        self._context = context

    def confidences(self, group: QueryGroup) -> Mapping[str, float]:
        """Confidence, 0 to 100, by name of :data:`~ennead.training.examples.BASELINES`; without the rules' one."""
        key = (group.first.statement_fingerprint, group.count)
        said = {name: anomalies.get(key, 0.0) for name, anomalies in self._anomalies.items()}
        return {**said, "sentry": _CERTAIN if self._told_by_sentry & set(group.indexes) else 0.0}

    def rules(self, group: QueryGroup) -> tuple[float, str]:
        """The rules' confidence, 0 if they say nothing of it, and the look-alike that they take it for, or nothing."""
        evidence = gather_evidence(group, self._groups, _SETTINGS, self._context.project_root)
        decision = decide(evidence)
        if decision is None or decision.code != "n-plus-one":
            return 0.0, structural_veto(evidence) or ""
        return (0.0, decision.veto) if decision.veto else (decision.confidence, "")

    @property
    def _groups(self) -> Sequence[QueryGroup]:
        return group_queries(self._context)

    @cached_property
    def _anomalies(self) -> Mapping[str, _Said]:
        return {detector.name: self._said(detector) for detector in _DETECTORS}

    def _said(self, detector: AnomalyDetector[QueryExecutionContext]) -> _Said:
        said: _Said = {}
        for anomaly in detector.detect(self._context, Deadline(inf)):
            key = (anomaly.evidence["statement_fingerprint"], anomaly.evidence["query_count"])
            said[key] = max(said.get(key, 0.0), anomaly.confidence)
        return said

    @cached_property
    def _told_by_sentry(self) -> set[int]:
        return {index for loop in sentry_loops(self._context.queries) for index in loop}


def sentry_loops(queries: Sequence[QueryRecord]) -> Iterator[Sequence[int]]:
    """Positions of what Sentry's documentation calls an N+1, without its 50 ms: local databases are too fast for them.

    Equal queries follow each other without overlap in one unit of work, five at least, and another query, the source,
    comes right before the first. Source: https://docs.sentry.io/product/issues/issue-details/performance-issues/
    n-one-queries/. Its spans hold the text as it was sent and ours the normalised one, and spans that are no queries
    are not in a context: both are in Sentry's favour.
    """
    for source, run in pairwise(_equal_runs(queries)):
        first, before = queries[run[0]], queries[source[-1]]
        if len(run) >= _SENTRY_MIN_COUNT and before.unit == first.unit and before.statement != first.statement:
            yield run


def _equal_runs(queries: Sequence[QueryRecord]) -> Iterator[list[int]]:
    run: list[int] = []
    for index, query in enumerate(queries):
        if run and not _continues(queries[run[-1]], query):
            yield run
            run = []
        run.append(index)
    if run:
        yield run


def _continues(last: QueryRecord, query: QueryRecord) -> bool:
    same = (last.unit, last.statement) == (query.unit, query.statement)
    return same and query.offset_ms >= last.offset_ms + last.duration_ms
