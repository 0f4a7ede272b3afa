"""Celery: each execution of a task is a unit of work, in workers and where tasks are run eagerly.

``build_tracer`` makes the function that executes a task, its retries, callbacks and result included. That function is
recorded, so that a task's ``__call__`` and ``run`` stay as they are.
"""

from __future__ import annotations

import sys
from functools import wraps
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from ennead.agent.patching import PatchSet
from ennead.sources.jobs import run_job
from ennead.sources.registry import UnsupportedVersionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.agent.patching import Patch

_OLDEST = (5, 2)
_HOLDERS = ("celery.app.trace", "celery.worker.consumer.consumer")
"""Modules that have the function under its name; the second takes it from the first when it is imported."""
_patches = PatchSet()


def install() -> str:
    """Hook ``celery.app.trace.build_tracer``; see :class:`ennead.sources.registry.SourceModule`."""
    found = version("celery")
    if tuple(int(part) for part in found.split(".")[:2]) < _OLDEST:
        message = f"Celery {found} is not supported, 5.2 and newer are"
        raise UnsupportedVersionError(message)
    if not _patches:
        for holder in _HOLDERS:
            if holder in sys.modules:
                _patches.add(sys.modules[holder], "build_tracer", _recording_build_tracer)
    return found


def uninstall() -> None:
    """Undo :func:`install`; tasks that a worker has set up already only pass calls on."""
    _patches.undo()


def _recording_build_tracer(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def build_tracer(name: str, *args: Any, **options: Any) -> Any:
        trace_task = original(name, *args, **options)

        @wraps(trace_task)
        def recorded(uuid: Any, arguments: Any, keywords: Any, request: Any = None) -> Any:
            if not patch.active:
                return trace_task(uuid, arguments, keywords, request)
            headers = request if isinstance(request, dict) else None
            return run_job(trace_task, uuid, arguments, keywords, request, name=name, headers=headers)

        return recorded

    return build_tracer
