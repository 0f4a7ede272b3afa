"""The memory of one project: what the commands ask, and what a finished run is given to."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ennead.domains.nplusone.model import OWN_FOLDER
from ennead.kernel.errors import EnneadError
from ennead.kernel.settings import load_settings, read_pyproject
from ennead.store.database import Database
from ennead.store.settings import StoreSettings, VerdictSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

R = TypeVar("R")
FILE_NAME = "memory.sqlite"
_OWN_FILE = "."
"""Name of the project in a file of its own: whoever renames or moves its folder takes the memory along."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of one project.

    Parameters
    ----------
    database
        Where it is kept.
    project
        Its name there.
    settings, verdict_settings
        How much is kept, and how verdicts are used.
    models_folder
        Where the project has models of its own, and verdicts that were imported; ``None``: nowhere.
    """

    database: Database
    project: str
    settings: StoreSettings = field(default_factory=StoreSettings)
    verdict_settings: VerdictSettings = field(default_factory=VerdictSettings)
    models_folder: Path | None = None

    def write(self, work: Callable[[Connection], R]) -> R:
        """Do some work in one transaction."""
        return self.database.write(work, self.project)

    def read(self, work: Callable[[Connection], R]) -> R:
        """Do some work that changes nothing."""
        return self.database.read(work)


def open_memory(project_root: str, folder: Path) -> Memory:
    """The memory of a project.

    Parameters
    ----------
    project_root
        Absolute; its ``pyproject.toml`` may have settings.
    folder
        Where its runs are kept, and the file unless ``ENNEAD_STORE_URL`` says otherwise.

    Raises
    ------
    EnneadError
        It is switched off, or a setting is wrong.
    """
    pyproject = read_pyproject(project_root)
    settings = load_settings(StoreSettings, pyproject=pyproject)
    verdicts = load_settings(VerdictSettings, pyproject=pyproject)
    if not settings.store:
        raise EnneadError("nothing is remembered: ENNEAD_STORE is off")
    url = settings.store_url or f"sqlite:///{folder / FILE_NAME}"
    named = settings.store_project or (Path(project_root).name if settings.store_url else _OWN_FILE)
    return Memory(Database(url), named, settings, verdicts, Path(project_root) / OWN_FOLDER)
