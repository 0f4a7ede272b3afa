"""The trace id of a request's W3C ``traceparent`` header, so that findings and traces can be joined."""

from __future__ import annotations

import re

_FORM = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")


def trace_id_of(header: str | bytes | None) -> str | None:
    """The trace id in the header; ``None`` without one, or where it is not well formed.

    Examples
    --------
    >>> trace_id_of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    '4bf92f3577b34da6a3ce929d0e0e4736'
    >>> trace_id_of(b"tomorrow") is None
    True

    References
    ----------
    https://www.w3.org/TR/trace-context/#traceparent-header
    """
    if not header:
        return None
    text = header.decode("latin-1") if isinstance(header, bytes) else header
    match = _FORM.fullmatch(text.strip())
    return match.group(1) if match else None
