"""A job of a queue as a unit of work: what the sources of Celery, RQ and Dramatiq have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ennead.agent.units import AGENT, Recording, call_inside
from ennead.sources.traceparent import trace_id_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def run_job(function: Callable[..., Any], *args: Any, name: str, headers: Mapping[str, Any] | None = None) -> Any:
    """Call what does a job, recorded as a unit of work of its own, and return what it returns.

    Parameters
    ----------
    function, args
        What is called. Its exceptions pass as they are.
    name
        Of the task, not of the single job: it is the route that findings and thresholds go by.
    headers
        Of the message; ``traceparent`` among them names the trace.
    """
    recording = _open(name, headers)
    if recording is None:
        return function(*args)
    try:
        return call_inside(function, *args)
    finally:
        recording.__exit__(None, None, None)


def _open(name: str, headers: Mapping[str, Any] | None) -> Recording | None:
    """The job's recording, entered; ``None`` if our own code failed."""
    try:
        told = headers.get("traceparent") if headers else None
        trace_id = trace_id_of(told) if isinstance(told, str | bytes) else None
        return Recording(name, "job", route=name, trace_id=trace_id).__enter__()
    except Exception:
        AGENT.internal_error_count += 1
        return None
