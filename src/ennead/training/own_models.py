"""The models of a project: one file for each level in ``.ennead/model``, and imported verdicts, each with the former.

What is written was checked first, and is written beside the file and then put in its place: a process that reads in
between sees the old model or the new one. Which files a change touched is noted beside them: an undo leaves the others
alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ennead.domains.nplusone.levels import LEVELS, Level
from ennead.domains.nplusone.model import OWN_FOLDER, LevelModel, read_model
from ennead.domains.nplusone.signature_counts import SIGNATURES, read_signatures
from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ennead.domains.nplusone.signature_counts import SignatureCount

Undone = Literal["former", "shipped"]
"""What decides after an undo."""
_LAST_CHANGE = "last-change.json"
"""The names of the files that the last change touched and no undo put back."""


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
        """Put a model in force and keep the one that was: a change of one level.

        Raises
        ------
        EnneadError
            As for :meth:`change`.
        """
        self.change({level: data})
        return self.file(level)

    def change(
        self, models: Mapping[Level, Mapping[str, Any]], signatures: Iterable[SignatureCount] | None = None
    ) -> None:
        """Put models and imported verdicts in force and keep those that were: one change, undone as one.

        Parameters
        ----------
        models
            By level.
        signatures
            Imported verdicts; ``None``: those in force stay.

        Raises
        ------
        EnneadError
            One is no model of its level, or a file cannot be written.
        """
        for level, data in models.items():
            if LevelModel.from_json(data).level != level:
                message = f"the model is one for the level {data['level']}, not {level}"
                raise EnneadError(message)
        contents: dict[Path, object] = {self.file(level): data for level, data in models.items()}
        if signatures is not None:
            contents[self.signatures_file] = [count.to_json() for count in signatures]
        done: list[str] = []
        for file, content in contents.items():
            done.append(file.name)
            self._put_in_force(file, content, done)

    @property
    def undoable(self) -> tuple[Level, ...]:
        """The levels that the last change touched, as far as it is not undone.

        Raises
        ------
        EnneadError
            The note of the last change is broken.
        """
        changed = self._last_change()
        return tuple(level for level in LEVELS if self.file(level).name in changed)

    def undo(self, level: Level) -> Undone:
        """Put the former model back in force, or the shipped one if there was no other.

        Raises
        ------
        EnneadError
            The last change did not touch the level or is undone, or the file cannot be written.
        """
        if level not in self.undoable:
            raise EnneadError(self.nothing_to_undo(level))
        return "former" if self._put_back(self.file(level)) else "shipped"

    def nothing_to_undo(self, level: Level | None = None) -> str:
        """Why, and what there is to do, in one line."""
        where = f" at level {level}" if level else ""
        if not any(self.file(each).is_file() for each in ([level] if level else LEVELS)):
            return f"there is nothing to undo: the project has no model of its own{where}"
        place = self.file(level) if level else self.folder
        return (
            f"there is nothing left to undo{where} of the last import or training; the models that ship are in force "
            f"again without {place}"
        )

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
        self.change({}, counts)

    @property
    def has_undoable_signatures(self) -> bool:
        """Whether the last change brought imported verdicts and is not undone."""
        return self.signatures_file.name in self._last_change()

    def undo_signatures(self) -> None:
        """Put the former imported verdicts back in force, or none.

        Raises
        ------
        EnneadError
            As for :meth:`undo`.
        """
        if not self.has_undoable_signatures:
            raise EnneadError(self.nothing_to_undo())
        self._put_back(self.signatures_file)

    # ------------------------------------------------------------------------------------------ files

    def _put_in_force(self, file: Path, data: object, changed: list[str]) -> None:
        """Write a file; what was there becomes the former one, and without any there is none to go back to.

        The note follows file by file: of a change that fails halfway, an undo puts back what was written.
        """
        text = json.dumps(data, separators=(",", ":"), allow_nan=False) + "\n"
        try:
            self._make()
            if file.is_file():
                _put(_former(file), file.read_text(encoding="utf-8"))
            else:
                _former(file).unlink(missing_ok=True)
            _put(file, text)
            self._note(changed)
        except OSError as error:
            message = f"cannot write {file}: {error.strerror or error}"
            raise EnneadError(message) from error

    def _put_back(self, file: Path) -> bool:
        """Put the former file back, or remove the file if there is none; whether there was one."""
        left = [name for name in self._last_change() if name != file.name]
        try:
            has_former = _former(file).is_file()
            if has_former:
                _former(file).replace(file)
            else:
                file.unlink(missing_ok=True)
            self._note(left)
        except OSError as error:
            message = f"cannot write {file}: {error.strerror or error}"
            raise EnneadError(message) from error
        return has_former

    def _note(self, names: list[str]) -> None:
        _put(self.folder / _LAST_CHANGE, json.dumps(names) + "\n")

    def _last_change(self) -> tuple[str, ...]:
        file = self.folder / _LAST_CHANGE
        try:
            return tuple(map(str, json.loads(file.read_text(encoding="utf-8")))) if file.is_file() else ()
        except (OSError, TypeError, ValueError, RecursionError) as error:
            message = f"cannot read {file}: {error}; without it nothing can be undone"
            raise EnneadError(message) from error

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
