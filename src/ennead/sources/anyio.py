"""AnyIO's worker threads, in which Starlette and FastAPI run endpoints that are no coroutines.

They carry the caller's context variables by themselves, the unit of work among them. The call path goes on where the
thread's function was handed over.
"""

from __future__ import annotations

from functools import wraps
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from ennead.agent.concurrency import InUnitOfWork, path_here
from ennead.agent.patching import PatchSet
from ennead.agent.unit_of_work import CURRENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.agent.patching import Patch

_patches = PatchSet()


def install() -> str:
    """Hook the asyncio backend's worker threads; see :class:`ennead.sources.registry.SourceModule`."""
    from anyio._backends._asyncio import AsyncIOBackend

    if not _patches:
        _patches.add(AsyncIOBackend, "run_sync_in_worker_thread", _carrying_run)
    return version("anyio")


def uninstall() -> None:
    """Undo :func:`install`."""
    _patches.undo()


def _carrying_run(original: Callable[..., Any], patch: Patch) -> Any:
    @wraps(original)
    def run_sync_in_worker_thread(cls: type, func: Any, *args: Any, **kwargs: Any) -> Any:
        unit = CURRENT.get()
        if unit is not None and patch.active:
            func = InUnitOfWork(func, unit, path_here(unit))
        return original(func, *args, **kwargs)

    return classmethod(run_sync_in_worker_thread)
