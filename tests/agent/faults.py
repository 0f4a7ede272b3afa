"""Fault injection: one line of ours after the other fails, wherever the host's program leads.

A trace function counts the lines of the package that run. A line is *guarded* if it, or a line of ours that called it,
stands in a ``try`` that swallows every exception; those lines are made to fail in turn. The others are listed, so that
a test can tell that they do nothing that can fail.
"""

from __future__ import annotations

import ast
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import ennead

LISTENER = "reading_listener"
"""Name of a test's function that listens to units of work: ours as far as its caller is concerned."""
ROOT = str(Path(ennead.__file__).parent) + "/"


class InjectedError(RuntimeError):
    """What a line of ours raises instead of doing what it does."""


class Line(NamedTuple):
    """A line of the package, in the function that it belongs to."""

    file: str
    line: int
    function: str

    def __str__(self) -> str:
        return f"{self.file.removeprefix(ROOT)}:{self.line} {self.function}"


class Tracer:
    """Notes the lines of the package that run, and makes one of them fail.

    Parameters
    ----------
    target
        The line to fail, each time it runs if ``every_time``, else the first time.
    """

    def __init__(self, target: Line | None = None) -> None:
        self.target = target
        self.guarded: dict[Line, None] = {}
        self.unguarded: dict[Line, None] = {}
        self.injected = 0

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(ROOT):
            return None
        if event == "line":
            self._visit(frame)
        return self

    def _visit(self, frame: FrameType) -> None:
        line = Line(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_qualname)
        if self.target is None:
            (self.guarded if _is_guarded(frame) else self.unguarded)[line] = None
        elif line == self.target and _is_guarded(frame):
            self.injected += 1
            raise InjectedError(str(line))


@contextmanager
def traced(tracer: Tracer) -> Iterator[Tracer]:
    """Trace this thread and those started meanwhile; what traced before, a coverage tool say, goes on afterwards."""
    before = sys.gettrace()
    sys.settrace(tracer)
    threading.settrace(tracer)
    try:
        yield tracer
    finally:
        threading.settrace(before)  # type: ignore[arg-type,unused-ignore]
        sys.settrace(before)


def lines_of(program: Callable[[], object]) -> Tracer:
    """The lines of the package that a program runs."""
    with traced(Tracer()) as tracer:
        program()
    return tracer


def _is_guarded(frame: FrameType | None) -> bool:
    while frame is not None and (frame.f_code.co_filename.startswith(ROOT) or frame.f_code.co_name == LISTENER):
        if frame.f_lineno in _guarded_lines(frame.f_code.co_filename):
            return True
        frame = frame.f_back
    return False


@cache
def _guarded_lines(file: str) -> frozenset[int]:
    tree = ast.parse(Path(file).read_text("utf-8"))
    return frozenset(line for node in ast.walk(tree) for line in _guarded_by(node))


def _guarded_by(node: ast.AST) -> Iterator[int]:
    swallows = (isinstance(node, ast.Try) and any(map(_swallows_everything, node.handlers))) or (
        isinstance(node, ast.With) and any(_is_suppression(item.context_expr) for item in node.items)
    )
    if swallows:
        for statement in node.body:  # type: ignore[attr-defined,unused-ignore]
            yield from range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)


def _swallows_everything(handler: ast.ExceptHandler) -> bool:
    caught = handler.type is None or (isinstance(handler.type, ast.Name) and handler.type.id in _EVERYTHING)
    return caught and not isinstance(handler.body[-1], ast.Raise)


_EVERYTHING = ("Exception", "BaseException")


def _is_suppression(expression: ast.expr) -> bool:
    return ast.unparse(expression) == "suppress(Exception)"
