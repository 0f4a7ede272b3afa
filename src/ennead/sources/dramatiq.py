"""Dramatiq: each message that a worker processes is a unit of work, its middleware included."""

from __future__ import annotations

from functools import wraps
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from ennead.agent.patching import PatchSet
from ennead.sources.jobs import run_job

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.agent.patching import Patch

_patches = PatchSet()


def install() -> str:
    """Hook what a worker thread does with a message; see :class:`ennead.sources.registry.SourceModule`."""
    from dramatiq.worker import _WorkerThread

    if not _patches:
        _patches.add(_WorkerThread, "process_message", _recording_process_message)
    return version("dramatiq")


def uninstall() -> None:
    """Undo :func:`install`."""
    _patches.undo()


def _recording_process_message(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def process_message(self: Any, message: Any) -> Any:
        if not patch.active:
            return original(self, message)
        return run_job(original, self, message, name=str(message.actor_name), headers=message.options)

    return process_message
