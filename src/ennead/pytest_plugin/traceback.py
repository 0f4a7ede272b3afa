"""The traceback of an N+1 ends at the user's line, not in the database driver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.agent.call_path import FILE_KINDS
from ennead.agent.places import USER

if TYPE_CHECKING:
    from types import TracebackType


def cut_at_the_access(traceback: TracebackType | None) -> None:
    """Leave out what the libraries called after the user's innermost line; nothing, if there is no such line."""
    innermost: TracebackType | None = None
    while traceback is not None:
        frame = traceback.tb_frame
        if FILE_KINDS.of(frame.f_code.co_filename, frame) == USER:
            innermost = traceback
        traceback = traceback.tb_next
    if innermost is not None:
        innermost.tb_next = None
