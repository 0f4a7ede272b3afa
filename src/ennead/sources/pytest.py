"""pytest: the call phase of each test is a unit of work, named by its node id; fixtures are no part of it."""

from __future__ import annotations

from contextlib import contextmanager
from functools import wraps
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

from ennead.agent.call_path import OUTER_PATH, STARTED_HERE
from ennead.agent.patching import PatchSet
from ennead.agent.unit_of_work import CURRENT
from ennead.agent.units import AGENT, Recording, await_inside, call_inside
from ennead.sources.registry import UnsupportedVersionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ennead.agent.patching import Patch
    from ennead.agent.unit_of_work import UnitOfWork

_patches = PatchSet()


def install() -> str:
    """Hook the runner's ``call_and_report``; see :class:`ennead.sources.registry.SourceModule`."""
    # Not ``pytest`` itself: that is what imports the runner, and has not finished yet.
    from _pytest import __version__, runner

    if not hasattr(runner, "call_and_report"):
        message = f"pytest {__version__} runs tests in another way than pytest 7 to 9"
        raise UnsupportedVersionError(message)
    if not _patches:
        _patches.add(runner, "call_and_report", _recording_call)
    return str(__version__)


def uninstall() -> None:
    """Undo :func:`install`."""
    _patches.undo()


def _recording_call(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def call_and_report(item: Any, when: Any, *args: Any, **kwargs: Any) -> Any:
        recording = _open(item) if patch.active and when == "call" else None
        if recording is None:
            return original(item, when, *args, **kwargs)
        try:
            with _inside_runner_task(item, recording.unit):
                return call_inside(original, item, when, *args, **kwargs)
        finally:
            recording.__exit__(None, None, None)

    return call_and_report


def _open(item: Any) -> Recording | None:
    try:
        return Recording(str(item.nodeid), "test").__enter__()
    except Exception:
        AGENT.internal_error_count += 1
        return None


@contextmanager
def _inside_runner_task(item: Any, unit: UnitOfWork | None) -> Iterator[None]:
    """Carry the unit into the task that AnyIO's plugin runs several tests in: its context is older than the unit."""
    function = getattr(item, "obj", None)
    if unit is None or not _runs_in_runner_task(item) or not iscoroutinefunction(function):
        yield
        return
    item.obj = _carried(function, unit)
    try:
        yield
    finally:
        item.obj = function


def _runs_in_runner_task(item: Any) -> bool:
    try:
        return item.get_closest_marker("anyio") is not None
    except Exception:
        AGENT.internal_error_count += 1
        return False


def _carried(function: Callable[..., Any], unit: UnitOfWork) -> Callable[..., Any]:
    @wraps(function)
    async def inside(*args: Any, **kwargs: Any) -> Any:
        unit_token, path_token = CURRENT.set(unit), OUTER_PATH.set(STARTED_HERE)
        try:
            return await await_inside(function(*args, **kwargs))
        finally:
            OUTER_PATH.reset(path_token)
            CURRENT.reset(unit_token)

    return inside
