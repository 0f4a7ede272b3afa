"""The user's own files: read once, parsed once, with edits laid over them."""

from __future__ import annotations

import sys
import sysconfig
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import libcst as cst
from libcst.metadata import MetadataWrapper

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LEFT_OUT = frozenset({"node_modules", "site-packages", "dist-packages", "__pycache__", "migrations"})


class ProjectSources:
    r"""The files below the project root, as they are or as earlier edits left them.

    Parameters
    ----------
    root
        The project root; call sites name their files relative to it.
    changed
        New texts that stand for what is on disk, by relative path.

    Examples
    --------
    >>> sources = ProjectSources(Path("/nowhere"), {"app.py": "x = 1\n"})
    >>> sources.text("app.py"), sources.text("missing.py") is None
    ('x = 1\n', True)
    """

    def __init__(self, root: Path, changed: Mapping[str, str] | None = None) -> None:
        self.root = root
        self.changed = dict(changed or {})
        self._read: dict[str, str | None] = {}
        self._parsed: dict[str, MetadataWrapper | None] = {}

    def with_changes(self, files: Mapping[str, str]) -> ProjectSources:
        """The same project with further files changed."""
        changed = ProjectSources(self.root, {**self.changed, **files})
        changed._read = self._read
        return changed

    def text(self, file: str) -> str | None:
        """Text of a file; ``None`` if it is not there, not readable as UTF-8, or not the user's own.

        A file is read once: what is written from its text must not pass for a change of what somebody made of it since.
        """
        if file in self.changed:
            return self.changed[file]
        if file not in self._read:
            self._read[file] = self._text_on_disk(file) if self.is_editable(file) else None
        return self._read[file]

    def _text_on_disk(self, file: str) -> str | None:
        try:
            with (self.root / file).open(encoding="utf-8", newline="") as opened:
                return opened.read()
        except (OSError, UnicodeDecodeError):
            return None

    def tree(self, file: str) -> MetadataWrapper | None:
        """The file's syntax tree with positions; ``None`` if there is none."""
        if file not in self._parsed:
            self._parsed[file] = self._parse(file)
        return self._parsed[file]

    def is_editable(self, file: str) -> bool:
        """Whether a file is the user's own: inside the project, and not of an installed package."""
        path = Path(file)
        if path.is_absolute() or ".." in path.parts:
            return False
        if _LEFT_OUT.intersection(path.parts) and path.parts[-2:-1] != ("migrations",):
            return False
        whole = (self.root / path).resolve()
        return not any(whole.is_relative_to(folder) for folder in self._library_folders)

    def python_files(self) -> Iterator[str]:
        """Relative paths of the user's Python files, sorted; hidden folders and environments left out."""
        yield from self._python_files

    @cached_property
    def _python_files(self) -> list[str]:
        found = {file for file in self.changed if file.endswith(".py")}
        pending = [self.root]
        while pending:
            folder = pending.pop()
            if (folder / "pyvenv.cfg").exists():
                continue
            for path in _entries(folder):
                if path.is_dir():
                    if not path.name.startswith(".") and path.name not in _LEFT_OUT and not path.is_symlink():
                        pending.append(path)
                elif path.suffix == ".py":
                    found.add(path.relative_to(self.root).as_posix())
        return sorted(found)

    @cached_property
    def _library_folders(self) -> list[Path]:
        names = ("purelib", "platlib", "stdlib")
        folders = {Path(sysconfig.get_path(name)).resolve() for name in names}
        folders.add(Path(sys.prefix).resolve() / "lib")
        return [folder for folder in folders if folder.is_relative_to(self.root.resolve())]

    def _parse(self, file: str) -> MetadataWrapper | None:
        text = self.text(file) if file.endswith(".py") else None
        if text is None:
            return None
        try:
            return MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
        except (cst.ParserSyntaxError, RecursionError):
            return None


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
