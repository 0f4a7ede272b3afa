"""How often the watched lines ran: an access that is no longer executed needs no query, and is no fix."""

from __future__ import annotations

import os
import sys
import threading
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import CodeType, FrameType


class LineCounter:
    """Counts executions of named lines through Python's tracing, in the functions that hold them and no others.

    Parameters
    ----------
    scratch
        The folder that the files are relative to.
    lines
        By file.
    """

    def __init__(self, scratch: str, lines: Mapping[str, tuple[int, ...]]) -> None:
        self._names = {os.path.realpath(f"{scratch}/{name}"): name for name in lines}
        self._lines = {name: frozenset(numbers) for name, numbers in lines.items()}
        # What next() gives is not lost when two threads ask at once.
        self._counts = {(name, line): count() for name, numbers in lines.items() for line in numbers}
        self._known: dict[int, tuple[CodeType, str | None]] = {}
        """By identity, the code kept alive with it: two files may hold functions that are equal."""

    def start(self) -> None:
        """Trace this thread and those that it starts; nothing at all if no line is watched."""
        if self._names:
            threading.settrace(self._trace)
            sys.settrace(self._trace)

    def take(self) -> dict[str, dict[int, int]]:
        """The counts so far, by file and line; they begin anew."""
        before, self._counts = self._counts, {key: count() for key in self._counts}
        counts: dict[str, dict[int, int]] = {}
        for (name, line), counter in before.items():
            executions = next(counter)
            if executions:
                counts.setdefault(name, {})[line] = executions
        return counts

    def _trace(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        code = frame.f_code
        known = self._known.get(id(code))
        if known is None:
            known = self._known[id(code)] = (code, self._name_of(code))
        name = known[1]
        if name is None:
            return None
        lines = self._lines[name]

        def trace(inner: FrameType, event: str, _argument: Any) -> Any:
            if event == "line" and inner.f_lineno in lines:
                next(self._counts[name, inner.f_lineno])
            return trace

        return trace

    def _name_of(self, code: CodeType) -> str | None:
        name = self._names.get(os.path.realpath(code.co_filename))
        if name is None:
            return None
        own = {line for _, _, line in code.co_lines() if line}
        return name if own & self._lines[name] else None
