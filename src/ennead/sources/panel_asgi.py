"""The panel in pages of ASGI applications: the messages of a page are held back until it is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ennead.agent.units import AGENT
from ennead.sources.panel import is_shown_to, may_hold, with_panel

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

    from ennead.agent.units import Recording

_START, _BODY = "http.response.start", "http.response.body"
_LARGEST_BYTES = 8 * 1024 * 1024


def page_for(recording: Recording, scope: MutableMapping[str, Any], send: Any) -> HeldPage | None:
    """What takes the messages of the answer; ``None`` if there is to be no panel."""
    try:
        headers = _texts(scope.get("headers") or ())
        address = (scope.get("client") or (None,))[0]
        if recording.unit is None or recording.is_joined or not is_shown_to(address, scope["method"], headers.get):
            return None
        return HeldPage(recording, send)
    except Exception:
        AGENT.internal_error_count += 1
        return None


class HeldPage:
    """Stands in for ``send``. A response of another kind than a page with a known length is passed on at once.

    Parameters
    ----------
    recording
        Of the request.
    send
        Where the messages go.
    """

    def __init__(self, recording: Recording, send: Any) -> None:
        self._recording = recording
        self._send = send
        self._held: list[Any] = []
        self._passing = False
        self._length = 0

    async def __call__(self, message: Any) -> None:
        """Take one message."""
        for due in self._due(message):
            await self._send(due)

    async def release(self) -> None:
        """Send what is still held, as it is: the application ended before its page did."""
        held, self._held, self._passing = self._held, [], True
        for message in held:
            await self._send(message)

    def _due(self, message: Any) -> Sequence[Any]:
        if self._passing:
            return (message,)
        self._held.append(message)
        due = self._held
        try:
            if self._waits():
                return ()
            due = self._with_panel()
        except Exception:
            AGENT.internal_error_count += 1
        self._held, self._passing = [], True
        return due

    def _waits(self) -> bool:
        last = self._held[-1]
        if len(self._held) == 1:
            return last["type"] == _START and self._is_page(last)
        return last["type"] == _BODY and last.get("more_body", False) and len(self._body()) < self._length

    def _is_page(self, start: Any) -> bool:
        headers = _texts(start.get("headers") or ())
        length = headers.get("Content-Length") or ""
        self._length = int(length) if length.isdecimal() else 0
        return 0 < self._length <= _LARGEST_BYTES and may_hold(headers.get)

    def _body(self) -> bytes:
        return b"".join(bytes(message.get("body", b"")) for message in self._held[1:])

    def _with_panel(self) -> list[Any]:
        start, *bodies = self._held
        unit, body = self._recording.unit, self._body() if bodies and bodies[-1]["type"] == _BODY else b""
        page = with_panel(unit, body) if unit is not None and len(body) == self._length > 0 else None
        if page is None:
            return self._held
        changed = (b"content-length", b"etag")  # the tag was the other page's
        headers = [(name, value) for name, value in start["headers"] if bytes(name).lower() not in changed]
        length = (b"content-length", str(len(page)).encode())
        return [{**start, "headers": [*headers, length]}, {**bodies[-1], "body": page}]


class _Headers(dict[str, str]):
    """Headers by their names in lower case, those that occur twice joined."""

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


def _texts(headers: Any) -> _Headers:
    texts = _Headers()
    for raw_name, raw_value in headers:
        name, value = bytes(raw_name).decode("latin-1").lower(), bytes(raw_value).decode("latin-1")
        texts[name] = f"{texts[name]}, {value}" if name in texts else value
    return texts
