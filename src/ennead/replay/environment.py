"""What a replay tells the processes it starts: one file, named by an environment variable that children inherit."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

REPLAY_FILE = "ENNEAD_REPLAY"
COMPANION = "ennead.replay.witness"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayEnvironment:
    """Where a replay takes place, and what is to be watched."""

    folder: str
    """The replay's own folder, absolute: notes, temporary files, copies of databases."""
    scratch: str
    """The copy of the project, inside of the folder."""
    root: str
    """The project itself; no process of the replay may change it."""
    store: str
    """Where copies of databases are made from; processes add to it what they are the first to use."""
    watched_lines: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Lines whose executions are counted, by file relative to the root."""
    allowed_addresses: tuple[str, ...] = ()
    """``host:port`` that may be connected to besides databases."""

    def write(self) -> Path:
        """Put it into the folder; the file's path goes into the environment variable."""
        path = Path(self.folder, "replay.json")
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")
        return path

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """What :meth:`write` wrote.

        Raises
        ------
        KeyError, OSError, ValueError
            There is none, or it cannot be read.
        """
        with open(environ[REPLAY_FILE], encoding="utf-8") as file:  # noqa: PTH123 -- every process starts with this
            data = json.load(file)
        data["watched_lines"] = {name: tuple(lines) for name, lines in data["watched_lines"].items()}
        data["allowed_addresses"] = tuple(data["allowed_addresses"])
        return cls(**data)


def note_file(folder: str) -> str:
    """Where the current process writes what it witnessed."""
    return os.path.join(folder, f"witness-{os.getpid()}.jsonl")  # noqa: PTH118 -- as above
