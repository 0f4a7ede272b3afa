"""Putting a verified change into the project, if the files are still those that it was verified on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.fixes.patch import apply_files
from ennead.fixes.project_sources import ProjectSources
from ennead.kernel.errors import EnneadError
from ennead.replay.uncommitted import uncommitted

if TYPE_CHECKING:
    from pathlib import Path

    from ennead.runs.kept_changes import KeptChange


def apply_change(root: Path, change: KeptChange, *, force: bool = False) -> list[str]:
    """Write the files of a change.

    Parameters
    ----------
    root
        The project.
    change
        What was verified.
    force
        Change files with uncommitted edits, too.

    Returns
    -------
    list of str
        The files that were written, relative to the root.

    Raises
    ------
    EnneadError
        A file is not the user's own, differs from what the change was verified on, has uncommitted edits, or cannot be
        written. None is written then, the last case excepted.
    """
    sources = ProjectSources(root)
    for name, before in change.before.items():
        if not sources.is_editable(name) or not (root / name).resolve().is_relative_to(root.resolve()):
            message = f"{name} is no file of the project: nothing was changed"
            raise EnneadError(message)
        if sources.text(name) != before:
            message = f"{name} was changed since the fix was verified: look for the fix again"
            raise EnneadError(message)
    there = [name for name, before in change.before.items() if before is not None]
    edited = [] if force else uncommitted(root, there)
    if edited:
        message = f"{', '.join(edited)} has uncommitted edits: commit them first, or use --force (for agents: force)"
        raise EnneadError(message)
    apply_files(root, change.after)
    return sorted(change.after)
