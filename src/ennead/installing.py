"""Switching Ennead on and off in this process."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ennead.agent.call_path import FILE_KINDS
from ennead.agent.places import PROJECT
from ennead.agent.settings import AgentSettings, is_disabled
from ennead.agent.units import AGENT
from ennead.kernel.errors import EnneadError
from ennead.kernel.settings import load_settings, read_pyproject
from ennead.sources.panel import provide_panel
from ennead.sources.registry import INSTALLER, InstallReport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ennead.agent.unit_of_work import UnitOfWork


def install(**options: Any) -> InstallReport:
    """Hook every supported library that is importable, now or when it is imported later. Idempotent.

    Parameters
    ----------
    **options
        Fields of :class:`~ennead.agent.settings.AgentSettings`, before the environment and ``pyproject.toml``:
        ``sample_ratio=0.1``, ``max_queries=2000``, ``project_root="."`` ...

    Returns
    -------
    InstallReport
        What is hooked, and what is not and why.

    Raises
    ------
    EnneadError
        An option or a setting is unknown, has the wrong form or is out of range.
    """
    if is_disabled():
        return InstallReport({}, {"everything": "switched off by ENNEAD_DISABLED"})
    if options or not INSTALLER.installed:
        configure(options)
    if AGENT.settings.disabled:
        return InstallReport({}, {"everything": "switched off by the setting disabled"})
    if options:
        INSTALLER.follow_settings()
    return INSTALLER.install()


def uninstall() -> None:
    """Undo :func:`install`; leaves no trace."""
    INSTALLER.uninstall()


def configure(options: Mapping[str, Any]) -> None:
    """Read the agent's settings and put them into force."""
    settings = load_settings(AgentSettings, pyproject=read_pyproject(PROJECT.path))
    unknown = sorted(set(options) - set(AgentSettings.__slots__))
    if unknown:
        message = f"unknown option {unknown[0]!r}; known are {', '.join(AgentSettings.__slots__)}"
        raise EnneadError(message)
    settings = replace(settings, **options)
    AGENT.settings = settings
    if settings.project_root:
        PROJECT.path = settings.project_root
    FILE_KINDS.set_project_packages(settings.project_packages)


def _panel(unit: UnitOfWork) -> str:
    from ennead.panel import panel_of

    return panel_of(unit)


provide_panel(_panel)
