"""The models of a project: one file for each level in ``.ennead/model``, each with the one before it.

What is written was checked first, and is written beside the file and then put in its place: a process that reads in
between sees the old model or the new one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ennead.domains.nplusone.model import OWN_FOLDER, LevelModel, read_model
from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ennead.domains.nplusone.levels import Level

Undone = Literal["former", "shipped"]
"""What decides after an undo."""


@dataclass(frozen=True, slots=True)
class OwnModels:
    """The model files of one project.

    Parameters
    ----------
    folder
        Holds them; it need not exist.
    """

    folder: Path

    @classmethod
    def of(cls, project_root: str) -> OwnModels:
        """Those of a project."""
        return cls(Path(project_root) / OWN_FOLDER)

    def file(self, level: Level) -> Path:
        """The model in force."""
        return self.folder / f"{level}.json"

    def former(self, level: Level) -> Path:
        """The one before it."""
        return self.folder / "former" / f"{level}.json"

    def read(self, level: Level) -> LevelModel | None:
        """The model in force; ``None`` where the project has none of its own.

        Raises
        ------
        EnneadError
            The file is no model.
        """
        return read_model(self.file(level)) if self.file(level).is_file() else None

    def data(self, level: Level) -> Mapping[str, Any] | None:
        """The content of the file, checked.

        Raises
        ------
        EnneadError
            The file is no model.
        """
        return model_data(self.file(level)) if self.read(level) else None

    def write(self, level: Level, data: Mapping[str, Any]) -> Path:
        """Put a model in force and keep the one that was.

        Raises
        ------
        EnneadError
            It is no model of that level, or the file cannot be written.
        """
        if LevelModel.from_json(data).level != level:
            message = f"the model is one for the level {data['level']}, not {level}"
            raise EnneadError(message)
        text = json.dumps(data, separators=(",", ":"), allow_nan=False) + "\n"
        try:
            self._make()
            self._keep(level)
            _put(self.file(level), text)
        except OSError as error:
            message = f"cannot write {self.file(level)}: {error.strerror or error}"
            raise EnneadError(message) from error
        return self.file(level)

    def undo(self, level: Level) -> Undone:
        """Put the former model back in force, or the shipped one if there was no other.

        Raises
        ------
        EnneadError
            The project has no model of its own, or the file cannot be written.
        """
        if not self.file(level).is_file():
            message = f"there is nothing to undo: the project has no model of its own at level {level}"
            raise EnneadError(message)
        try:
            if self.former(level).is_file():
                self.former(level).replace(self.file(level))
                return "former"
            self.file(level).unlink()
        except OSError as error:
            message = f"cannot write {self.file(level)}: {error.strerror or error}"
            raise EnneadError(message) from error
        return "shipped"

    def _keep(self, level: Level) -> None:
        """What is in force becomes the former one; without one there is none to go back to."""
        if self.file(level).is_file():
            _put(self.former(level), self.file(level).read_text(encoding="utf-8"))
        else:
            self.former(level).unlink(missing_ok=True)

    def _make(self) -> None:
        home = self.folder.parent
        if not home.exists():
            home.mkdir(parents=True)
            # Ours alone, since we made it: whoever works here need not ignore it by hand.
            (home / ".gitignore").write_text("*\n", encoding="utf-8")
        (self.folder / "former").mkdir(parents=True, exist_ok=True)


def _put(file: Path, text: str) -> None:
    temporary = file.with_name(f".{file.name}")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(file)


def base_data(level: Level, place: str = "") -> Mapping[str, Any] | None:
    """The content of the model that a project starts from: without what was adapted; ``None`` where there is none.

    Parameters
    ----------
    level
        Of the evidence.
    place
        A folder of models, or one file; by default those that travel with the package.

    Raises
    ------
    EnneadError
        The file is no model.
    """
    file = Path(place) if place else Path(str(files("ennead.domains.nplusone") / "models"))
    file = file / f"{level}.json" if file.is_dir() else file
    if not file.is_file() or read_model(file).level != level:
        return None
    return {name: value for name, value in model_data(file).items() if name != "adaptation"}


def model_data(file: Path) -> dict[str, Any]:
    """The content of a file that is a model.

    Raises
    ------
    EnneadError
        It is none.
    """
    read_model(file)
    data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return data
