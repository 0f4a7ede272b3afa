"""Settings of the local memory, and of how verdicts move what is shown."""

from __future__ import annotations

from dataclasses import dataclass

from ennead.kernel.settings import setting


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """What is remembered of runs, where, and for how long.

    Examples
    --------
    >>> from ennead.kernel.settings import load_settings
    >>> load_settings(StoreSettings, {"ENNEAD_STORE": "off"}).store
    False
    """

    store: bool = setting(
        default=True,
        env="ENNEAD_STORE",
        help="Whether 'ennead run' remembers what it found (needs the extra `store`).",
    )
    """Without the extra nothing is remembered and nothing is said of it."""
    store_url: str = setting(
        "",
        env="ENNEAD_STORE_URL",
        help="Database of the memory, as `postgresql://user@host/name`; none: a SQLite file beside the recorded runs.",
    )
    """Several people and hosts may share one."""
    store_project: str = setting(
        "",
        env="ENNEAD_STORE_PROJECT",
        help="Name of this project in a shared database; none: the name of its folder.",
    )
    """Projects in one database know nothing of each other."""
    store_days: int = setting(
        365, env="ENNEAD_STORE_DAYS", help="Runs older than this are forgotten.", unit="count", low=1
    )
    """Bounds the memory in time; verdicts and patterns with verdicts stay."""
    store_runs: int = setting(
        1_000, env="ENNEAD_STORE_RUNS", help="Runs of a project that are remembered.", unit="count", low=2
    )
    """Bounds the memory in size."""
    store_rows: int = setting(
        50_000,
        env="ENNEAD_STORE_ROWS",
        help="Findings of a project's runs that are remembered, one row for each finding of a run.",
        unit="count",
        low=100,
    )
    """Bounds it, too: runs differ in size. There are as many patterns at most."""


@dataclass(frozen=True, slots=True)
class VerdictSettings:
    """How verdicts move what is shown.

    Examples
    --------
    >>> VerdictSettings().target_precision
    0.9
    """

    verdicts: bool = setting(
        default=True,
        env="ENNEAD_VERDICTS",
        help="Whether reports keep back what verdicts call noise; it never changes an exit code.",
    )
    """What is kept back is told as a number."""
    target_precision: float = setting(
        0.9,
        env="ENNEAD_TARGET_PRECISION",
        help="Share of the shown findings that shall be worth it; the threshold follows it between 50 and 80.",
        unit="ratio",
        low=0.5,
        high=0.99,
    )
    """Held against the lower credible bound."""
    exploration_ratio: float = setting(
        0.1,
        env="ENNEAD_EXPLORATION_RATIO",
        help="Share of the patterns below the threshold that are shown nevertheless, and told as such.",
        unit="ratio",
        low=0.0,
        high=1.0,
    )
    """Chosen stably by pattern."""
