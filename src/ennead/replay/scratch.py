"""A copy of the project to work on: the user's files stay as they are."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ennead.kernel.errors import EnneadError
from ennead.replay.databases.sqlite_files import is_database

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

_LEFT_OUT = frozenset(
    {
        ".git", ".hg", ".svn", ".ennead", ".tox", ".nox", ".venv", "__pycache__", "node_modules",
        ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".bench", ".idea", ".vscode",
    }
)  # fmt: skip
_ENVIRONMENT_MARKS = ("pyvenv.cfg", "conda-meta")
_NOT_COMPARED = ("-journal", "-wal", "-shm", ".pyc")
_COVERAGE = ".coverage"
"""Begins the names of files that coverage writes: their content follows the code, not the work."""
_LARGEST_BYTES = 2_000_000_000


class Scratch:
    """A project folder copied for one replay.

    Parameters
    ----------
    path
        The copy.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._digests: dict[str, str] = {}

    @classmethod
    def copy(cls, root: Path, path: Path, files: Mapping[str, str], without: Collection[str] = ()) -> Scratch:
        """Copy a project and lay changed files over the copy.

        Version control, environments, caches and recorded runs are left out. A link to something in the project leads
        to its copy.

        Parameters
        ----------
        root
            The project.
        path
            The copy; must not exist yet.
        files
            Texts by path relative to the root.
        without
            Files that the copy shall not have.

        Raises
        ------
        EnneadError
            It cannot be copied, or is too large.
        """
        try:
            if size_of(root) > _LARGEST_BYTES:
                message = f"{root} holds more than {_LARGEST_BYTES // 10**9} GB: set ENNEAD_PROJECT_ROOT to the code"
                raise EnneadError(message)
            shutil.copytree(root, path, ignore=_left_out(path), symlinks=True)
            _lead_links(root.resolve(), path)
            for name in without:
                (path / name).unlink(missing_ok=True)
            for name, text in files.items():
                _lay_over(path / name, text)
        except (OSError, shutil.Error) as error:
            message = f"cannot copy {root} to {path}: {_cause_of(error)}"
            raise EnneadError(message) from error
        scratch = cls(path)
        scratch._digests = dict(scratch._digest_files())
        return scratch

    def written(self) -> dict[str, str]:
        """Digest of each file that is new or has changed since the copy was made, databases left out."""
        return {name: digest for name, digest in self._digest_files() if self._digests.get(name) != digest}

    def _digest_files(self) -> Iterator[tuple[str, str]]:
        for path in project_files(self.path):
            if path.name.endswith(_NOT_COMPARED) or path.name.startswith(_COVERAGE) or is_database(path):
                continue
            try:
                digest = hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
            except OSError:
                continue
            yield path.relative_to(self.path).as_posix(), digest


def size_of(root: Path) -> int:
    """Bytes that a copy of a project takes."""
    return sum(path.stat().st_size for path in project_files(root))


def is_left_out(path: Path) -> bool:
    """Whether a folder is not copied: version control, environments, caches."""
    return path.name in _LEFT_OUT or any((path / mark).exists() for mark in _ENVIRONMENT_MARKS)


def _left_out(copy: Path) -> Callable[[str, list[str]], set[str]]:
    def ignore(folder: str, names: list[str]) -> set[str]:
        return {name for name in names if _is_ignored(Path(folder, name), copy)}

    return ignore


def _is_ignored(path: Path, copy: Path) -> bool:
    if path.is_symlink():
        return path.name in _LEFT_OUT
    if path.is_dir():
        return is_left_out(path) or path in (copy, *copy.parents[:2])  # temporary files may lie in the project
    return path.name in _LEFT_OUT or not path.is_file()  # sockets and pipes cannot be copied


def _lead_links(root: Path, copy: Path) -> None:
    """Let links lead where they led: into the copy if that was in the project, else to the same place as before."""
    for link in _links(copy):
        before = root / link.relative_to(copy)
        target = Path(os.path.normpath(before.parent / link.readlink()))
        if target.is_relative_to(root):
            target = copy / target.relative_to(root)
            if not os.path.lexists(target):  # what was left out: an environment, say
                target = root / target.relative_to(copy)
        link.unlink()
        link.symlink_to(target)


def _lay_over(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_symlink():  # the user's own file may stand behind it
        target.unlink()
    with target.open("w", encoding="utf-8", newline="") as file:
        file.write(text)


def _cause_of(error: OSError | shutil.Error) -> str:
    """One cause, even if there are many."""
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list):
        source, _, cause = error.args[0][0]
        return f"{source}: {cause}"
    return error.strerror or str(error)


def project_files(root: Path) -> Iterator[Path]:
    """The files of a project that a copy holds; links are left out."""
    return (path for path in _walk(root) if not path.is_symlink() and path.is_file())


def _links(root: Path) -> Iterator[Path]:
    return (path for path in _walk(root) if path.is_symlink())


def _walk(root: Path) -> Iterator[Path]:
    """Everything in a folder but what is not copied; folders that cannot be read are passed over."""
    pending = [root]
    while pending:
        try:
            paths = list(pending.pop().iterdir())
        except OSError:
            continue
        for path in paths:
            if path.is_symlink() or not path.is_dir():
                yield path
            elif not is_left_out(path):
                pending.append(path)
