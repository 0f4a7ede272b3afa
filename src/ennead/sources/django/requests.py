"""Requests as units of work: every request that a Django handler answers, middleware included.

``BaseHandler.get_response`` is hooked, and its asynchronous twin, so that WSGI, ASGI and the test clients are recorded
without a line in the settings. A streamed body belongs to its request: the unit of work ends when the last part was
produced or the response is closed, whichever comes first. Inside of a profile it ends with the response's head, and
the profile itself records what is streamed later: a body that nobody reads would never end.
"""

from __future__ import annotations

import re
from functools import wraps
from typing import TYPE_CHECKING, Any

from ennead.agent.patching import PatchSet
from ennead.agent.unit_of_work import CURRENT
from ennead.agent.units import AGENT, Recording, await_inside, call_inside
from ennead.sources.django.declarations import declaration_of
from ennead.sources.django.queries import supported_version
from ennead.sources.django.streaming import stream_inside
from ennead.sources.panel import add_to_django
from ennead.sources.server_timing import tell_django

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.agent.patching import Patch
    from ennead.sources.django.declarations import Declaration

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
_NO_TRACE = "0" * 32
_patches = PatchSet()


def install() -> str:
    """Hook the request handlers; see :class:`ennead.sources.registry.SourceModule`."""
    version = supported_version()
    if not _patches:
        from django.core.handlers.base import BaseHandler

        _patches.add(BaseHandler, "get_response", _recording_get_response)
        _patches.add(BaseHandler, "get_response_async", _recording_get_response_async)
    return version


def uninstall() -> None:
    """Undo :func:`install`."""
    _patches.undo()


class UnitOfWorkMiddleware:
    """Middleware that makes each request a unit of work, for handlers that ``ennead.install()`` cannot reach.

    Django's own handlers are hooked without it, and where that has been done the middleware only passes requests on.
    Put it first in ``MIDDLEWARE``: ``"ennead.sources.django.requests.UnitOfWorkMiddleware"``. It serves synchronous and
    asynchronous requests alike. The queries are recorded by the hooks of ``ennead.install()``.

    Parameters
    ----------
    get_response
        The next middleware, or the view.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        from asgiref.sync import iscoroutinefunction, markcoroutinefunction

        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: Any) -> Any:
        """Answer the request, or return the coroutine that will."""
        if self.is_async:
            return _answer_async(self.get_response, request)
        return _answer(self.get_response, request)


def _recording_get_response(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def get_response(self: Any, request: Any) -> Any:
        if not patch.active:
            return original(self, request)
        return _answer(original, self, request)

    return get_response


def _recording_get_response_async(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    async def get_response_async(self: Any, request: Any) -> Any:
        if not patch.active:
            return await original(self, request)
        return await _answer_async(original, self, request)

    return get_response_async


def _answer(function: Callable[..., Any], *args: Any) -> Any:
    recording = _open(args[-1])
    if recording is None:
        return function(*args)
    try:
        response = call_inside(function, *args)
    except BaseException:
        _close(recording, args[-1], None)
        raise
    _close(recording, args[-1], response)
    return response


async def _answer_async(function: Callable[..., Any], *args: Any) -> Any:
    recording = _open(args[-1])
    if recording is None:
        return await function(*args)
    try:
        response = await await_inside(function(*args))
    except BaseException:
        _close(recording, args[-1], None)
        raise
    _close(recording, args[-1], response)
    return response


def _open(request: Any) -> Recording | None:
    """The request's recording, entered; ``None`` if the request is recorded already, or if our own code failed."""
    try:
        if getattr(request, "_ennead_is_recorded", False):
            return None
        request._ennead_is_recorded = True
        name = f"{request.method} {request.path}"
        return Recording(name, "request", trace_id=trace_id_of(request.META.get("HTTP_TRACEPARENT"))).__enter__()
    except Exception:
        AGENT.internal_error_count += 1
        return None


def _close(recording: Recording, request: Any, response: Any) -> None:
    try:
        recording.suspend()
        request._ennead_is_recorded = False
        _name_by_route(recording, request)
        if response is not None:
            if AGENT.settings.panel:
                add_to_django(recording, request, response)
            tell_django(recording, response)
        outer = CURRENT.get()
        is_profiled = outer is not None and outer.absorbs
        if is_profiled or response is None or not stream_inside(recording, response):
            recording.__exit__(None, None, None)
    except Exception:
        AGENT.internal_error_count += 1
        recording.__exit__(None, None, None)


def _name_by_route(recording: Recording, request: Any) -> None:
    """Name the unit by the URL pattern: one name for all orders."""
    match = getattr(request, "resolver_match", None)
    if recording.unit is None or match is None:
        return
    recording.unit.handler = _handler(match.func)
    recording.unit.route = str(match.route)
    recording.unit.name = f"{request.method} /{str(match.route).lstrip('/')}"


def _handler(view: Any) -> Declaration | None:
    """The class behind a view function: Django's own class-based views, REST framework's, an admin's."""
    admin = getattr(view, "model_admin", None)
    owner = getattr(view, "view_class", None) or getattr(view, "cls", None) or (type(admin) if admin else None)
    return declaration_of(owner, "", (), "view class") if isinstance(owner, type) else None


def trace_id_of(header: str | None) -> str | None:
    """The trace id in a W3C ``traceparent`` header; ``None`` if there is none or it is not well formed.

    Examples
    --------
    >>> trace_id_of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    '4bf92f3577b34da6a3ce929d0e0e4736'
    >>> trace_id_of("tomorrow") is None
    True
    """
    match = _TRACEPARENT.fullmatch(header.strip()) if header else None
    return match.group(1) if match and match.group(1) != _NO_TRACE else None
