"""Carrying the unit of work into threads, and the call path into threads and tasks.

Coroutines and tasks carry context variables by themselves; threads do not before Python 3.14. The hook is documented
(``docs/guide/how-it-works.md``) and undone by ``ennead.uninstall()``.
"""

from __future__ import annotations

import asyncio.events
import asyncio.runners
from asyncio import BaseEventLoop
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from threading import Thread
from typing import TYPE_CHECKING, Any

from ennead.agent.call_path import (
    OUTER_PATH,
    Walk,
    known_path,
    register_inspector,
    unregister_inspector,
    walk_path,
)
from ennead.agent.patching import Patch, PatchSet
from ennead.agent.unit_of_work import CURRENT, UnitOfWork

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from ennead.agent.call_path import CallPath

_MAX_START_PATHS = 8
_patches = PatchSet()


def install() -> None:
    """Hook thread pools, threads and task creation; idempotent."""
    if _patches:
        return
    _patches.add(ThreadPoolExecutor, "submit", _carrying_submit)
    _patches.add(Thread, "start", _carrying_start)
    _patches.add(BaseEventLoop, "create_task", _carrying_create_task)
    for filename, function in _task_boundaries():
        register_inspector(filename, function, _end_of_task)


def uninstall() -> None:
    """Undo :func:`install`."""
    _patches.undo()
    for filename, function in _task_boundaries():
        unregister_inspector(filename, function, _end_of_task)


def path_here(unit: UnitOfWork) -> CallPath | None:
    """The call path of the caller's caller, for handing on; ``None`` if our own code failed."""
    try:
        for path in unit.start_paths:
            if known_path(path):
                return path
        path, _ = walk_path()
        unit.start_paths.insert(0, path)
        del unit.start_paths[_MAX_START_PATHS:]
    except Exception:  # noqa: BLE001 -- the agent never raises into the host
        unit.internal_error_count += 1
        return None
    return path


class InUnitOfWork:
    """A callable that runs another one in a unit of work, its call path going on where it was handed over."""

    __slots__ = ("_function", "_path", "_unit")

    def __init__(self, function: Callable[..., Any], unit: UnitOfWork, path: CallPath | None) -> None:
        self._function = function
        self._unit = unit
        self._path = path

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 -- transparent
        unit_token = CURRENT.set(self._unit)
        path_token = OUTER_PATH.set(self._path)
        try:
            return self._function(*args, **kwargs)
        finally:
            OUTER_PATH.reset(path_token)
            CURRENT.reset(unit_token)


def _carrying_submit(original: Any, patch: Patch) -> Any:  # noqa: ANN401 -- the executor's own signature
    @wraps(original)
    def submit(self: Any, fn: Any, /, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 -- transparent
        unit = CURRENT.get()
        if unit is None or not patch.active:
            return original(self, fn, *args, **kwargs)
        carried = InUnitOfWork(fn, unit, path_here(unit))
        token = CURRENT.set(None)  # a worker thread started now outlives this unit of work
        try:
            return original(self, carried, *args, **kwargs)
        finally:
            CURRENT.reset(token)

    return submit


def _carrying_start(original: Any, patch: Patch) -> Any:  # noqa: ANN401 -- the thread's own signature
    @wraps(original)
    def start(self: Any) -> Any:  # noqa: ANN401 -- transparent
        unit = CURRENT.get()
        if unit is not None and patch.active:
            self.run = InUnitOfWork(self.run, unit, path_here(unit))
        return original(self)

    return start


def _carrying_create_task(original: Any, patch: Patch) -> Any:  # noqa: ANN401 -- the loop's own signature
    @wraps(original)
    def create_task(self: Any, coro: Any, **kwargs: Any) -> Any:  # noqa: ANN401 -- transparent
        unit = CURRENT.get()
        if unit is None or not patch.active or kwargs.get("context") is not None:
            return original(self, coro, **kwargs)
        token = OUTER_PATH.set(path_here(unit))
        try:
            return original(self, coro, **kwargs)
        finally:
            OUTER_PATH.reset(token)

    return create_task


def _task_boundaries() -> tuple[tuple[str, str], ...]:
    return (
        (asyncio.events.__file__, asyncio.events.Handle._run.__name__),  # noqa: SLF001 -- recognised, never called
        (asyncio.runners.__file__, "run"),
    )


def _end_of_task(_frame: FrameType, walk: Walk) -> None:
    walk.stop_if_started_elsewhere()
