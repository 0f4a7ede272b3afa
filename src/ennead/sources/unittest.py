"""unittest, Django's test cases too: each test method is a unit of work, ``setUp`` and ``tearDown`` included."""

from __future__ import annotations

import platform
from contextvars import Context
from functools import wraps
from typing import TYPE_CHECKING, Any
from unittest.case import TestCase

from ennead.agent.call_path import OUTER_PATH, STARTED_HERE
from ennead.agent.patching import PatchSet
from ennead.agent.unit_of_work import CURRENT, UnitOfWork
from ennead.agent.units import AGENT, Recording, call_inside

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.agent.patching import Patch

_patches = PatchSet()


def install() -> str:
    """Hook ``TestCase.run``; see :class:`ennead.sources.registry.SourceModule`."""
    if not _patches:
        _patches.add(TestCase, "run", _recording_run)
    return platform.python_version()


def uninstall() -> None:
    """Undo :func:`install`."""
    _patches.undo()


def _recording_run(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def run(self: TestCase, *args: Any, **kwargs: Any) -> Any:
        recording = _open(self) if patch.active else None
        if recording is None:
            return original(self, *args, **kwargs)
        try:
            return call_inside(original, self, *args, **kwargs)
        finally:
            _enter_own_context(self, CURRENT.get(), None)
            recording.__exit__(None, None, None)

    return run


def _open(case: TestCase) -> Recording | None:
    try:
        recording = Recording(case.id(), "test").__enter__()
        _enter_own_context(case, None, recording.unit)
    except Exception:
        AGENT.internal_error_count += 1
        return None
    return recording


def _enter_own_context(case: TestCase, before: UnitOfWork | None, after: UnitOfWork | None) -> None:
    """Carry the unit into the context that an ``IsolatedAsyncioTestCase`` made for itself when it was constructed."""
    context = getattr(case, "_asyncioTestContext", None)
    if type(context) is Context and context.get(CURRENT) is before:
        context.run(CURRENT.set, after)
        context.run(OUTER_PATH.set, None if after is None else STARTED_HERE)
