"""Starlette, and with it FastAPI: requests are units of work without a line in the application."""

from __future__ import annotations

from functools import partial, wraps
from typing import TYPE_CHECKING, Any

from ennead.agent.patching import PatchSet
from ennead.sources.asgi import serve

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.agent.patching import Patch

_patches = PatchSet()


def install() -> str:
    """Hook ``Starlette.__call__``; see :class:`ennead.sources.registry.SourceModule`."""
    import starlette
    from starlette.applications import Starlette

    if not _patches:
        _patches.add(Starlette, "__call__", _recording_call)
    return str(starlette.__version__)


def uninstall() -> None:
    """Undo :func:`install`."""
    _patches.undo()


def _recording_call(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    async def __call__(self: Any, scope: Any, receive: Any, send: Any) -> None:  # noqa: N807 -- it replaces that method
        if patch.active and scope["type"] == "http":
            await serve(partial(original, self), scope, receive, send)
        else:
            await original(self, scope, receive, send)

    return __call__
