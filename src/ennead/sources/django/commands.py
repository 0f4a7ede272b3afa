"""Management commands as units of work.

Servers, shells and workers run for as long as the process does; they are no unit of work, and the requests and jobs
inside of them are.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from ennead.agent.patching import PatchSet
from ennead.agent.unit_of_work import CURRENT
from ennead.agent.units import AGENT, Recording, call_inside
from ennead.sources.django.queries import supported_version

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.agent.patching import Patch

LONG_RUNNING = frozenset(
    {
        "celery",
        "dbshell",
        "db_worker",
        "process_tasks",
        "qcluster",
        "rqscheduler",
        "rqworker",
        "run_huey",
        "rundramatiq",
        "runserver",
        "runserver_plus",
        "runworker",
        "shell",
        "shell_plus",
        "test",
        "testserver",
    }
)
"""Commands that are no unit of work: Django's own and those of well-known servers, task queues and shells."""
_patches = PatchSet()


def install() -> str:
    """Hook ``BaseCommand.execute``; see :class:`ennead.sources.registry.SourceModule`."""
    version = supported_version()
    if not _patches:
        from django.core.management.base import BaseCommand

        _patches.add(BaseCommand, "execute", _recording_execute)
    return version


def uninstall() -> None:
    """Undo :func:`install`."""
    _patches.undo()


def _recording_execute(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def execute(self: Any, *args: Any, **options: Any) -> Any:
        recording = _open(self) if patch.active else None
        if recording is None:
            return original(self, *args, **options)
        with recording:
            return call_inside(original, self, *args, **options)

    return execute


def _open(command: Any) -> Recording | None:
    """The command's recording, not entered yet; ``None`` if it is no unit of work, or if our own code failed."""
    try:
        name = type(command).__module__.rpartition(".")[2]
        return Recording(f"manage.py {name}", "command") if name not in LONG_RUNNING and _is_own() else None
    except Exception:
        AGENT.internal_error_count += 1
        return None


def _is_own() -> bool:
    """A command that a request, a job or another command calls is part of that; a profile or a test only looks on."""
    outer = CURRENT.get()
    return outer is None or outer.absorbs or outer.kind not in ("request", "job", "command")
