"""What a request was answered with, noted on its unit of work."""

from __future__ import annotations

import json
import sys
from functools import partial, wraps
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from ennead.agent.patching import PatchSet
from ennead.agent.unit_of_work import CURRENT
from ennead.sources.wsgi import COMPLETE_KEY

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping

    from ennead.agent.import_hook import ImportWatcher
    from ennead.agent.patching import Patch
    from ennead.agent.unit_of_work import UnitOfWork

_LARGEST_BODY_BYTES = 5_000_000
_patches = PatchSet()


def note_responses(watcher: ImportWatcher) -> None:
    """Watch the handlers of Django, Flask and Starlette, inside of the unit of work."""
    watcher.when_imported("django.core.handlers.base", _hook_django)
    watcher.when_imported("flask.app", _hook_flask)
    watcher.when_imported(
        "starlette.applications",
        lambda: _patches.add(sys.modules["starlette.applications"].Starlette, "__call__", _asgi),
    )


def _hook_django() -> None:
    handler = sys.modules["django.core.handlers.base"].BaseHandler
    _patches.add(handler, "get_response", _django)
    _patches.add(handler, "get_response_async", _django_async)


def _hook_flask() -> None:
    application = sys.modules["flask.app"].Flask
    _patches.add(application, "process_response", _flask)
    _patches.add(application, "wsgi_app", _wsgi)


def note_response(unit: UnitOfWork | None, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
    """Put a response on its unit of work."""
    if unit is None:
        return
    told = _headers(headers)
    media_type = told.get("content-type", "").partition(";")[0].strip().lower()
    unit.outcome = {
        "kind": "response",
        "status": str(status),
        "headers": told,
        "body": body_value(body, media_type),
        "media_type": media_type,
    }


def body_value(body: bytes, media_type: str) -> Any:
    r"""A body as JSON values: parsed JSON, text, or a digest of anything else.

    Examples
    --------
    >>> body_value(b'{"a": [1]}', "application/json"), body_value(b"hello", "text/plain")
    ({'a': [1]}, 'hello')
    >>> body_value(b"\xff\xfe", "image/png")["bytes"]
    2
    """
    if len(body) <= _LARGEST_BODY_BYTES:
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            return _digest(body)
        if media_type.endswith("json"):
            try:
                return json.loads(text)
            except ValueError:
                return text
        return text
    return _digest(body)


def _digest(body: bytes) -> dict[str, Any]:
    return {"bytes": len(body), "digest": blake2b(body, digest_size=16).hexdigest()}


def _headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    told: dict[str, str] = {}
    for name, value in headers:
        lower = name.lower()
        word = value.partition("=")[0] if lower == "set-cookie" else value
        told[lower] = f"{told[lower]}, {word}" if lower in told else word
    return told


def _django(original: Callable[..., Any], _patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def get_response(self: Any, request: Any) -> Any:
        response = original(self, request)
        _note_django(CURRENT.get(), response)
        return response

    return get_response


def _django_async(original: Callable[..., Any], _patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    async def get_response_async(self: Any, request: Any) -> Any:
        response = await original(self, request)
        _note_django(CURRENT.get(), response)
        return response

    return get_response_async


def _note_django(unit: UnitOfWork | None, response: Any) -> None:
    headers = [*response.headers.items(), *(("set-cookie", name + "=") for name in response.cookies)]
    note = partial(note_response, unit, response.status_code, headers)
    if not response.streaming:
        note(response.content)
        return
    note(b"")  # what is known if nobody reads the body
    collect = _collecting_async if response.is_async else _collecting
    response.streaming_content = collect(response.streaming_content, note)


def _collecting(parts: Iterable[bytes], note: Callable[[bytes], None]) -> Iterator[bytes]:
    chunks = []
    for part in parts:
        chunks.append(part)
        yield part
    note(b"".join(chunks))


async def _collecting_async(parts: AsyncIterable[bytes], note: Callable[[bytes], None]) -> AsyncIterator[bytes]:
    chunks = []
    async for part in parts:
        chunks.append(part)
        yield part
    note(b"".join(chunks))


def _flask(original: Callable[..., Any], _patch: Patch) -> Callable[..., Any]:
    """A body that is there already belongs to the unit of work that ends before it is sent."""

    @wraps(original)
    def process_response(self: Any, *arguments: Any, **options: Any) -> Any:
        response = original(self, *arguments, **options)
        if not response.is_streamed:
            note_response(CURRENT.get(), response.status_code, response.headers.items(), response.get_data())
        return response

    return process_response


def _wsgi(original: Callable[..., Any], _patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def wsgi_app(self: Any, environ: Any, start_response: Any) -> Any:
        unit = CURRENT.get()
        head: list[tuple[str, list[tuple[str, str]]]] = []

        def noting(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            head[:] = [(status, list(headers))]
            return start_response(status, headers, *rest)

        parts = original(self, environ, noting)
        body = _Body(parts, unit, head)
        if environ.get(COMPLETE_KEY):  # the unit of work ends before the server reads it
            body.read_at_once()
        return body

    return wsgi_app


class _Body:
    """A WSGI body that is collected as it is read."""

    def __init__(self, parts: Any, unit: UnitOfWork | None, head: list[tuple[str, list[tuple[str, str]]]]) -> None:
        self._parts, self._unit, self._head = parts, unit, head
        self._read: list[bytes] | None = None
        self._note(())  # what is known if nobody reads the body

    def read_at_once(self) -> None:
        """Collect a body that has been made already."""
        self._read = list(self._parts)
        self._note(self._read)

    def __iter__(self) -> Iterator[bytes]:
        if self._read is not None:
            yield from self._read
            return
        chunks: list[bytes] = []
        for part in self._parts:
            chunks.append(part)
            yield part
        self._note(chunks)

    def close(self) -> None:
        if hasattr(self._parts, "close"):
            self._parts.close()

    def _note(self, chunks: Iterable[bytes]) -> None:
        if self._head:
            status, headers = self._head[0]
            note_response(self._unit, int(status.partition(" ")[0]), headers, b"".join(chunks))


def _asgi(original: Callable[..., Any], _patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    async def call(self: Any, scope: Any, receive: Any, send: Any) -> None:
        if scope.get("type") != "http":
            await original(self, scope, receive, send)
            return
        answer = _Answer(CURRENT.get(), send)
        await original(self, scope, receive, answer.send)

    return call


class _Answer:
    """An ASGI response that is collected as it is sent."""

    def __init__(self, unit: UnitOfWork | None, send: Callable[[Mapping[str, Any]], Any]) -> None:
        self._unit, self._send = unit, send
        self._status = 0
        self._headers: list[tuple[str, str]] = []
        self._chunks: list[bytes] = []

    async def send(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = [
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in message.get("headers", ())
            ]
        elif message["type"] == "http.response.body":
            self._chunks.append(message.get("body", b""))
            if not message.get("more_body"):
                note_response(self._unit, self._status, self._headers, b"".join(self._chunks))
        await self._send(message)
