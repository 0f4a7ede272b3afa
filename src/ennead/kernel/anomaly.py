"""What one detector says about an observation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A detector's statement: how odd, how sure, and why.

    Examples
    --------
    >>> anomaly = Anomaly("n-plus-one", score=3.2, confidence=88.0, detector="statistical")
    >>> Anomaly.from_dict(anomaly.to_dict()) == anomaly
    True
    """

    code: str
    score: float
    """The detector's own scale, higher is odder; its docstring names unit and range."""
    confidence: float
    """0-100."""
    detector: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    """JSON values; ``statement_fingerprint`` where the anomaly is about one group."""

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "code": self.code,
            "score": self.score,
            "confidence": self.confidence,
            "detector": self.detector,
            "evidence": dict(self.evidence),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Anomaly:
        """Read what :meth:`to_dict` wrote."""
        return cls(data["code"], data["score"], data["confidence"], data["detector"], dict(data.get("evidence", {})))
