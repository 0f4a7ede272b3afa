"""Putting a change of the user's files onto the disk, if it is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.fixes.comparison.edit import Edit
from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ennead.fixes.project_sources import ProjectSources


def edit_of(
    sources: ProjectSources, files: Mapping[str, str], moves: Mapping[str, Mapping[int, int]] | None = None
) -> Edit:
    """The edit from the project as it stands in ``sources`` to the same with ``files`` changed."""
    before = {name: text for name in files if (text := sources.text(name)) is not None}
    return Edit.between(before, files, moves)


def apply_files(root: Path, files: Mapping[str, str]) -> None:
    """Write changed files into the project.

    Raises
    ------
    EnneadError
        A file cannot be written; those before it in the order of names have been.
    """
    for name in sorted(files):
        try:
            with (root / name).open("w", encoding="utf-8", newline="") as file:
                file.write(files[name])
        except OSError as error:
            message = f"cannot write {root / name}: {error.strerror or error}"
            raise EnneadError(message) from error
