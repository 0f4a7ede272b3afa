"""The statistical baseline: a group that stands out of its context by robust z-scores.

Kept as a yardstick: the learnt model has to beat it on applications it never saw.
"""

from __future__ import annotations

from math import exp, log1p
from statistics import median
from typing import TYPE_CHECKING

from ennead.domains.nplusone.groups import group_queries
from ennead.kernel.anomaly import Anomaly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.observation import QueryExecutionContext
    from ennead.kernel.deadline import Deadline

_MAD_TO_SIGMA = 1.4826
_MIN_SCORE = 2.0


class StatisticalDetector:
    """Robust z-score of the log-count of each group against all statements of the context.

    Source: the modified z-score of Iglewicz and Hoaglin, *How to Detect and Handle Outliers* (1993).
    """

    name = "statistical"

    def detect(self, observation: QueryExecutionContext, deadline: Deadline, /) -> Sequence[Anomaly]:
        """Groups whose score, in standard deviations, is above 2."""
        groups = group_queries(observation)
        if not groups:
            return ()
        counts = [_log_count(group) for group in groups]
        centre = median(counts)
        spread = max(_MAD_TO_SIGMA * median(abs(value - centre) for value in counts), 0.35)
        anomalies = []
        for group, log_count in zip(groups, counts, strict=True):
            deadline.check()
            score = (log_count - centre) / spread * group.distinct_count / group.count
            if score >= _MIN_SCORE and group.count > 1:
                anomalies.append(_anomaly(group, score, self.name))
        return tuple(anomalies)


def _log_count(group: QueryGroup) -> float:
    return log1p(group.count)


def _anomaly(group: QueryGroup, score: float, detector: str) -> Anomaly:
    confidence = 100.0 / (1.0 + exp(-(score - 3.0)))
    evidence = {"statement_fingerprint": group.first.statement_fingerprint, "query_count": group.count}
    return Anomaly("n-plus-one", score, confidence, detector, evidence)
