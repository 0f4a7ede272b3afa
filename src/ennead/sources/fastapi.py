"""FastAPI: what is loaded while a response is made after the endpoint has returned.

A response model reads relations of the returned objects when none of the user's lines is on the stack any more. So the
endpoint stands for it. What an endpoint that is no coroutine has returned is read in a worker thread: there the path
goes on with the endpoint where it was handed over.
"""

from __future__ import annotations

from inspect import unwrap
from typing import TYPE_CHECKING, Any

from ennead.agent.call_path import register_inspector, unregister_inspector
from ennead.agent.places import PROJECT, source_line
from ennead.kernel.call_site import CallSite

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from ennead.agent.call_path import Walk

_HANDLER = "app"
"""Name of the function in ``fastapi/routing.py`` that handles one request to one endpoint."""
_SERIALIZER = "serialize_response"
"""Name of the one that makes the response of what the endpoint has returned."""
_NOTE = "fastapi-response"


def install() -> str:
    """Register the inspectors; see :class:`ennead.sources.registry.SourceModule`."""
    import fastapi
    from fastapi import routing

    register_inspector(routing.__file__, _HANDLER, _inspect_handler)
    register_inspector(routing.__file__, _SERIALIZER, _inspect_serializer)
    return str(fastapi.__version__)


def uninstall() -> None:
    """Undo :func:`install`."""
    from fastapi import routing

    unregister_inspector(routing.__file__, _HANDLER, _inspect_handler)
    unregister_inspector(routing.__file__, _SERIALIZER, _inspect_serializer)


def _inspect_serializer(_frame: FrameType, walk: Walk) -> None:
    """Note that the endpoint has returned: what is handed to a thread is not the endpoint itself."""
    walk.notes[_NOTE] = True


def _inspect_handler(frame: FrameType, walk: Walk) -> None:
    endpoint = _endpoint_of(frame)
    if endpoint is not None and not walk.steps and (_NOTE in walk.notes or not walk.is_handover):
        walk.add_site(lambda: _site_of(endpoint), _endpoint_of, endpoint)


def _endpoint_of(frame: FrameType) -> Callable[..., Any] | None:
    return getattr(frame.f_locals.get("dependant"), "call", None)


def _site_of(endpoint: Callable[..., Any]) -> CallSite:
    function = unwrap(endpoint)
    code = getattr(function, "__code__", None) or type(function).__call__.__code__
    line = _line_of_definition(code.co_filename, code.co_firstlineno)
    name = getattr(function, "__qualname__", type(function).__name__)
    return CallSite(
        file=PROJECT.relative(code.co_filename),
        line=line,
        function=name,
        source=source_line(code.co_filename, line),
        module=str(getattr(function, "__module__", "")),
        note=f"response of {name}",
    )


def _line_of_definition(filename: str, first: int) -> int:
    """The line of the ``def``: decorators come first."""
    for line in range(first, first + 50):
        text = source_line(filename, line) or ""
        if text.startswith(("def ", "async def ", "class ")):
            return line
    return first
