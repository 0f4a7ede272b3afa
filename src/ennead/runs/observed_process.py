"""Switching Ennead on in a process of a run: hooks, recorder, the script's own unit of work, forks and exits."""

from __future__ import annotations

import atexit
import os
import sys
from datetime import UTC, datetime
from functools import wraps
from pathlib import PurePath
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from ennead.agent.import_hook import ImportWatcher
from ennead.agent.patching import Patch
from ennead.agent.places import PROJECT
from ennead.agent.unit_of_work import CURRENT
from ennead.agent.units import AGENT, Recording
from ennead.installing import install
from ennead.kernel.settings import load_settings, read_pyproject
from ennead.runs.recorder import RunRecorder, import_analysis
from ennead.runs.settings import RunSettings
from ennead.sources.registry import INSTALLER

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from ennead.agent.unit_of_work import UnitOfWork
    from ennead.runs.environment import RunEnvironment

_FLUSH_LAST = -100


class ObservedProcess:
    """The process that we are in, from its start to its exit.

    Parameters
    ----------
    environment
        What the run told.
    """

    def __init__(self, environment: RunEnvironment) -> None:
        self._environment = environment
        self._pyproject = read_pyproject(environment.project_root or ".")
        self._settings = load_settings(RunSettings, pyproject=self._pyproject)
        self._watcher = ImportWatcher()
        self._recorder = self._new_recorder()
        self._script = Recording("script", "script")
        self._exit_of_child = Patch(os, "_exit", self._exiting)

    def start(self) -> None:
        """Hook the libraries and begin the script's unit of work."""
        if self._environment.project_root and not os.environ.get("ENNEAD_PROJECT_ROOT"):
            PROJECT.path = self._environment.project_root
        install(**_provenance(self._pyproject))
        AGENT.add_listener(self._take)
        self._script.__enter__()
        atexit.register(self._exit)
        if hasattr(os, "register_at_fork"):  # not on Windows
            os.register_at_fork(
                before=self._before_fork, after_in_parent=self._after_fork_in_parent, after_in_child=self._after_fork
            )
        # A child of multiprocessing that was forked ends with os._exit: atexit never runs there.
        self._watcher.when_imported("multiprocessing.util", self._watch_multiprocessing)
        # pytest is about to rewrite every module of ours that is imported later, as it does with plugins. In our thread
        # that is a syntax tree beside the application's, which may fail either of them (kernel/parsing.py).
        self._watcher.when_imported("_pytest.runner", import_analysis)
        # After a graceful end uvicorn sends itself the signal that it was asked to end by: atexit never runs then.
        self._watcher.when_imported("uvicorn.server", self._watch_uvicorn)

    def _take(self, unit: UnitOfWork) -> None:
        self._recorder.take(unit)

    def _new_recorder(self) -> RunRecorder:
        environment = self._environment
        return RunRecorder(
            environment.folder,
            self._settings,
            INSTALLER.report,
            keep_contexts=environment.keep_contexts,
            records_idle=environment.records_idle_processes,
        )

    def _exit(self) -> None:
        self._recorder.make_room()  # a full backlog would drop the script's own unit of work
        self._end_script()
        self._recorder.close()

    def _end_script(self) -> None:
        unit = self._script.unit
        if unit is None or unit.closed:
            return
        unit.name = script_name(sys.argv, sys.orig_argv)
        self._script.__exit__(None, None, None)

    def _before_fork(self) -> None:
        # The child gets a copy of this process with the forking thread only: ours must not be at work meanwhile.
        self._recorder.backlog.stop()

    def _after_fork_in_parent(self) -> None:
        self._recorder.backlog.resume()

    def _after_fork(self) -> None:
        """Make a process of its own of a forked child: what the parent recorded is the parent's to write."""
        self._recorder = self._new_recorder()
        for unit in (CURRENT.get(), self._script.unit):
            if unit is not None:
                _begin_anew(unit)
        self._exit_of_child.apply()

    def _exiting(self, end: Callable[[int], None], _patch: Patch) -> Callable[[int], None]:
        """``os._exit`` for a forked child, as workers of queues end: what it has recorded is written first."""

        def _exit(status: int) -> None:
            try:
                self._exit()
            finally:
                end(status)

        return _exit

    def _watch_multiprocessing(self) -> None:
        util: Any = sys.modules["multiprocessing.util"]
        util.register_after_fork(self, _finalize_with)

    def _watch_uvicorn(self) -> None:
        Patch(sys.modules["uvicorn.server"].Server, "shutdown", self._shutting_down).apply()

    def _shutting_down(self, shut_down: Callable[..., Awaitable[Any]], _patch: Patch) -> Callable[..., Awaitable[Any]]:
        @wraps(shut_down)
        async def shutdown(*args: Any, **options: Any) -> Any:
            try:
                return await shut_down(*args, **options)
            finally:
                self._recorder.make_room()

        return shutdown


def _finalize_with(process: ObservedProcess) -> None:
    util: Any = sys.modules["multiprocessing.util"]
    util.Finalize(None, process._exit, exitpriority=_FLUSH_LAST)  # noqa: SLF001 -- our own class


def _begin_anew(unit: UnitOfWork) -> None:
    unit.hits.clear()
    unit.dropped_count = unit.internal_error_count = unit.nested_count = 0
    unit.started_at = datetime.now(UTC)
    unit.started_ns = perf_counter_ns()


def _provenance(pyproject: Mapping[str, Any]) -> dict[str, bool]:
    """A run is there to explain: it finds out whose rows supplied a parameter, unless the settings forbid it."""
    decided = "ENNEAD_PROVENANCE" in os.environ or "provenance" in pyproject
    return {} if decided else {"provenance": True}


def script_name(arguments: Sequence[str], original: Sequence[str]) -> str:
    """What a person calls the script: its file or module, and the command of a ``manage.py``.

    Parameters
    ----------
    arguments
        ``sys.argv``.
    original
        ``sys.orig_argv``.

    Examples
    --------
    >>> script_name(["/srv/shop/manage.py", "migrate", "--noinput"], ["python", "manage.py", "migrate"])
    'manage.py migrate'
    >>> script_name(["/usr/lib/python3/site-packages/pytest/__main__.py"], ["python", "-m", "pytest"])
    'pytest'
    >>> script_name(["-c"], ["python", "-c", "print(1)"])
    'python -c'
    """
    if not arguments or arguments[0] in ("", "-c", "-m"):
        return " ".join(["python", *(word for word in original[1:2] if word.startswith("-"))])
    path = PurePath(arguments[0])
    if path.name == "__main__.py":
        return path.parent.name
    command = arguments[1:2] if path.name == "manage.py" else ()
    return " ".join([path.name, *command])
