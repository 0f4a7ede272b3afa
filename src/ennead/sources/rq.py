"""RQ: each job is a unit of work, from the moment its function is called."""

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
    """Hook ``Job.perform``; see :class:`ennead.sources.registry.SourceModule`."""
    from rq.job import Job

    if not _patches:
        _patches.add(Job, "perform", _recording_perform)
    return version("rq")


def uninstall() -> None:
    """Undo :func:`install`."""
    _patches.undo()


def _recording_perform(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def perform(self: Any) -> Any:
        if not patch.active:
            return original(self)
        return run_job(original, self, name=str(self.func_name), headers=self.meta)

    return perform
