"""Scoring: all detectors of a domain over one observation, under one deadline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from ennead.kernel.deadline import Deadline, DeadlineExceededError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.kernel.anomaly import Anomaly
    from ennead.kernel.detector import AnomalyDetector

Observation = TypeVar("Observation")


@dataclass(frozen=True, slots=True)
class Scoring:
    """What the detectors said, and how it went."""

    status: Literal["ok", "timeout", "error"]
    anomalies: tuple[Anomaly, ...]
    failed: tuple[str, ...] = ()
    """Names of the detectors that raised; the others' anomalies stand."""


def score(observation: Observation, detectors: Sequence[AnomalyDetector[Observation]], deadline: Deadline) -> Scoring:
    """Ask each detector in turn; never raises.

    A detector that raises is named in ``failed`` and the next one is asked. Once the deadline has passed nobody is
    asked any more; what was said until then stands.

    Examples
    --------
    >>> score("anything", (), Deadline(1.0))
    Scoring(status='ok', anomalies=(), failed=())
    """
    anomalies: list[Anomaly] = []
    failed: list[str] = []
    for detector in detectors:
        try:
            deadline.check()
            anomalies.extend(detector.detect(observation, deadline))
        except DeadlineExceededError:
            return Scoring("timeout", tuple(anomalies), tuple(failed))
        except Exception:  # noqa: BLE001 -- a failing detector must not take its neighbours along
            failed.append(getattr(detector, "name", type(detector).__name__))
    return Scoring("error" if failed else "ok", tuple(anomalies), tuple(failed))
