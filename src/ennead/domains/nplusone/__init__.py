"""N+1 queries: found by rules and by machine learning, explained, with a way out."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ennead.domains.nplusone.engine import MLAnalysis, NPlusOneDetectionEngine
    from ennead.domains.nplusone.engine_counters import EngineCounters
    from ennead.domains.nplusone.features import QueryFeatureExtractor
    from ennead.domains.nplusone.observation import QueryExecutionContext, QueryRecord
    from ennead.domains.nplusone.profile import Profile
    from ennead.domains.nplusone.service import NPlusOneDetectionService, ServiceResult
    from ennead.domains.nplusone.settings import NPlusOneSettings
    from ennead.kernel.anomaly import Anomaly

_HOMES = {
    "Anomaly": "ennead.kernel.anomaly",
    "EngineCounters": "ennead.domains.nplusone.engine_counters",
    "MLAnalysis": "ennead.domains.nplusone.engine",
    "NPlusOneDetectionEngine": "ennead.domains.nplusone.engine",
    "NPlusOneDetectionService": "ennead.domains.nplusone.service",
    "NPlusOneSettings": "ennead.domains.nplusone.settings",
    "Profile": "ennead.domains.nplusone.profile",
    "QueryExecutionContext": "ennead.domains.nplusone.observation",
    "QueryFeatureExtractor": "ennead.domains.nplusone.features",
    "QueryRecord": "ennead.domains.nplusone.observation",
    "ServiceResult": "ennead.domains.nplusone.service",
}

__all__ = [
    "Anomaly",
    "EngineCounters",
    "MLAnalysis",
    "NPlusOneDetectionEngine",
    "NPlusOneDetectionService",
    "NPlusOneSettings",
    "Profile",
    "QueryExecutionContext",
    "QueryFeatureExtractor",
    "QueryRecord",
    "ServiceResult",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
