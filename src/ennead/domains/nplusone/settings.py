"""Settings of the N+1 domain."""

from __future__ import annotations

from dataclasses import dataclass

from ennead.domains.nplusone.thresholds import Threshold, read_thresholds
from ennead.kernel.settings import setting


@dataclass(frozen=True, slots=True)
class NPlusOneSettings:
    """When something is reported, and how much time the machine-learnt part may take.

    Examples
    --------
    >>> from ennead.kernel.settings import load_settings
    >>> load_settings(NPlusOneSettings, {"NPLUSONE_ML_TIMEOUT_MS": "2500"}).ml_timeout_ms
    2500
    >>> load_settings(NPlusOneSettings, {"NPLUSONE_ML_TIMEOUT_MS": "5s"})
    Traceback (most recent call last):
    ...
    ennead.kernel.errors.EnneadError: NPLUSONE_ML_TIMEOUT_MS must be a positive integer, got "5s"
    """

    ml_enabled: bool = setting(
        default=True, env="NPLUSONE_ML_ENABLED", help="Whether the machine-learnt part runs at all."
    )
    """Without it the rules decide alone."""
    ml_timeout_ms: int = setting(
        5000,
        env="NPLUSONE_ML_TIMEOUT_MS",
        help="Time for extractors and detectors; past it the rules decide alone. 2000-3000 for high traffic.",
        unit="ms",
        low=1,
        high=600_000,
    )
    """Cooperative: asked between groups."""
    ml_confidence_threshold: float = setting(
        60.0,
        env="NPLUSONE_ML_CONFIDENCE_THRESHOLD",
        help="Findings by machine learning alone are shown from this confidence; sensible values are 50-80.",
        low=0.0,
        high=100.0,
    )
    """0-100."""
    ml_traffic_ratio: float = setting(
        1.0,
        env="NPLUSONE_ML_TRAFFIC_RATIO",
        help="Share of the units of work the machine-learnt part looks at, chosen stably by trace id or name.",
        unit="ratio",
        low=0.0,
        high=1.0,
    )
    """The feature flag for enabling it gradually."""
    models: str = setting(
        "",
        env="ENNEAD_MODELS",
        help="Folder with model files of your own (`full.json`, `sql.json`, `spans.json`), or one such file, in the "
        "place of those that ship.",
    )
    """Of a level that it has no file for, the rules decide."""
    shadow_model: str = setting(
        "",
        env="ENNEAD_SHADOW_MODEL",
        help="A model file, or a folder of them, that is measured beside what decides, and decides nothing.",
    )
    """Its agreement is counted and told at the end of a run."""
    analysis_memory_ratio: float = setting(
        0.0,
        env="ENNEAD_ANALYSIS_MEMORY_RATIO",
        help="Share of the analyses whose memory is measured; tracemalloc slows the whole process while it looks.",
        unit="ratio",
        low=0.0,
        high=1.0,
    )
    """For a look now and then."""
    min_confidence: float = setting(
        50.0, env="ENNEAD_MIN_CONFIDENCE", help="Findings of the rules are shown from this confidence.", low=0, high=100
    )
    """0-100."""
    min_lazy_loads: int = setting(
        2,
        env="ENNEAD_MIN_LAZY_LOADS",
        help="Lazy loads from a result of several rows that make an N+1.",
        unit="count",
        low=2,
    )
    """With the ORM's own evidence two are enough."""
    min_repeats: int = setting(
        3,
        env="ENNEAD_MIN_REPEATS",
        help="Executions with distinct parameters at one call path that make an N+1 without the ORM's evidence.",
        unit="count",
        low=2,
    )
    """Without the ORM's evidence."""
    early_warning: int = setting(
        0,
        env="ENNEAD_EARLY_WARNING",
        help="Profiles raise NPlusOneError at this query of an N+1 (from 2), also of one that has only begun; 0: off.",
        unit="count",
        low=0,
    )
    """The error ends the profiled code at the access; for tests run by pytest there is ``--ennead-stop-at``."""
    early_warning_model: str = setting(
        "backoff",
        env="ENNEAD_EARLY_WARNING_MODEL",
        help="Sequence model that predicts for the early warning: backoff, gru or lstm.",
    )
    """Compared in ``bench/early_warning``."""
    ignore: tuple[str, ...] = setting(
        (),
        env="ENNEAD_IGNORE",
        help="Findings to suppress: ids, relations, routes or files (shell patterns), separated by commas.",
    )
    """Suppressed findings are kept apart, not lost."""
    thresholds: tuple[Threshold, ...] = setting(
        (),
        env="ENNEAD_THRESHOLDS",
        help='Findings below these limits are suppressed: `"GET /reports/*" = {min_queries = 20, min_wasted_ms = 5}`.',
        parse=read_thresholds,
    )
    """A table from shell patterns on routes, jobs and tests to limits."""
