"""Settings of the agent."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ennead.kernel.settings import setting


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """What the agent does in the user's process."""

    disabled: bool = setting(
        default=False, env="ENNEAD_DISABLED", help="Switches everything off: no hook is installed."
    )
    """The kill switch."""
    sample_ratio: float = setting(
        1.0,
        env="ENNEAD_SAMPLE_RATIO",
        help="Share of the units of work that is recorded, chosen stably by trace id or name.",
        unit="ratio",
        low=0.0,
        high=1.0,
    )
    """0 records nothing, 1 everything."""
    rare_seconds: float = setting(
        60.0,
        env="ENNEAD_RARE_SECONDS",
        help="A unit of work is recorded, whatever the share, if none of its name was for so long. 0: never for that.",
        unit="s",
        low=0.0,
    )
    """Keeps rare routes while a small share of the traffic is recorded; without effect where the share is 0 or 1."""
    max_queries: int = setting(
        10_000,
        env="ENNEAD_MAX_QUERIES",
        help="Queries kept for each unit of work; further ones are counted, not kept.",
        unit="count",
        low=1,
    )
    """Bounds the memory of one unit of work."""
    project_root: str = setting("", env="ENNEAD_PROJECT_ROOT", help="Folder that file names are told relative to.")
    """Empty: the nearest folder upwards with a pyproject.toml, manage.py or .git."""
    project_packages: tuple[str, ...] = setting(
        (),
        env="ENNEAD_PROJECT_PACKAGES",
        help="Installed packages that count as your own code, separated by commas.",
    )
    """Call sites inside them are shown and blamed."""
    provenance: bool = setting(
        default=False,
        env="ENNEAD_PROVENANCE",
        help="Also record, outside of profiles and tests, out of which query's rows a parameter came.",
    )
    """Profiles and tests always do."""
    server_timing: bool = setting(
        default=False,
        env="ENNEAD_SERVER_TIMING",
        help="For development: responses have a header `Server-Timing` with the number and time of their queries.",
    )
    """Read by the developer tools of a browser, and by whoever else gets the response."""
    panel: bool = setting(
        default=False,
        env="ENNEAD_PANEL",
        help="For development: pages opened by a browser on this machine show their queries and findings in a corner.",
    )
    """Each of them is analysed before it is sent."""
    auto_batch: bool = setting(
        default=False,
        env="ENNEAD_AUTO_BATCH",
        help="SQLAlchemy: the second lazy load of a relation loads it for all rows of the result in one query.",
    )
    """Changes which queries run, never what they yield; what is batched is no longer seen as an N+1."""


def is_disabled() -> bool:
    """Whether the kill switch is on; asked before anything else is read."""
    return os.environ.get("ENNEAD_DISABLED", "").strip().lower() in ("1", "true", "yes", "on")
