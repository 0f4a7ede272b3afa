"""The clustering baseline: queries that lie close together in time, one dense cluster per statement.

Kept as a yardstick: the learnt model has to beat it on applications it never saw.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from ennead.domains.nplusone.groups import group_queries
from ennead.kernel.anomaly import Anomaly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.observation import QueryExecutionContext
    from ennead.kernel.deadline import Deadline

_MIN_POINTS = 4
_NEIGHBOURHOOD = 6


class ClusteringDetector:
    """Density clustering of each statement's executions on the axis of the query sequence.

    In one dimension DBSCAN is a scan: a cluster goes on while the next execution is at most ``neighbourhood`` queries
    away, and counts from ``min_points`` executions on. The score is the size of the largest cluster.

    Source: Ester, Kriegel, Sander, Xu, *A Density-Based Algorithm for Discovering Clusters* (KDD 1996).

    Parameters
    ----------
    neighbourhood
        Queries between two executions of one cluster, at most.
    min_points
        Executions that make a cluster.
    """

    name = "clustering"

    def __init__(self, neighbourhood: int = _NEIGHBOURHOOD, min_points: int = _MIN_POINTS) -> None:
        self._neighbourhood = neighbourhood
        self._min_points = min_points

    def detect(self, observation: QueryExecutionContext, deadline: Deadline, /) -> Sequence[Anomaly]:
        """Statements with a dense cluster of distinct parameters."""
        anomalies = []
        for group in group_queries(observation):
            deadline.check()
            size = self._largest_cluster(group.indexes)
            if size >= self._min_points and group.distinct_count >= self._min_points:
                anomalies.append(self._anomaly(group, size))
        return tuple(anomalies)

    def _largest_cluster(self, indexes: Sequence[int]) -> int:
        largest = size = 1
        for earlier, later in pairwise(indexes):
            size = size + 1 if later - earlier <= self._neighbourhood else 1
            largest = max(largest, size)
        return largest

    def _anomaly(self, group: QueryGroup, size: int) -> Anomaly:
        share = size / group.count
        confidence = 100.0 * share * (1.0 - 1.0 / size) * group.distinct_count / group.count
        evidence = {"statement_fingerprint": group.first.statement_fingerprint, "query_count": group.count}
        return Anomaly("n-plus-one", float(size), confidence, self.name, evidence)
