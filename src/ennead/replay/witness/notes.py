"""What a process witnessed, written line by line: a process that is killed loses nothing that it noted before."""

from __future__ import annotations

import json
import os
from typing import Any

from ennead.replay.environment import note_file


class Notes:
    """Notes of the current process; a forked child goes on in a file of its own.

    There is no lock, which a child could inherit and a signal handler could wait for: a line is one write.

    Parameters
    ----------
    folder
        The replay's.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._seen: set[str] = set()

    def add(self, kind: str, **facts: Any) -> None:
        """Write one note."""
        self._write(_line(kind, facts))

    def add_once(self, kind: str, **facts: Any) -> None:
        """Write a note unless the same one was written by this process before."""
        line = _line(kind, facts)
        if line not in self._seen:
            self._seen.add(line)
            self._write(line)

    def _write(self, line: str) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        descriptor = os.open(note_file(self._folder), flags, 0o600)
        try:
            os.write(descriptor, line.encode() + b"\n")
        finally:
            os.close(descriptor)


def _line(kind: str, facts: dict[str, Any]) -> str:
    return json.dumps({"note": kind, **facts}, default=str)
