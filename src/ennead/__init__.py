"""Ennead finds the N+1 queries in a running Python application and explains them down to the loop.

Every name below is loaded on first use (PEP 562): ``import ennead`` costs next to nothing.

PYTEST_DONT_REWRITE: ``ennead run`` imports this before pytest starts, which would warn that it comes too late for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ennead.kernel.recording import Recorder, provide_recorder

if TYPE_CHECKING:
    from ennead.agent.units import pause
    from ennead.domains.nplusone.engine import MLAnalysis
    from ennead.domains.nplusone.observation import QueryExecutionContext, QueryRecord
    from ennead.domains.nplusone.profile import Profile
    from ennead.domains.nplusone.settings import NPlusOneSettings as Settings
    from ennead.installing import install, uninstall
    from ennead.kernel.anomaly import Anomaly
    from ennead.kernel.call_site import CallSite
    from ennead.kernel.errors import EnneadError, NPlusOneError, NPlusOneWarning
    from ennead.kernel.finding import Finding, Recommendation, Verification
    from ennead.profiling import assert_no_n_plus_one, profile
    from ennead.sources.dbapi import wrap_connection
    from ennead.sources.registry import InstallReport

__version__: str

_HOMES = {
    "Anomaly": "ennead.kernel.anomaly",
    "CallSite": "ennead.kernel.call_site",
    "EnneadError": "ennead.kernel.errors",
    "Finding": "ennead.kernel.finding",
    "InstallReport": "ennead.sources.registry",
    "MLAnalysis": "ennead.domains.nplusone.engine",
    "NPlusOneError": "ennead.kernel.errors",
    "NPlusOneWarning": "ennead.kernel.errors",
    "Profile": "ennead.domains.nplusone.profile",
    "QueryExecutionContext": "ennead.domains.nplusone.observation",
    "QueryRecord": "ennead.domains.nplusone.observation",
    "Recommendation": "ennead.kernel.finding",
    "Settings": "ennead.domains.nplusone.settings:NPlusOneSettings",
    "Verification": "ennead.kernel.finding",
    "assert_no_n_plus_one": "ennead.profiling",
    "install": "ennead.installing",
    "load_ipython_extension": "ennead.notebook",
    "pause": "ennead.agent.units",
    "profile": "ennead.profiling",
    "uninstall": "ennead.installing",
    "unload_ipython_extension": "ennead.notebook",
    "wrap_connection": "ennead.sources.dbapi",
}

__all__ = [
    "Anomaly",
    "CallSite",
    "EnneadError",
    "Finding",
    "InstallReport",
    "MLAnalysis",
    "NPlusOneError",
    "NPlusOneWarning",
    "Profile",
    "QueryExecutionContext",
    "QueryRecord",
    "Recommendation",
    "Settings",
    "Verification",
    "__version__",
    "assert_no_n_plus_one",
    "install",
    "pause",
    "profile",
    "uninstall",
    "wrap_connection",
]


def __getattr__(name: str) -> object:
    if name == "__version__":
        return import_module("importlib.metadata").version("ennead")
    home = _HOMES.get(name)
    if home is None:
        message = f"module 'ennead' has no attribute {name!r}"
        raise AttributeError(message)
    module, _, other_name = home.partition(":")
    value = getattr(import_module(module), other_name or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__


def _recorder(engine: object) -> Recorder:
    from ennead.profiling import recorder_for

    return recorder_for(engine)


provide_recorder(_recorder)
