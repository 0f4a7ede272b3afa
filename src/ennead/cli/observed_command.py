"""The user's command as a child process: started, signalled, waited for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from ennead.runs.command import NOT_EXECUTABLE, CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import FrameType

_SIGNAL_BASE = 128


def run_child(command: Sequence[str], environment: Mapping[str, str], on_start: Callable[[int], None]) -> int:
    """Run a command on our own standard streams and wait for it.

    Signals that a terminal sends reach the child by themselves, since it stands in the foreground with us; others are
    handed on. Neither ends this process before the child has ended.

    Parameters
    ----------
    on_start
        Told the child's process id.

    Returns
    -------
    int
        Its exit code; 128 + n if signal n ended it.

    Raises
    ------
    CommandError
        The system refuses to start it.
    """
    with _signals_to() as children:
        try:
            child = subprocess.Popen(command, env=environment)
        except OSError as error:
            raise CommandError(f"cannot start {command[0]}: {error.strerror or error}", NOT_EXECUTABLE) from error
        children.append(child)
        on_start(child.pid)
        code = child.wait()
    return code if code >= 0 else _SIGNAL_BASE - code


@contextmanager
def _signals_to() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Hand signals on to the child, and live on until it ends."""
    children: list[subprocess.Popen[bytes]] = []

    def hand_on(number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGINT and _terminal_tells_everybody():
            return
        for child in children:
            with suppress(OSError):
                child.send_signal(number)

    numbers = [signal.SIGINT, signal.SIGTERM]
    numbers += [getattr(signal, name) for name in ("SIGHUP", "SIGUSR1", "SIGUSR2") if hasattr(signal, name)]
    before = {}
    for number in numbers:
        if signal.getsignal(number) is not signal.SIG_IGN:  # under nohup, say: the child shall ignore it, too
            before[number] = signal.signal(number, hand_on)
    try:
        yield children
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _terminal_tells_everybody() -> bool:
    """Whether we are the terminal's foreground job: then Ctrl-C went to the child, too."""
    with suppress(OSError, AttributeError, ValueError):
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    return False
