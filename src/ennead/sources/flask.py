"""Flask: requests are units of work without a line in the application."""

from __future__ import annotations

from functools import partial, wraps
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from ennead.agent.patching import PatchSet
from ennead.agent.unit_of_work import CURRENT
from ennead.agent.units import AGENT
from ennead.sources.panel import add_to_flask
from ennead.sources.wsgi import COMPLETE_KEY, ROUTE_KEY, serve

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.agent.patching import Patch

_patches = PatchSet()


def install() -> str:
    """Hook ``Flask.wsgi_app`` and ``Flask.process_response``; see :class:`ennead.sources.registry.SourceModule`."""
    from flask.app import Flask

    if not _patches:
        _patches.add(Flask, "wsgi_app", _recording_wsgi_app)
        _patches.add(Flask, "process_response", _describing_process_response)
    return version("flask")


def uninstall() -> None:
    """Undo :func:`install`."""
    _patches.undo()


def _recording_wsgi_app(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def wsgi_app(self: Any, environ: Any, start_response: Any) -> Any:
        if not patch.active:
            return original(self, environ, start_response)
        return serve(partial(original, self), environ, start_response)

    return wsgi_app


def _describing_process_response(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def process_response(self: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(self, *args, **kwargs)
        if patch.active and CURRENT.get() is not None:
            _describe(response)
            if AGENT.settings.panel:
                from flask import request

                add_to_flask(request, response)
        return response

    return process_response


def _describe(response: Any) -> None:
    """Leave what is known only while Flask's request context is there."""
    from flask import request
    from werkzeug.wsgi import ClosingIterator  # the body of an HTTP exception, which has been made already

    try:
        request.environ[COMPLETE_KEY] = not response.is_streamed or isinstance(response.response, ClosingIterator)
        rule = request.url_rule
        if rule is not None:
            request.environ[ROUTE_KEY] = rule.rule
    except Exception:
        AGENT.internal_error_count += 1
