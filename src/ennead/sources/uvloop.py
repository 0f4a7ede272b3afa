"""uvloop: tasks' call paths go on where the tasks were created, as with asyncio's own event loop."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from ennead.agent.call_path import register_inspector, unregister_inspector
from ennead.agent.concurrency import carrying_create_task, end_of_task
from ennead.agent.patching import PatchSet

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.agent.patching import Patch

_patches = PatchSet()


def install() -> str:
    """Hook uvloop's event loop; see :class:`ennead.sources.registry.SourceModule`."""
    import uvloop  # type: ignore[import-not-found,unused-ignore]

    register_inspector(*_boundary(), end_of_task)
    if not _patches:
        _patches.add(uvloop.Loop, "create_task", carrying_create_task)
        _patches.add(uvloop.Loop, "run_forever", _visible_run_forever)
    return str(uvloop.__version__)


def uninstall() -> None:
    """Undo :func:`install`."""
    _patches.undo()
    unregister_inspector(*_boundary(), end_of_task)


def _visible_run_forever(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    """Give the loop a frame: compiled code has none, and without one a task seems to be called by who runs the loop."""

    @wraps(original)
    def run_forever(self: Any) -> Any:
        return original(self)

    return run_forever


def _boundary() -> tuple[str, str]:
    return _visible_run_forever.__code__.co_filename, "run_forever"
