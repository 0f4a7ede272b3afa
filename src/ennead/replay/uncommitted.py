"""Which files of a project have edits that git does not know yet, and what stood there before."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_NO_REPOSITORY = "not a git repository"


def uncommitted(root: Path, files: Iterable[str]) -> list[str]:
    """Those of the files that differ from what is committed; none where there is no git repository.

    Raises
    ------
    EnneadError
        There is a repository, and git refuses to tell.
    """
    names = sorted(files)
    if not names:
        return []
    try:
        answer = _git(root, "ls-files", "--full-name", "-z", "--", *names)
        tracked = set(_split(answer))
        top = _git(root, "rev-parse", "--show-prefix").rstrip("\n")
        status = _git(root, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", *names)
    except _GitError as error:
        if error.is_missing:
            return []
        message = f"git does not tell which files of {root} have uncommitted edits: {error}"
        raise EnneadError(message) from error
    edited = {entry[3:].removeprefix(top) for entry in _split(status)}
    return sorted(edited | {name for name in names if tracked and top + name not in tracked})


def committed_files(root: Path) -> tuple[dict[str, str | None], dict[str, str]]:
    """Edited files as they were committed, and as they are now: texts, and of new files those that are Python.

    What was not committed is ``None`` in the first; what was deleted is missing in the second.

    Raises
    ------
    EnneadError
        The project is in no git repository, or nothing in it was edited.
    """
    try:
        _git(root, "rev-parse", "--verify", "HEAD")  # its words for what is missing are plainer than those of diff
        edited = _split(_git(root, "diff", "--name-only", "--no-renames", "--relative", "-z", "HEAD", "--"))
        others = _split(_git(root, "ls-files", "--others", "--exclude-standard", "-z"))
    except _GitError as error:
        message = f"{root} is in no git repository with a commit: there is nothing to compare the change with ({error})"
        raise EnneadError(message) from error
    before: dict[str, str | None] = {}
    after: dict[str, str] = {}
    for name in [*edited, *(name for name in others if name.endswith(".py"))]:
        was, now = _committed_text(root, name), _text_now(root / name)
        if was is _NO_TEXT or now is _NO_TEXT:
            continue
        before[name] = was if isinstance(was, str) else None
        if isinstance(now, str):
            after[name] = now
    if not before:
        message = "nothing was edited since the last commit: there is no change to verify"
        raise EnneadError(message)
    return before, after


_NO_TEXT = object()
"""What stands for the content of a link, a folder, a database, an image."""


def _text_now(path: Path) -> str | object | None:
    if path.is_symlink() or path.is_dir():
        return _NO_TEXT
    try:
        return _text(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError:
        return _NO_TEXT


def _committed_text(root: Path, name: str) -> str | object | None:
    """The text as it would be checked out; ``None`` if it is not committed."""
    try:
        mode = _git(root, "ls-tree", "-z", "HEAD", "--", name)
        if not mode:
            return None
        if not mode.startswith("100"):  # a link, a submodule
            return _NO_TEXT
        return _text(_git_bytes(root, "cat-file", "--filters", f"HEAD:./{name}"))
    except _GitError:
        return _NO_TEXT


def _text(content: bytes) -> str | object:
    try:
        return _NO_TEXT if b"\0" in content else content.decode("utf-8")
    except UnicodeDecodeError:
        return _NO_TEXT


class _GitError(Exception):
    """What git says; ``is_missing`` if there is no git, or no repository."""

    def __init__(self, message: str, *, is_missing: bool) -> None:
        super().__init__(message)
        self.is_missing = is_missing


def _split(answer: str) -> list[str]:
    return [entry for entry in answer.split("\0") if entry]


def _git(root: Path, *arguments: str) -> str:
    return _git_bytes(root, *arguments).decode("utf-8", "surrogateescape")


def _git_bytes(root: Path, *arguments: str) -> bytes:
    command = ["git", "--literal-pathspecs", *arguments]
    environment = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, check=False)
    except OSError as error:
        raise _GitError(str(error), is_missing=True) from error
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines() or [f"exit code {done.returncode}"]
        raise _GitError(words[0], is_missing=_NO_REPOSITORY in words[0])
    return done.stdout
