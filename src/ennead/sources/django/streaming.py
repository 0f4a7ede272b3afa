"""Bodies of streamed responses, produced inside the unit of work of their request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

from ennead.agent.units import await_inside, call_inside

if TYPE_CHECKING:
    from ennead.agent.units import Recording


def stream_inside(recording: Recording, response: Any) -> bool:
    """Let a streamed body belong to the recording, which ends with it. Tells whether there is such a body.

    Files are left alone: servers may send them without Python, and no query makes them.
    """
    if recording.unit is None or not getattr(response, "streaming", False):
        return False
    if getattr(response, "file_to_stream", None) is not None:
        return False
    parts = response.streaming_content
    response.streaming_content = (
        AsyncBody(parts, recording) if getattr(response, "is_async", False) else Body(parts, recording)
    )
    return True


class Body(Iterator[Any]):
    """The parts of a body, each produced inside the unit of work.

    Django calls :meth:`close` when the response is closed.
    """

    def __init__(self, parts: Any, recording: Recording) -> None:
        self._parts = iter(parts)
        self._recording = recording

    def __next__(self) -> Any:
        self._recording.resume()
        try:
            part = call_inside(next, self._parts)
        except BaseException:
            self.close()
            raise
        self._recording.suspend()
        return part

    def close(self) -> None:
        """End the unit of work; idempotent."""
        self._recording.__exit__(None, None, None)


class AsyncBody(AsyncIterator[Any]):
    """The parts of an asynchronous body, each produced inside the unit of work."""

    def __init__(self, parts: Any, recording: Recording) -> None:
        self._parts = aiter(parts)
        self._recording = recording

    async def __anext__(self) -> Any:
        self._recording.resume()
        try:
            part = await await_inside(anext(self._parts))
        except BaseException:
            self.close()
            raise
        self._recording.suspend()
        return part

    def close(self) -> None:
        """End the unit of work; idempotent."""
        self._recording.__exit__(None, None, None)
