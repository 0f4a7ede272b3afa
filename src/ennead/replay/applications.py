"""An application asked without a server: Django through its test client, others as ASGI or WSGI says."""

from __future__ import annotations

import asyncio
import inspect
import os
import re
import sys
from contextlib import contextmanager, nullcontext
from contextvars import copy_context
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote_to_bytes
from wsgiref.util import setup_testing_defaults

from ennead.kernel.errors import EnneadError
from ennead.replay.call import set_up_django, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

_SETTINGS = re.compile(r"""["']DJANGO_SETTINGS_MODULE["']\s*,\s*["']([\w.]+)["']""")
_USUAL_NAMES = ("app", "application", "create_app", "make_app")
_HOST = "localhost"
_SERVER_ERROR = 500


class Request(NamedTuple):
    """A request without a body."""

    method: str
    path: str


def application_client(
    name: str, headers: Mapping[str, str], user: str | None = None
) -> AbstractContextManager[Callable[[Request], int]]:
    """What sends requests to a named application and tells the status of each answer.

    Parameters
    ----------
    name
        ``package.module:application``; without the second part one of the usual names. Functions without parameters
        make the application: ``package.module:create_app``.
    headers
        Of each request.
    user
        Logged in, if it is a Django project.

    Raises
    ------
    EnneadError
        There is none of that name.
    """
    application = _named(name)
    base = sys.modules.get("django.core.handlers.base")
    if base is not None and isinstance(application, base.BaseHandler):
        return nullcontext(_django_sender(headers, user))
    if user is not None:
        message = f"users are known of Django projects only, and {name} is none"
        raise EnneadError(message)
    if inspect.iscoroutinefunction(application) or inspect.iscoroutinefunction(type(application).__call__):
        return _asgi_client(application, headers)
    return nullcontext(lambda request: _ask_wsgi(application, request, headers))


def django_client(headers: Mapping[str, str], user: str | None) -> AbstractContextManager[Callable[[Request], int]]:
    """What sends requests to the Django project in this folder, or that ``DJANGO_SETTINGS_MODULE`` names.

    Raises
    ------
    EnneadError
        There is none, or no such user.
    """
    if "DJANGO_SETTINGS_MODULE" not in os.environ:
        os.environ["DJANGO_SETTINGS_MODULE"] = _settings_of_project()
    set_up_django()
    return nullcontext(_django_sender(headers, user))


# --------------------------------------------------------------------------------------------------- Django


def _settings_of_project() -> str:
    try:
        found = _SETTINGS.search(Path("manage.py").read_text(encoding="utf-8"))
    except OSError:
        found = None
    if found is None:
        message = "no application is named (--app package.module:app), and there is no Django project here (manage.py)"
        raise EnneadError(message)
    return found[1]


def _django_sender(headers: Mapping[str, str], user: str | None) -> Callable[[Request], int]:
    settings: Any = import_module("django.conf").settings
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, _HOST]
    client = import_module("django.test").Client(
        raise_request_exception=False, SERVER_NAME=_HOST, headers=dict(headers)
    )
    if user is not None:
        client.force_login(_django_user(user))
    is_secure = bool(settings.SECURE_SSL_REDIRECT)

    def send(request: Request) -> int:
        response = client.generic(request.method, request.path, secure=is_secure)
        if response.streaming and not response.is_async:
            for _ in response.streaming_content:
                pass
        response.close()
        return int(response.status_code)

    return send


def _django_user(name: str) -> Any:
    try:
        model = import_module("django.contrib.auth").get_user_model()
        user = model.objects.filter(**{model.USERNAME_FIELD: name}).first()
    except Exception as error:
        message = f"the user {name!r} cannot be looked up: {words_of(error)}"
        raise EnneadError(message) from error
    if user is None:
        message = f"there is no user {name!r}"
        raise EnneadError(message)
    return user


# ---------------------------------------------------------------------------------------- other applications


def _named(name: str) -> Any:
    try:
        found = _found(name)
        return found() if _is_factory(found) else found
    except Exception as error:
        message = f"there is no application {name}: {words_of(error)}"
        raise EnneadError(message) from error


def _found(name: str) -> Any:
    module_name, _, attribute = name.removesuffix("()").partition(":")
    module = import_module(module_name)
    if attribute:
        return getattr(module, attribute)
    usual = next((each for each in _USUAL_NAMES if hasattr(module, each)), _USUAL_NAMES[0])
    return getattr(module, usual)


