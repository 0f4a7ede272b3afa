"""Appending records to a file, each with a single write: several processes and a reader may be at it at once."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class RecordWriter:
    """Appends JSON lines to a file up to a size; a file that cannot be written is counted, not raised.

    The file is opened for each line. A descriptor kept open would be closed under us by a host that becomes a daemon,
    and its number would soon belong to one of the host's own files.

    Parameters
    ----------
    path
        The file; made with the first line.
    max_bytes
        Lines that would take the file past it are counted, not written.
    """

    def __init__(self, path: str, max_bytes: int) -> None:
        self.path = path
        self.refused_count = 0
        """Lines that were too many."""
        self.error_count = 0
        """Lines that could not be written: the disk is full, the folder is gone."""
        self._free_bytes = max_bytes
        self._torn = False

    def append(self, record: Mapping[str, Any]) -> bool:
        """Write one line; whether it was written."""
        line = json.dumps(record, separators=(",", ":")).encode("ascii") + b"\n"
        if len(line) > self._free_bytes:
            self.refused_count += 1
            return False
        self._free_bytes -= len(line)
        if self._torn:  # whatever comes next must not be glued to a torso
            line = b"\n" + line
        try:
            self._torn = _append(self.path, line) < len(line)
        except OSError:
            self.error_count += 1
            return False
        self.error_count += self._torn
        return not self._torn


def _append(path: str, line: bytes) -> int:
    """Append with a single write; how many bytes went through (fewer, if the disk is full)."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        return os.write(descriptor, line)
    finally:
        os.close(descriptor)
