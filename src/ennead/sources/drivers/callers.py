"""Who asks a driver: somebody whose queries are recorded already, or anybody else.

The frames outwards of the driver's method tell it for each query: the first one that is a claimed library's or the
user's. An ORM calls the driver itself, and so is found in two or three steps.
"""

from __future__ import annotations

from pathlib import Path
from sys import _getframe
from typing import TYPE_CHECKING

from ennead.agent.call_path import FILE_KINDS
from ennead.agent.places import USER

if TYPE_CHECKING:
    from types import FrameType

_FURTHEST = 24
_OURS = str(Path(__file__).parents[1] / "dbapi") + "/"
_claimed: list[str] = [_OURS]
_known: dict[str, bool] = {}


def claim(path: str) -> None:
    """Note that queries which come from files below ``path`` are recorded by another source."""
    _claimed.append(path)
    _known.clear()


def release(path: str) -> None:
    """Undo :func:`claim`."""
    if path in _claimed:
        _claimed.remove(path)
        _known.clear()


def is_recorded_elsewhere() -> bool:
    """Whether the query that the calling hook is about to run comes from a claimed library."""
    frame: FrameType | None = _getframe(2)
    for _ in range(_FURTHEST):
        if frame is None:
            return False
        filename = frame.f_code.co_filename
        claimed = _known.get(filename)
        if claimed is None:
            claimed = _known[filename] = filename.startswith(tuple(_claimed))
        if claimed:
            return True
        if FILE_KINDS.of(filename, frame) == USER:
            return False
        frame = frame.f_back
    return False
