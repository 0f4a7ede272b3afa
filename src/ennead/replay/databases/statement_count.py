"""Counting statements in shared memory: what a process counted outlives it, however it ends."""

from __future__ import annotations

import mmap
import os
import secrets
import struct
from pathlib import Path
from threading import Lock

_NUMBER = struct.Struct("<Q")


class StatementCounter:
    """Counts what reaches the drivers of this process; a forked child counts for itself.

    The number lives in a mapped file of the replay's folder, so neither ``os._exit`` nor a signal loses it.

    Parameters
    ----------
    folder
        Where each process has its file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     counter = StatementCounter(folder)
    ...     counter.start()
    ...     counter.add(); counter.add(); read_count(folder)
    2
    """

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)
        self._lock = Lock()
        self._count = 0
        self._memory: mmap.mmap | None = None

    def start(self) -> None:
        """Begin to count."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._begin()
        if hasattr(os, "register_at_fork"):  # not on Windows
            os.register_at_fork(after_in_child=self._begin)

    def add(self) -> None:
        """One statement more."""
        with self._lock:
            self._count += 1
            if self._memory is not None:
                _NUMBER.pack_into(self._memory, 0, self._count)

    def _begin(self) -> None:
        self._lock = Lock()  # another thread of the parent may have held it when this process was forked
        self._count = 0
        path = self._folder / f"{os.getpid()}-{secrets.token_hex(4)}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(descriptor, _NUMBER.size)
            self._memory = mmap.mmap(descriptor, _NUMBER.size)
        finally:
            os.close(descriptor)


def read_count(folder: str | Path) -> int:
    """Statements that all processes counted together."""
    try:
        files = [path.read_bytes() for path in Path(folder).iterdir()]
    except FileNotFoundError:
        return 0
    return sum(_NUMBER.unpack(content)[0] for content in files if len(content) == _NUMBER.size)
