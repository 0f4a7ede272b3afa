"""The user's command: found the way a person means it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Sequence

NOT_FOUND = 127
NOT_EXECUTABLE = 126


class CommandError(EnneadError):
    """The command cannot be started; ``exit_code`` is what a shell would say."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def resolve(command: Sequence[str], folder: Path | None = None) -> list[str]:
    """The command as it is started: scripts and ``-m`` and ``-c`` get the Python that runs Ennead.

    A program is looked for on the path, then beside that Python, so that ``.venv/bin/ennead run -- pytest`` works
    without an activated environment.

    Parameters
    ----------
    command
        As it is typed.
    folder
        Where it is started, if that is not here; a program that is named by a path is told by the whole path then.

    Raises
    ------
    CommandError
        There is no such program.

    Examples
    --------
    >>> resolve(["-m", "pytest"])[1:]
    ['-m', 'pytest']
    """
    program = command[0]
    there = Path(folder or "", program)
    if program.startswith("-"):
        return [sys.executable, *command]
    if program.endswith(".py") and there.is_file():
        return [sys.executable, *command]
    if folder is not None and Path(program).name != program:  # a path, which may be relative to the folder
        found = shutil.which(there.absolute())
    else:
        found = shutil.which(program) or shutil.which(program, path=str(Path(sys.executable).parent))
    if found is None:
        if there.is_file():
            raise CommandError(f"{program} is not executable: run it with 'python {program}'", NOT_EXECUTABLE)
        if program.endswith(".py"):
            raise CommandError(f"there is no script {there.absolute()}", NOT_FOUND)
        raise CommandError(f"there is no program {program!r} on the path", NOT_FOUND)
    return [str(found), *command[1:]]
