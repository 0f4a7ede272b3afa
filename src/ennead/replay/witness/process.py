"""A replayed process from its start to its exit."""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import suppress
from functools import wraps
from time import process_time
from typing import TYPE_CHECKING, Any, NoReturn, Self

from ennead.agent.import_hook import ImportWatcher
from ennead.agent.patching import PatchSet
from ennead.replay.databases import redirect
from ennead.replay.environment import ReplayEnvironment
from ennead.replay.witness.caches import isolate_caches
from ennead.replay.witness.event_loops import replace_uvloop
from ennead.replay.witness.isolation import Isolation
from ennead.replay.witness.line_counts import LineCounter
from ennead.replay.witness.mails import catch_mails
from ennead.replay.witness.memory import peak_memory_bytes
from ennead.replay.witness.notes import Notes
from ennead.replay.witness.paths import lead_into_scratch, originals_among
from ennead.replay.witness.programs import hand_on_environment
from ennead.replay.witness.responses import note_responses
from ennead.replay.witness.test_outcomes import note_test_outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ennead.agent.patching import Patch

_patches = PatchSet()


class WitnessedProcess:
    """Everything that is switched on in a process of a replay.

    Parameters
    ----------
    environment
        What the replay told.
    """

    def __init__(self, environment: ReplayEnvironment) -> None:
        self._environment = environment
        self._notes = Notes(environment.folder)
        self._watcher = ImportWatcher()
        self._lines = LineCounter(environment.scratch, environment.watched_lines)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """For the replay that the environment names."""
        return cls(ReplayEnvironment.read(environ))

    def start(self) -> None:
        """Isolate, then watch."""
        environment = self._environment
        lead_into_scratch(environment.root, environment.scratch)
        redirect.start(environment.folder)
        hand_on_environment(self._watcher)
        replace_uvloop(self._watcher)
        Isolation(environment, self._notes).start()
        isolate_caches(self._watcher)
        catch_mails(self._watcher, self._notes)
        note_responses(self._watcher)
        note_test_outcomes(self._watcher)
        self._lines.start()
        atexit.register(self._exit)
        _patches.add(os, "_exit", self._noting_exit)
        os.register_at_fork(after_in_child=self._after_fork)
        self._watcher.when_imported("multiprocessing.util", self._watch_multiprocessing)

    def _exit(self) -> None:
        environment = self._environment
        for file in originals_among(tuple(sys.modules.values()), environment.root, environment.scratch):
            self._notes.add_once("original module", path=file)
        self._notes.add("lines", counts=self._lines.take())
        self._notes.add("cost", peak_bytes=peak_memory_bytes(), cpu_ms=process_time() * 1000)

    def _noting_exit(self, original: Callable[[int], NoReturn], _patch: Patch) -> Callable[[int], NoReturn]:
        @wraps(original)
        def leave(status: int) -> NoReturn:
            with suppress(Exception):
                self._exit()
            original(status)

        return leave

    def _after_fork(self) -> None:
        self._lines.take()

    def _watch_multiprocessing(self) -> None:
        util: Any = sys.modules["multiprocessing.util"]
        util.register_after_fork(self, lambda process: util.Finalize(None, process._exit, exitpriority=-101))  # noqa: SLF001 -- our own class
