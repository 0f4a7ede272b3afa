"""What the processes of a replay decided about databases: one fixed map for all of them, written line by line."""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Engine = Literal["sqlite", "postgresql", "mariadb"]
Kind = Literal["copied", "in place", "created", "memory"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Where the connections to one database go."""

    engine: Engine
    kind: Kind
    """``copied``: to a copy; ``in place``: a file of the scratch copy; ``created``: the work made it itself, under a
    name of the replay; ``memory``: nothing is left of it after the work."""
    original: str
    """What it stands for: an absolute path, or ``host:port/database``."""
    copy: str
    """An absolute path, or the name of a database on the same server."""
    name: str
    """What people call it: the path below the project, or the name on the server."""
    server: Mapping[str, Any] = field(default_factory=dict)
    """How the server is reached: host, port, user, password ... in the terms of :mod:`.servers`."""


class DecisionLog:
    """The decisions of one replay.

    Parameters
    ----------
    folder
        Made if it is not there yet.
    """

    def __init__(self, folder: str | Path) -> None:
        self._path = Path(folder, "decisions.jsonl")
        self._lock = Path(folder, "lock")

    @contextmanager
    def locked(self) -> Iterator[dict[tuple[str, str], Decision]]:
        """Hold the lock that all processes of the replay share; what was decided so far, by engine and original."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield {(decision.engine, decision.original): decision for decision in self.read()}
        finally:
            # A child that was forked meanwhile has the descriptor, too: closing alone would leave it locked.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.close(descriptor)

    def append(self, decision: Decision) -> None:
        """Write one; to be called under the lock."""
        line = json.dumps(asdict(decision)).encode() + b"\n"
        # Passwords of servers may be among it.
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)

    def read(self) -> list[Decision]:
        """All of them; a line torn by a crash is left out."""
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        return [Decision(**data) for line in lines if (data := _parsed(line)) is not None]


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        data: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return data