def _is_factory(found: Any) -> bool:
    """Whether it is a function without parameters: applications have two or three."""
    if not inspect.isfunction(found):
        return False
    parameters = inspect.signature(found).parameters.values()
    return all(
        each.default is not each.empty or each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD) for each in parameters
    )


def _split(path: str) -> tuple[bytes, str]:
    """The path as bytes, and the query string."""
    before, _, query = path.partition("?")
    return unquote_to_bytes(before), query


def _ask_wsgi(application: Any, request: Request, headers: Mapping[str, str]) -> int:
    path, query = _split(request.path)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "PATH_INFO": path.decode("latin-1"),
        "QUERY_STRING": query,
        "HTTP_HOST": _HOST,
        "SERVER_NAME": _HOST,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": BytesIO(),
    }
    environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    setup_testing_defaults(environ)
    told: list[int] = []

    def start_response(status: str, _headers: Any, _exc_info: Any = None) -> Callable[[bytes], None]:
        told.append(int(status.partition(" ")[0]))
        return lambda _part: None

    try:
        parts = application(environ, start_response)
        try:
            for _ in parts:
                pass
        finally:
            getattr(parts, "close", _nothing)()
    except Exception as error:  # noqa: BLE001 -- a server goes on, too
        sys.stderr.write(f"{request.method} {request.path}: {words_of(error)}\n")
        return _SERVER_ERROR
    return told[-1] if told else _SERVER_ERROR


@contextmanager
def _asgi_client(application: Any, headers: Mapping[str, str]) -> Iterator[Callable[[Request], int]]:
    """One loop for the application's life: it starts up, answers, and shuts down."""
    with asyncio.Runner() as runner:
        lifespan = _Lifespan(application)
        runner.run(lifespan.start())

        def send(request: Request) -> int:
            # A context of its own, as a server gives to each request.
            return runner.run(_ask_asgi(application, request, headers, lifespan.state), context=copy_context())

        yield send
        runner.run(lifespan.stop())


class _Lifespan:
    """The start and the end of an application that wants to know of them."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self.state: dict[str, Any] = {}
        self._to_application: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._task: asyncio.Task[Any] | None = None

    async def start(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": self.state}
        self._task = asyncio.create_task(
            self._application(scope, self._to_application.get, self._answers.put), name="lifespan"
        )
        answer = await self._tell("startup")
        if answer is not None and answer["type"] == "lifespan.startup.failed":
            message = f"the application does not start up: {answer.get('message') or 'it says no more'}"
            raise EnneadError(message)

    async def stop(self) -> None:
        if self._task is not None and not self._task.done():
            await self._tell("shutdown")

    async def _tell(self, what: str) -> dict[str, Any] | None:
        """Its answer; ``None`` if it has ended without one, as applications do that know of no lifespan."""
        assert self._task is not None  # noqa: S101 -- for the type checker: start() has made it
        await self._to_application.put({"type": f"lifespan.{what}"})
        answer = asyncio.ensure_future(self._answers.get())
        await asyncio.wait([answer, self._task], return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        answer.cancel()
        self._task.exception()  # known of now
        return None


async def _ask_asgi(application: Any, request: Request, headers: Mapping[str, str], state: Mapping[str, Any]) -> int:
    path, query = _split(request.path)
    given = {"host": _HOST, **{name.lower(): value for name, value in headers.items()}}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": path.decode("utf-8", "replace"),
        "raw_path": request.path.partition("?")[0].encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in given.items()],
        "client": ("127.0.0.1", 1),
        "server": (_HOST, 80),
        "state": dict(state),
    }
    told: list[int] = []
    is_answered = asyncio.Event()
    messages = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        message = next(messages, None)
        if message is None:
            await is_answered.wait()
        return message or {"type": "http.disconnect"}

    async def send(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            told.append(message["status"])
        elif not message.get("more_body"):
            is_answered.set()

    try:
        await application(scope, receive, send)
    except Exception as error:  # noqa: BLE001 -- a server goes on, too
        sys.stderr.write(f"{request.method} {request.path}: {words_of(error)}\n")
        return told[-1] if told else _SERVER_ERROR
    return told[-1] if told else _SERVER_ERROR


def _nothing() -> None:
    return None
