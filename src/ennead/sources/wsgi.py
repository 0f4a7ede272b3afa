"""WSGI applications: each request is a unit of work, its body included."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ennead.agent.units import AGENT, Recording, call_inside
from ennead.sources.server_timing import wsgi_headers
from ennead.sources.traceparent import trace_id_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Environ = dict[str, Any]
    Application = Callable[[Environ, Any], Iterable[bytes]]


ROUTE_KEY = "ennead.route"
"""Where the source of a framework leaves the route in the environment."""
COMPLETE_KEY = "ennead.body_is_complete"
"""Where it says that the body has been made already, as most are."""


class EnneadMiddleware:
    """WSGI middleware that makes each request a unit of work.

    Flask and Django applications are hooked by ``ennead.install()`` and need no middleware, though it does no harm. Any
    other WSGI application is wrapped: ``app = EnneadMiddleware(app)``. The queries themselves are recorded by the hooks
    of ``ennead.install()`` or by ``ennead.wrap_connection``.

    The unit is named ``GET /orders/<int:id>`` if the framework says which route it took, else by the path. It lasts
    until the body is done or closed; what the server does between the parts of a streamed body is no part of it. Lists
    of parts, and files that the server sends by itself, are passed on as they are. Exceptions pass through unchanged.

    Parameters
    ----------
    app
        The application.

    Examples
    --------
    >>> def app(environ, start_response):
    ...     start_response("204 No Content", [])
    ...     return []
    >>> app = EnneadMiddleware(app)
    """

    def __init__(self, app: Application) -> None:
        self.app = app

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        return serve(self.app, environ, start_response)


def serve(app: Application, environ: Environ, start_response: Any) -> Iterable[bytes]:
    """Let the application answer one request inside a unit of work."""
    recording = _open(environ)
    if recording is None:
        return app(environ, start_response)
    try:
        body = call_inside(app, environ, _telling(recording, start_response))
    except BaseException:
        _close(recording, environ)
        raise
    if recording.unit is None or recording.is_joined or _is_complete(body, environ):
        _close(recording, environ)
        return body
    recording.suspend()
    return Body(body, recording, environ)


class Body(Iterator[bytes]):
    """The parts of a response, each made inside the unit of work, which ends with them.

    Parameters
    ----------
    parts
        What the application returned.
    recording
        Suspended.
    environ
        Of the request.
    """

    def __init__(self, parts: Iterable[bytes], recording: Recording, environ: Environ) -> None:
        self._parts = parts
        self._iterator: Iterator[bytes] | None = None
        self._recording = recording
        self._environ = environ

    def __next__(self) -> bytes:
        self._recording.resume()
        try:
            if self._iterator is None:
                self._iterator = call_inside(iter, self._parts)
            part = call_inside(next, self._iterator)
        except BaseException:
            _close(self._recording, self._environ)
            raise
        self._recording.suspend()
        return part

    def close(self) -> None:
        """Part of the protocol: the server calls it, whether it has sent the whole body or not."""
        self._recording.resume()
        try:
            close = getattr(self._parts, "close", None)
            if close is not None:
                call_inside(close)
        finally:
            _close(self._recording, self._environ)

    def __del__(self) -> None:  # of a test client that looks at the status only
        with suppress(Exception):
            _close(self._recording, self._environ)


def _telling(recording: Recording, start_response: Any) -> Any:
    """``start_response`` with what the settings want to be told in the head."""
    if not AGENT.settings.server_timing:
        return start_response

    def telling_start_response(status: str, headers: Any, *args: Any, **kwargs: Any) -> Any:
        return start_response(status, wsgi_headers(recording, headers), *args, **kwargs)

    return telling_start_response


def _is_complete(body: Iterable[bytes], environ: Environ) -> bool:
    """Whether nothing of the application's runs while the body is sent."""
    if environ.get(COMPLETE_KEY):
        return True
    wrapper = environ.get("wsgi.file_wrapper")
    return isinstance(body, list | tuple) or (isinstance(wrapper, type) and isinstance(body, wrapper))


def _open(environ: Environ) -> Recording | None:
    try:
        path = f"{environ.get('SCRIPT_NAME', '')}{environ.get('PATH_INFO', '')}" or "/"
        name = f"{environ['REQUEST_METHOD']} {path.encode('latin-1').decode('utf-8', 'replace')}"
        trace_id = trace_id_of(environ.get("HTTP_TRACEPARENT"))
        return Recording(name, "request", trace_id=trace_id).__enter__()
    except Exception:
        AGENT.internal_error_count += 1
        return None


def _close(recording: Recording, environ: Environ) -> None:
    try:
        unit = recording.unit
        if unit is not None and unit.route is None and not unit.closed:
            unit.route = environ.get(ROUTE_KEY)
            if unit.route is not None:
                unit.name = f"{environ['REQUEST_METHOD']} {unit.route}"
    except Exception:
        AGENT.internal_error_count += 1
    recording.__exit__(None, None, None)
