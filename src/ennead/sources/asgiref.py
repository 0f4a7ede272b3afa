"""The bridges between synchronous and asynchronous code that Django runs on.

They carry context variables themselves, the unit of work among them. What they lose is the call path: code in another
thread, or in a task of another loop, does not stand on the caller's stack. So the path up to the bridge is handed on.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from ennead.agent.call_path import OUTER_PATH
from ennead.agent.concurrency import path_here
from ennead.agent.patching import PatchSet
from ennead.agent.unit_of_work import CURRENT
from ennead.sources.django.library_frames import InspectorSet

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Token
    from types import FrameType

    from ennead.agent.call_path import Walk
    from ennead.agent.patching import Patch

_patches = PatchSet()


def install() -> str:
    """Hook both bridges; see :class:`ennead.sources.registry.SourceModule`."""
    import asgiref
    from asgiref.sync import AsyncToSync, SyncToAsync

    _INSPECTORS.register()
    if not _patches:
        _patches.add(SyncToAsync, "__call__", _carrying_to_thread)
        _patches.add(AsyncToSync, "__call__", _carrying_to_loop)
    return str(asgiref.__version__)


def uninstall() -> None:
    """Undo :func:`install`."""
    _INSPECTORS.unregister()
    _patches.undo()


def _carrying_to_thread(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    async def __call__(self: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807 -- it replaces the method of that name
        unit = CURRENT.get()
        path = path_here(unit) if unit is not None and patch.active else None
        if path is None:
            return await original(self, *args, **kwargs)
        token = OUTER_PATH.set(path)
        try:
            return await original(self, *args, **kwargs)
        finally:
            _restore(token)

    return __call__


def _carrying_to_loop(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def __call__(self: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807 -- it replaces the method of that name
        unit = CURRENT.get()
        path = path_here(unit) if unit is not None and patch.active else None
        if path is None:
            return original(self, *args, **kwargs)
        token = OUTER_PATH.set(path)
        try:
            return original(self, *args, **kwargs)
        finally:
            _restore(token)

    return __call__


def _restore(token: Token[Any]) -> None:
    try:
        OUTER_PATH.reset(token)
    except ValueError:  # a coroutine that is closed in another context than it ran in
        OUTER_PATH.set(None)


def _came_over_the_bridge(_frame: FrameType, walk: Walk) -> None:
    """Thread-sensitive code runs on top of the waiting caller's stack, which is not where it was called."""
    walk.stop_if_started_elsewhere()


_INSPECTORS = InspectorSet("asgiref", {"sync.py": {"thread_handler": _came_over_the_bridge}})
