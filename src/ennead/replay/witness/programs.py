"""Programs that the work starts: a Python is isolated like the work itself, if it reads the environment."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from functools import wraps
from inspect import signature
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Self

from ennead.agent.patching import PatchSet
from ennead.replay.environment import REPLAY_FILE
from ennead.runs.environment import BOOTSTRAP_FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ennead.agent.import_hook import ImportWatcher
    from ennead.agent.patching import Patch

_PYTHONS = ("python", "pypy")
_BLIND = frozenset("ISE")
"""Options under which Python would start without us."""
_ENDING = frozenset("cm")
"""Options behind which the program's own arguments stand."""
_TAKING = frozenset("WX")
"""Options with a value."""
PROGRAM_EVENTS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system")
"""Audit events that tell of a program."""
_patches = PatchSet()


@dataclass(frozen=True, slots=True)
class ProgramStart:
    """A program that is about to be started."""

    path: str
    arguments: tuple[str, ...]
    """The first one is the program's name once more."""
    variables: Mapping[Any, Any] | None = None
    """Its environment; ``None`` if it is this process's own, or not told."""

    @property
    def name(self) -> str:
        """Without folders."""
        return PurePath(self.path).name

    @classmethod
    def of(cls, event: str, arguments: tuple[Any, ...]) -> Self:
        """What one of :data:`PROGRAM_EVENTS` tells."""
        if event == "os.system":
            path, words, variables = "sh", ["sh", "-c", arguments[0]], None
        elif event == "subprocess.Popen":
            path, words, _, variables = arguments
        else:
            path, words, variables = arguments
        told = [os.fsdecode(word) for word in ([words] if isinstance(words, str | bytes | os.PathLike) else words)]
        return cls(
            os.fsdecode(path or (told[0] if told else "")),
            tuple(told),
            variables if hasattr(variables, "keys") else None,
        )


def python_options(program: ProgramStart) -> Sequence[str] | None:
    """What stands behind the name of a Python, of a script's first line too; ``None`` if the program is no Python."""
    if _is_python(program.name):
        return program.arguments[1:]
    words = _first_line(program.path).split()
    at = next((at for at, word in enumerate(words) if _is_python(PurePath(word).name)), None)
    return None if at is None else words[at + 1 :]


def reads_no_environment(options: Sequence[str]) -> bool:
    """Whether a Python with these options starts without what its environment says.

    Examples
    --------
    >>> reads_no_environment(["-u", "-sE", "app.py"]), reads_no_environment(["-W", "-I", "app.py", "-S"])
    (True, False)
    """
    is_value = False
    for option in options:
        if is_value:
            is_value = False
        elif not option.startswith("-") or option == "-":
            return False
        elif not option.startswith("--"):
            for at, letter in enumerate(option[1:], 2):
                if letter in _BLIND:
                    return True
                if letter in _ENDING:
                    return False
                if letter in _TAKING:
                    is_value = at == len(option)
                    break
    return False


def has_environment(program: ProgramStart) -> bool:
    """Whether the started program is told of the replay."""
    return program.variables is None or _names(program.variables) >= {REPLAY_FILE}


def hand_on_environment(watcher: ImportWatcher) -> None:
    """Tell programs of the replay though they get an environment of their own."""
    told = {name: value for name, value in os.environ.items() if name.startswith("ENNEAD_")}
    watcher.when_imported(
        "subprocess", lambda: _patches.add(sys.modules["subprocess"].Popen, "__init__", _handing_on(told))
    )


def completed(variables: Mapping[Any, Any] | None, told: Mapping[str, str]) -> Mapping[Any, Any] | None:
    """An environment with what is told in every process of a replay.

    Examples
    --------
    >>> completed({"LANG": "C"}, {"ENNEAD_REPLAY": "/r"})["ENNEAD_REPLAY"]
    '/r'
    """
    given = os.environ if variables is None else variables
    path = next((os.fsdecode(value) for name, value in given.items() if name in ("PYTHONPATH", b"PYTHONPATH")), "")
    entries = path.split(os.pathsep) if path else []
    missing = {name: value for name, value in told.items() if name not in _names(given)}
    if BOOTSTRAP_FOLDER not in entries:
        missing["PYTHONPATH"] = os.pathsep.join([BOOTSTRAP_FOLDER, *entries])
    if not missing:
        return variables
    return {name: value for name, value in given.items() if name != b"PYTHONPATH"} | missing


def _handing_on(told: Mapping[str, str]) -> Callable[[Any, Patch], Any]:
    def make(original: Callable[..., Any], _patch: Patch) -> Callable[..., Any]:
        parameters = signature(original)

        @wraps(original)
        def __init__(self: Any, *arguments: Any, **options: Any) -> None:  # noqa: N807 -- it replaces that method
            bound = parameters.bind(self, *arguments, **options)
            bound.arguments["env"] = completed(bound.arguments.get("env"), told)
            original(*bound.args, **bound.kwargs)

        return __init__

    return make


def _names(variables: Mapping[Any, Any]) -> set[str]:
    return {os.fsdecode(name) for name in variables}


def _is_python(name: str) -> bool:
    return name.startswith(_PYTHONS)


def _first_line(program: str) -> str:
    """The first line of a script, without its ``#!``; empty for any other program."""
    found = shutil.which(program)
    if found is None:
        return ""
    try:
        with open(found, "rb") as file:  # noqa: PTH123 -- runs at every start of a program
            line = file.readline(1_000)
    except OSError:
        return ""
    return os.fsdecode(line[2:]) if line.startswith(b"#!") else ""
