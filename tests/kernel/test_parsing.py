"""Trees of Python source, and what happens to a thread of the user's that makes one at the same time."""

import ast
import gc
import inspect
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import pytest

from ennead.kernel import parsing
from ennead.kernel.parsing import parse_python

SOURCE = inspect.getsource(inspect)
ROUNDS = 12


class _Finalised:
    """Garbage whose end runs Python code, where the interpreter may go on with another thread."""

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        sum(range(2_000))


@contextmanager
def _threads_change_often() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


def _below(frames: int) -> list[SystemError]:
    """What the user's thread meets that parses again and again, at a depth of its own."""
    if frames:
        return _below(frames - 1)
    errors = []
    for _ in range(ROUNDS):
        _garbage = [_Finalised() for _ in range(50)]
        try:
            ast.parse(SOURCE)
        except SystemError as error:
            errors.append(error)
    return errors


def test_threads_of_the_user_parse_at_the_same_time() -> None:
    ends = threading.Event()
    parsed: list[ast.Module] = []

    def ours() -> None:
        while not ends.wait(0.001):
            parsed.append(parse_python(SOURCE[:20_000].rpartition("\n\n\n")[0]))

    thread = threading.Thread(target=ours)
    with _threads_change_often():
        thread.start()
        errors = _below(40)
        ends.set()
        thread.join()
    assert not errors
    assert parsed


@pytest.mark.skipif(not parsing.DEPTH_IS_SHARED, reason="each thread has a depth of its own since Python 3.12")
def test_waits_for_a_thread_that_parses_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "LONGEST_WAIT_SECONDS", 0.05)
    began, ends = threading.Event(), threading.Event()

    class Slow(tuple[int, int]):
        """A version of the grammar that :func:`ast.parse` waits for."""

        __slots__ = ()

        def __iter__(self) -> Iterator[int]:
            began.set()
            ends.wait(10)
            return iter((3, 11))

    thread = threading.Thread(target=ast.parse, args=("a",), kwargs={"feature_version": Slow((3, 11))})
    thread.start()
    began.wait(10)
    started = monotonic()
    assert parse_python("a").body
    assert monotonic() - started >= 0.05
    ends.set()
    thread.join()


@pytest.mark.parametrize("collects", [True, False])
def test_the_collector_is_left_as_it_was(*, collects: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if collects else gc.disable)()
        parse_python("a")
        with pytest.raises(SyntaxError):
            parse_python("for for")
        assert gc.isenabled() is collects
    finally:
        (gc.enable if before else gc.disable)()


def test_a_child_of_a_busy_process_can_parse() -> None:
    ends = threading.Event()

    def parse() -> None:
        while not ends.is_set():
            parse_python(SOURCE)

    thread = threading.Thread(target=parse)
    thread.start()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of forks with threads, since 3.12: that is the point
            child = os.fork()
        if not child:
            os._exit(0 if parse_python("a").body and gc.isenabled() else 1)
        assert os.waitpid(child, 0)[1] == 0
    finally:
        ends.set()
        thread.join()


def test_imported_while_another_thread_forks() -> None:
    """The hooks of after the fork run then, those of before it did not."""
    script = """
        import os

        def import_it():
            import ennead.kernel.parsing

        os.register_at_fork(before=import_it)
        child = os.fork()
        from ennead.kernel.parsing import parse_python
        parse_python("a")
        if not child:
            os._exit(0)
        raise SystemExit(os.waitpid(child, 0)[1])
        """
    completed = subprocess.run(
        [sys.executable, "-c", inspect.cleandoc(script)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (completed.returncode, completed.stderr) == (0, "")
