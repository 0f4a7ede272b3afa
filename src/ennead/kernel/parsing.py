"""Syntax trees of the user's code, made without a word on the user's terminal and without harm to the user's threads.

CPython 3.11 counts the depth of a syntax tree that is being made in one place for all threads, so two threads that
parse at once may both fail with ``SystemError: AST constructor recursion depth mismatch`` (gh-106905). A thread loses
its turn there only if the garbage collector runs Python code. So ours does not collect meanwhile, and waits for others.
"""

from __future__ import annotations

import ast
import gc
import os
import sys
import warnings
from contextlib import contextmanager
from threading import Lock, get_ident
from time import monotonic, sleep
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

DEPTH_IS_SHARED = sys.version_info < (3, 12)
LONGEST_WAIT_SECONDS = 1.0
_PARSE = ast.parse.__code__


class _OneAtATime:
    """A lock that is free in a forked child, and that no thread holds while a process forks.

    Two threads of ours that change warning filters or the collector at once leave them changed; so does a fork.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._forks = False
        if hasattr(os, "register_at_fork"):  # not on Windows
            os.register_at_fork(
                before=self._before_fork, after_in_parent=self._after_fork, after_in_child=self._after_fork_in_child
            )

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_error: object) -> None:
        self._lock.release()

    def _before_fork(self) -> None:
        self._lock.acquire()
        self._forks = True

    def _after_fork(self) -> None:
        # This module may have been imported by another thread after the hooks of before the fork had been called.
        if self._forks:
            self._forks = False
            self._lock.release()

    def _after_fork_in_child(self) -> None:
        self._forks = False
        self._lock = Lock()


_one_at_a_time = _OneAtATime()


def parse_python(text: str) -> ast.Module:
    r"""The syntax tree of Python source; what the compiler warns of was said when the user's code was imported.

    Raises
    ------
    SyntaxError, ValueError
        It is no Python.

    Examples
    --------
    >>> len(parse_python(r"pattern = '\d'").body)
    1
    """
    with _one_at_a_time, warnings.catch_warnings(), _undisturbed():
        warnings.simplefilter("ignore")
        # Not ast.parse(): of two threads that do this, neither is to wait for the other.
        return cast("ast.Module", compile(text, "<unknown>", "exec", ast.PyCF_ONLY_AST, dont_inherit=True))


@contextmanager
def _undisturbed() -> Iterator[None]:
    if not DEPTH_IS_SHARED:
        yield
        return
    end = monotonic() + LONGEST_WAIT_SECONDS
    while _another_thread_parses() and monotonic() < end:
        sleep(0.001)
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _another_thread_parses() -> bool:
    """Whether another thread is in :func:`ast.parse`, where it waits for the collector's Python code to end."""
    own = get_ident()
    for thread, top in sys._current_frames().items():  # noqa: SLF001 -- public but for its name
        frame = top if thread != own else None
        while frame is not None:
            if frame.f_code is _PARSE:
                return True
            frame = frame.f_back
    return False
