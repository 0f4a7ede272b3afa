"""The header ``Server-Timing``: what a request has asked the database so far, for the developer tools of a browser.

Nothing is analysed for it. It is made when the head of the response is sent; what is streamed later is not in it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from ennead.agent.units import AGENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ennead.agent.unit_of_work import UnitOfWork
    from ennead.agent.units import Recording

HEADER = "Server-Timing"
_NS_PER_MS = 1_000_000


def server_timing(recording: Recording) -> str | None:
    """The header's value; ``None`` if it is switched off, or if another hook of the same request tells it."""
    if not AGENT.settings.server_timing or recording.unit is None or recording.is_joined:
        return None
    return value_of(recording.unit)


def value_of(unit: UnitOfWork) -> str:
    """Queries with their time, and how many of them ran a statement again.

    Examples
    --------
    >>> from ennead.agent.unit_of_work import UnitOfWork
    >>> value_of(UnitOfWork("GET /", "request"))
    'db;dur=0.0;desc="0 queries"'
    """
    hits = list(unit.hits)
    total_ms = sum(hit.duration_ns for hit in hits) / _NS_PER_MS
    value = f'db;dur={total_ms:.1f};desc="{_count(len(hits) + unit.dropped_count, "query", "queries")}"'
    again = [runs - 1 for runs in Counter(hit.site.statement for hit in hits).values() if runs > 1]
    if not again:
        return value
    repeats = f"{_count(len(again), 'statement', 'statements')} repeated {_count(sum(again), 'time', 'times')}"
    return f'{value}, repeats;desc="{repeats}"'


def _count(number: int, noun: str, plural: str) -> str:
    return f"{number} {noun if number == 1 else plural}"


def tell_django(recording: Recording, response: Any) -> None:
    """Put it into a response of Django, behind what is there already."""
    try:
        value = server_timing(recording)
        if value is not None:
            there = response.get(HEADER)
            response[HEADER] = f"{there}, {value}" if there else value
    except Exception:
        AGENT.internal_error_count += 1


def wsgi_headers(recording: Recording, headers: Iterable[Any]) -> Any:
    """The headers of a WSGI response with it, or as they were."""
    try:
        value = server_timing(recording)
        return headers if value is None else [*headers, (HEADER, value)]
    except Exception:
        AGENT.internal_error_count += 1
        return headers


def asgi_message(recording: Recording, message: Any) -> Any:
    """A message of an ASGI application with it, if it is the head of the response; or as it was."""
    try:
        value = server_timing(recording) if message["type"] == "http.response.start" else None
        if value is None:
            return message
        header = (HEADER.lower().encode(), value.encode())
        return {**message, "headers": [*message.get("headers", ()), header]}
    except Exception:
        AGENT.internal_error_count += 1
        return message
