"""The models of a project: one file for each level in ``.ennead/model``, and imported verdicts, each with the former.

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
from ennead.domains.nplusone.signature_counts import SIGNATURES, read_signatures
from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ennead.domains.nplusone.levels import Level
    from ennead.domains.nplusone.signature_counts import SignatureCount

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
        self._put_in_force(self.file(level), data)
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
        return "former" if self._put_back(self.file(level)) else "shipped"

    # ------------------------------------------------------------------------------------------ imported verdicts

    @property
    def signatures_file(self) -> Path:
        """The imported verdicts by kind of evidence."""
        return self.folder / SIGNATURES

    def read_signatures(self) -> tuple[SignatureCount, ...]:
        """The imported verdicts; none without a file.

        Raises
        ------
        EnneadError
            The file is broken.
        """
        return read_signatures(self.folder)

    def write_signatures(self, counts: Iterable[SignatureCount]) -> None:
        """Put imported verdicts in force and keep those that were.

        Raises
        ------
        EnneadError
            The file cannot be written.
        """
        self._put_in_force(self.signatures_file, [count.to_json() for count in counts])

    def undo_signatures(self) -> None:
        """Put the former imported verdicts back in force, or none."""
        self._put_back(self.signatures_file)

    # ------------------------------------------------------------------------------------------ files

    def _put_in_force(self, file: Path, data: object) -> None:
        """Write a file; what was there becomes the former one, and without any there is none to go back to."""
        text = json.dumps(data, separators=(",", ":"), allow_nan=False) + "\n"
        try:
            self._make()
            if file.is_file():
                _put(_former(file), file.read_text(encoding="utf-8"))
            else:
                _former(file).unlink(missing_ok=True)
            _put(file, text)
        except OSError as error:
            message = f"cannot write {file}: {error.strerror or error}"
            raise EnneadError(message) from error

    def _put_back(self, file: Path) -> bool:
        """Put the former file back, or remove the file if there is none; whether there was one."""
        try:
            if _former(file).is_file():
                _former(file).replace(file)
                return True
            file.unlink(missing_ok=True)
        except OSError as error:
            message = f"cannot write {file}: {error.strerror or error}"
            raise EnneadError(message) from error
        return False

    def _make(self) -> None:
        home = self.folder.parent
        if not home.exists():
            home.mkdir(parents=True)
            # Ours alone, since we made it: whoever works here need not ignore it by hand.
            (home / ".gitignore").write_text("*\n", encoding="utf-8")
        (self.folder / "former").mkdir(parents=True, exist_ok=True)


def _former(file: Path) -> Path:
    return file.parent / "former" / file.name


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
