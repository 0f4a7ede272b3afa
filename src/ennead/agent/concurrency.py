"""Carrying the unit of work into threads, and the call path into threads and tasks.

Coroutines and tasks carry context variables by themselves; threads do not before Python 3.14. The hook is documented
(``docs/guide/how-it-works.md``) and undone by ``ennead.uninstall()``.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from functools import partial, wraps
from threading import Thread
from types import BuiltinMethodType
from typing import TYPE_CHECKING, Any

from ennead.agent.call_path import (
    OUTER_PATH,
    Walk,
    known_path,
    register_inspector,
    same_stack,
    unregister_inspector,
    walk_path,
)
from ennead.agent.import_hook import ImportWatcher
from ennead.agent.patching import Patch, PatchSet
from ennead.agent.unit_of_work import CURRENT, UnitOfWork

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from ennead.agent.call_path import CallPath

    Boundary = tuple[str, str, Callable[[FrameType, Walk], None]]

_MAX_START_PATHS = 16
_patches = PatchSet()
_watcher = ImportWatcher()
_boundary_of_tasks: list[Boundary] = []


def install() -> None:
    """Hook thread pools, threads and, once asyncio is imported, task creation; idempotent."""
    if _patches:
        return
    _patches.add(ThreadPoolExecutor, "submit", _carrying_submit)
    _patches.add(Thread, "start", _carrying_start)
    for boundary in _BOUNDARIES:
        register_inspector(*boundary)
    _watcher.when_imported("asyncio.base_events", _install_tasks)


def _install_tasks() -> None:
    """Hook task creation. Importing asyncio takes longer than all of our own modules: that is left to the host."""
    from asyncio import events
    from asyncio.base_events import BaseEventLoop

    _patches.add(BaseEventLoop, "create_task", carrying_create_task)
    step = events.Handle._run  # noqa: SLF001 -- recognised, never called
    _boundary_of_tasks.append((step.__code__.co_filename, step.__name__, end_of_task))
    register_inspector(*_boundary_of_tasks[-1])


def uninstall() -> None:
    """Undo :func:`install`."""
    _watcher.clear()
    _patches.undo()
    for boundary in (*_BOUNDARIES, *_boundary_of_tasks):
        unregister_inspector(*boundary)
    _boundary_of_tasks.clear()


def path_here(unit: UnitOfWork) -> CallPath | None:
    """The call path of the caller's caller, for handing on; ``None`` if our own code failed.

    Must be called straight from the frame that wraps the library's function.
    """
    try:
        for path in unit.start_paths:
            if known_path(path) and (path in unit.trusted or same_stack(path)):
                return path
        path, walk = walk_path(is_handover=True)
        unit.internal_error_count += walk.error_count
        if path.steps:
            unit.trusted.add(path)
        unit.start_paths.insert(0, path)
        del unit.start_paths[_MAX_START_PATHS:]
    except Exception:
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

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function; its result and exceptions are its own."""
        unit_token = CURRENT.set(self._unit)
        path_token = OUTER_PATH.set(self._path)
        try:
            return self._function(*args, **kwargs)
        finally:
            OUTER_PATH.reset(path_token)
            CURRENT.reset(unit_token)


def carried(function: Callable[..., Any], unit: UnitOfWork, path: CallPath | None) -> Callable[..., Any]:
    """``function``, to be called in another thread, in the unit of work.

    What runs inside a context of its own (``asyncio.to_thread`` hands over ``partial(context.run, function)``) gets the
    path inside of that context, where it is read.
    """
    if type(function) is partial and function.args and _runs_in_context(function.func):
        inner = InUnitOfWork(function.args[0], unit, path)
        return partial(function.func, inner, *function.args[1:], **function.keywords)
    return InUnitOfWork(function, unit, path)


def _runs_in_context(function: object) -> bool:
    return type(function) is BuiltinMethodType and type(function.__self__) is Context and function.__name__ == "run"


