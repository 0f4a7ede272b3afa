"""A command that may take a certain time, in a session of its own, so that it can be ended with all it started."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from threading import Event

TIMED_OUT = 124
"""What ``timeout`` of the coreutils says, too."""
_GRACE_SECONDS = 5.0
_HURRIED_GRACE_SECONDS = 1.0
_LOOK_SECONDS = 0.1


class CancelledWorkError(EnneadError):
    """Whoever asked for the work does not want it any more."""


def run_bounded(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    stdout: Path,
    stderr: Path,
    seconds: float,
    stop: Event | None = None,
) -> int:
    """Run a command with nothing on its standard input, and wait for it.

    Parameters
    ----------
    command, folder, environment
        What is started, where, and with which variables.
    stdout, stderr
        Files for what it writes.
    seconds
        Time it may take.
    stop
        Ends it at once when it is set.

    Returns
    -------
    int
        Its exit code; 128 + n if signal n ended it, 124 if the time was up.

    Raises
    ------
    EnneadError
        It cannot be started.
    CancelledWorkError
        ``stop`` was set.
    """
    with stdout.open("wb") as out, stderr.open("wb") as err:
        try:
            child = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        except OSError as error:
            message = f"cannot start {command[0]}: {error.strerror or error}"
            raise EnneadError(message) from error
        return _wait(child, seconds, stop)


def _wait(child: subprocess.Popen[bytes], seconds: float, stop: Event | None) -> int:
    try:
        code = child.wait(seconds) if stop is None else _wait_watchfully(child, seconds, stop)
    except subprocess.TimeoutExpired:
        _end(child, _GRACE_SECONDS)
        return TIMED_OUT
    except BaseException:
        _end(child, _HURRIED_GRACE_SECONDS)
        raise
    return code if code >= 0 else 128 - code


def _wait_watchfully(child: subprocess.Popen[bytes], seconds: float, stop: Event) -> int:
    until = time.monotonic() + seconds
    while True:
        if stop.is_set():
            raise CancelledWorkError("cancelled")
        try:
            return child.wait(min(_LOOK_SECONDS, max(until - time.monotonic(), 0.0)))
        except subprocess.TimeoutExpired:
            if time.monotonic() >= until:
                raise


def _end(child: subprocess.Popen[bytes], grace_seconds: float) -> None:
    """End the command and what it started: all of them are in a session of their own."""
    for number in (signal.SIGTERM, signal.SIGKILL):  # the latter also for children that outlive the first process
        with suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        with suppress(subprocess.TimeoutExpired):
            child.wait(grace_seconds)
