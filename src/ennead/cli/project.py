"""The project that one stands in: its settings, and its own models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.agent.places import PROJECT
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.kernel.settings import load_settings, read_pyproject
from ennead.runs.recorded import run_settings

if TYPE_CHECKING:
    from ennead.training.own_models import OwnModels


def nplusone_settings() -> NPlusOneSettings:
    """The settings of the domain.

    Raises
    ------
    EnneadError
        One is wrong.
    """
    return load_settings(NPlusOneSettings, pyproject=read_pyproject(PROJECT.path))


def own_models() -> OwnModels:
    """The project's own models; there need not be any.

    Raises
    ------
    EnneadError
        A setting is wrong.
    """
    from ennead.training.own_models import OwnModels

    return OwnModels.of(run_settings()[1])