def _carrying_submit(original: Any, patch: Patch) -> Any:
    @wraps(original)
    def submit(self: Any, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        unit = CURRENT.get()
        if unit is None or not patch.active:
            return original(self, fn, *args, **kwargs)
        path = path_here(unit)
        if args and _runs_in_context(fn):
            args = (InUnitOfWork(args[0], unit, path), *args[1:])
        else:
            fn = carried(fn, unit, path)
        token = CURRENT.set(None)  # a worker thread started now outlives this unit of work
        try:
            return original(self, fn, *args, **kwargs)
        finally:
            CURRENT.reset(token)

    return submit


def _carrying_start(original: Any, patch: Patch) -> Any:
    @wraps(original)
    def start(self: Any) -> Any:
        unit = CURRENT.get()
        stand_in = _stand_in(self, unit, path_here(unit)) if unit is not None and patch.active else None
        try:
            return original(self)
        except BaseException:
            if stand_in is not None:
                stand_in.leave()
            raise

    return start


def _stand_in(thread: Any, unit: UnitOfWork, path: CallPath | None) -> _RunInUnitOfWork | None:
    try:
        if not thread._initialized or thread._started.is_set():  # noqa: SLF001 -- a mistake that start() will tell
            return None
        stand_in = thread.run = _RunInUnitOfWork(thread, unit, path)
    except Exception:
        unit.internal_error_count += 1
        return None
    return stand_in


class _RunInUnitOfWork:
    """Stands in for the ``run`` of one thread object until it is called: afterwards nothing of ours is left in it."""

    __slots__ = ("_own", "_path", "_thread", "_unit")

    def __init__(self, thread: Thread, unit: UnitOfWork, path: CallPath | None) -> None:
        self._own = vars(thread).get("run")
        self._thread = thread
        self._unit = unit
        self._path = path

    def __call__(self) -> None:
        self.leave()
        InUnitOfWork(self._thread.run, self._unit, self._path)()

    def leave(self) -> None:
        """Put back what the thread object held before."""
        attributes = vars(self._thread)
        if attributes.get("run") is self:
            del attributes["run"]
            if self._own is not None:
                attributes["run"] = self._own


def carrying_create_task(original: Any, patch: Patch) -> Any:
    """Wrap ``create_task`` of an event loop: the task's call path goes on where it is created."""

    @wraps(original)
    def create_task(self: Any, coro: Any, *args: Any, **kwargs: Any) -> Any:
        unit = CURRENT.get()
        if unit is None or not patch.active:
            return original(self, coro, *args, **kwargs)
        path = path_here(unit)
        context = kwargs.get("context")
        if context is not None:
            if type(context) is Context:
                _enter_context(context, unit, path)
            return original(self, coro, *args, **kwargs)
        token = OUTER_PATH.set(path)
        try:
            return original(self, coro, *args, **kwargs)
        finally:
            OUTER_PATH.reset(token)

    return create_task


def _enter_context(context: Context, unit: UnitOfWork, path: CallPath | None) -> None:
    """Carry the unit into the context given to a task, unless that belongs to another open one."""
    there = context.get(CURRENT)
    if there is not None and there is not unit and not there.closed:
        return
    try:
        context.run(CURRENT.set, unit)
        context.run(OUTER_PATH.set, path)
    except RuntimeError:  # the context is entered already: what it runs is inside the unit or not by its own means
        return


def end_of_task(_frame: FrameType, walk: Walk) -> None:
    """Inspect the frame of an event loop that runs a step of a task."""
    walk.stop_if_started_elsewhere()


def _start_of_eager_task(_frame: FrameType, walk: Walk) -> None:
    if not walk.is_at_the_hook:
        walk.stop()


def _start_of_thread(_frame: FrameType, walk: Walk) -> None:
    walk.stop()


_BOUNDARIES: tuple[Boundary, ...] = (
    (path_here.__code__.co_filename, "__call__", _start_of_thread),
    (path_here.__code__.co_filename, "create_task", _start_of_eager_task),
)
"""Frames of ours at which a walk ends."""
