"""ASGI applications: each HTTP request is a unit of work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ennead.agent.units import AGENT, Recording, await_inside
from ennead.sources.panel_asgi import page_for
from ennead.sources.server_timing import asgi_message
from ennead.sources.traceparent import trace_id_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Scope = MutableMapping[str, Any]
    Application = Callable[[Scope, Any, Any], Awaitable[None]]


class EnneadMiddleware:
    """ASGI middleware that makes each HTTP request a unit of work.

    Starlette, FastAPI and Django applications are hooked by ``ennead.install()`` and need no middleware, though it does
    no harm. Any other ASGI application is wrapped: ``app = EnneadMiddleware(app)``. The queries themselves are recorded
    by the hooks of ``ennead.install()`` or by ``ennead.wrap_connection``. Lifespan and websocket scopes are passed on.

    The unit is named ``GET /orders/{id}`` if the framework says which route it took, else by the path. It lasts until
    the application returns, after the body and its background tasks. Exceptions pass through unchanged.

    Parameters
    ----------
    app
        The application.

    Examples
    --------
    >>> async def app(scope, receive, send):
    ...     await send({"type": "http.response.start", "status": 204, "headers": []})
    ...     await send({"type": "http.response.body"})
    >>> app = EnneadMiddleware(app)
    """

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Serve one connection."""
        if scope["type"] == "http":
            await serve(self.app, scope, receive, send)
        else:
            await self.app(scope, receive, send)


async def serve(app: Application, scope: Scope, receive: Any, send: Any) -> None:
    """Let the application answer one HTTP request inside a unit of work."""
    recording = _open(scope)
    if recording is None:
        await app(scope, receive, send)
        return
    send = _telling(recording, send)
    page = page_for(recording, scope, send) if AGENT.settings.panel else None
    try:
        await await_inside(app(scope, receive, page or send))
    finally:
        _close(recording, scope)
        if page is not None:
            await page.release()


def _telling(recording: Recording, send: Any) -> Any:
    """``send`` with what the settings want to be told in the head."""
    if not AGENT.settings.server_timing:
        return send

    async def telling_send(message: Any) -> None:
        await send(asgi_message(recording, message))

    return telling_send


def _open(scope: Scope) -> Recording | None:
    try:
        headers = dict(scope.get("headers") or ())
        trace_id = trace_id_of(headers.get(b"traceparent"))
        return Recording(f"{scope['method']} {scope['path']}", "request", trace_id=trace_id).__enter__()
    except Exception:
        AGENT.internal_error_count += 1
        return None


def _close(recording: Recording, scope: Scope) -> None:
    try:
        unit = recording.unit
        if unit is not None and unit.route is None:
            unit.route = route_of(scope)
            if unit.route is not None:
                unit.name = f"{scope['method']} {unit.route}"
    except Exception:
        AGENT.internal_error_count += 1
    recording.__exit__(None, None, None)


def route_of(scope: Scope) -> str | None:
    """The route as Starlette or FastAPI wrote it, with what it is mounted under; ``None`` if none was taken.

    Starlette says ``scope["route"]``; newer versions of FastAPI keep a router's prefix in a context of their own.
    """
    route = scope.get("route")
    included = (scope.get("fastapi") or {}).get("effective_route_context")
    path = getattr(included, "path", None) or getattr(included, "path_format", None) or getattr(route, "path", None)
    if not isinstance(path, str):
        return None
    mounted = str(scope.get("root_path", "")).removeprefix(str(scope.get("app_root_path", "")))
    return _with_names(mounted, scope.get("path_params") or {}) + path


def _with_names(mounted: str, parameters: MutableMapping[str, Any]) -> str:
    """A mount's path with the names of its parameters in place of their values."""
    names = {str(value): f"{{{name}}}" for name, value in parameters.items()}
    return "/".join(names.get(part, part) for part in mounted.split("/"))
