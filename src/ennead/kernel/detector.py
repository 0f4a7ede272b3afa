"""Scoring: how odd is it? Deciding whether it is worth a finding is another stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.kernel.anomaly import Anomaly
    from ennead.kernel.deadline import Deadline

Observation_contra = TypeVar("Observation_contra", contravariant=True)


@runtime_checkable
class AnomalyDetector(Protocol[Observation_contra]):
    """Looks at one observation and says what is odd about it."""

    @property
    def name(self) -> str:
        """Short and stable: it appears in ``Anomaly.detector`` and in the metrics."""

    def detect(self, observation: Observation_contra, deadline: Deadline, /) -> Sequence[Anomaly]:
        """All anomalies; checks the deadline between groups.

        Raises
        ------
        DeadlineExceededError
            The deadline passed; what was found until then is lost, the caller degrades to the rules.
        """
