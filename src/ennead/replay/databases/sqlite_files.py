"""Copying SQLite files with SQLite's own means: what is in a write-ahead log goes along, and no reader disturbs."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MAGIC = b"SQLite format 3\x00"
_SIDE_FILES = ("-journal", "-wal", "-shm")
# The driver's own, however it is patched later.
_connect: Callable[..., sqlite3.Connection] = sqlite3.connect


def is_database(path: Path) -> bool:
    """Whether a file begins like a database of SQLite.

    Examples
    --------
    >>> is_database(Path("/dev/null")), is_database(Path("/nowhere"))
    (False, False)
    """
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def copy_database(source: str | Path, target: str | Path) -> None:
    """Copy what is committed in ``source``; ``target`` is replaced.

    Raises
    ------
    EnneadError
        The source cannot be read, or the target cannot be written.
    """
    remove_database(target)
    try:
        try:
            _back_up(source, target)
        except sqlite3.OperationalError:
            # A log to be recovered beside a file that may only be read: recover it in a copy.
            remove_database(target)
            with _set_apart(Path(source), Path(target).parent) as apart:
                _back_up(apart, target, mode="rw")
    except (sqlite3.Error, OSError) as error:
        message = f"cannot copy the SQLite database {source} to {target}: {error}"
        raise EnneadError(message) from error


def remove_database(path: str | Path) -> None:
    """Remove a database with its journals, if it is there."""
    for suffix in ("", *_SIDE_FILES):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def open_database(path: str | Path, mode: str = "rw") -> sqlite3.Connection:
    """Open a file that exists already, never a new one."""
    return _connect(f"file:{quote(os.fspath(path))}?mode={mode}", uri=True, timeout=30.0)


def _back_up(source: str | Path, target: str | Path, mode: str = "ro") -> None:
    with closing(open_database(source, mode)) as reading, closing(_connect(os.fspath(target))) as writing:
        reading.backup(writing)


@contextmanager
def _set_apart(source: Path, folder: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=folder) as apart:
        for suffix in ("", "-journal", "-wal"):
            path = Path(f"{source}{suffix}")
            if path.exists():
                shutil.copyfile(path, Path(apart, source.name + suffix))
        yield Path(apart, source.name)
