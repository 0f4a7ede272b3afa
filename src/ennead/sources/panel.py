"""The panel in a page under development: who gets it, into which responses it goes, and how Django and Flask add it.

What stands in it is made by whoever provides it: a source knows nothing of findings. Whatever fails, the response stays
as it was.
"""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

from ennead.agent.unit_of_work import CURRENT
from ennead.agent.units import AGENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ennead.agent.unit_of_work import UnitOfWork
    from ennead.agent.units import Recording

    Header = Callable[[str], str | None]

MARK = 'id="ennead-panel"'
"""In every panel, by which an outer hook sees that an inner one has added it."""
_END = b"</body"
_POLICY = b"content-security-policy"
_POLICY_HEADERS = ("Content-Security-Policy", "Content-Security-Policy-Report-Only")
_BEHIND_PROXY = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
_BY_SCRIPT = ("X-Requested-With", "HX-Request", "X-PJAX", "Turbo-Frame")
_renderers: list[Callable[[UnitOfWork], str]] = []


def provide_panel(render: Callable[[UnitOfWork], str]) -> None:
    """Let ``render`` write the panel of a request that is about to be answered; the last one provided counts."""
    _renderers[:] = [render]


def is_shown_to(address: str | None, method: str, header: Header) -> bool:
    """Whether a request is a browser's on this machine that opens a page: no script's, and not through a proxy.

    Parameters
    ----------
    address
        Of the peer.
    header
        The request's.
    """
    if not AGENT.settings.panel or method == "HEAD" or not _is_loopback(address):
        return False
    if any(header(name) is not None for name in (*_BEHIND_PROXY, *_BY_SCRIPT)):
        return False
    destination = header("Sec-Fetch-Dest")
    return destination == "document" if destination else "text/html" in (header("Accept") or "")


def _is_loopback(address: str | None) -> bool:
    with suppress(ValueError):
        peer = ip_address(address or "")
        mapped = peer.ipv4_mapped if isinstance(peer, IPv6Address) else None
        return (mapped or peer).is_loopback
    return False


def may_hold(header: Header) -> bool:
    """Whether a response with these headers is a whole page of HTML that may bring a style of its own."""
    if (header("Content-Type") or "").partition(";")[0].strip().lower() != "text/html":
        return False
    if header("Content-Encoding") or header("Content-Range") or header("Content-Disposition"):
        return False
    return allows_style(policy for name in _POLICY_HEADERS if (policy := header(name)))


def allows_style(policies: Iterable[str]) -> bool:
    """Whether every content security policy lets a page have a style element in it.

    >>> allows_style([]), allows_style(["script-src 'none'"]), allows_style(["style-src 'self' 'unsafe-inline'"])
    (True, True, True)
    >>> allows_style(["default-src 'self'"]), allows_style(["style-src 'unsafe-inline' 'nonce-abc'"])
    (False, False)
    """
    return all(_allows_style(policy) for policy in ",".join(policies).split(","))


def _allows_style(policy: str) -> bool:
    directives: dict[str, list[str]] = {}
    for directive in policy.lower().split(";"):
        name, *sources = directive.split() or [""]
        directives.setdefault(name, sources)
    for name in ("style-src-elem", "style-src", "default-src"):
        if name in directives:
            named = directives[name]
            return "'unsafe-inline'" in named and not any(each.startswith(("'nonce-", "'sha")) for each in named)
    return True


def with_panel(unit: UnitOfWork, body: bytes) -> bytes | None:
    """The page with the panel at its end; ``None`` if it has no end, a policy of its own, or a panel already."""
    lowered = body.lower()
    end = lowered.rfind(_END)
    if end < 0 or not _renderers or MARK.encode() in lowered or _POLICY in lowered:
        return None
    panel = _renderers[0](unit).encode("ascii", "xmlcharrefreplace")
    return body[:end] + panel + body[end:]


def add_to_django(recording: Recording, request: Any, response: Any) -> None:
    """Put the panel into a response of Django."""
    try:
        if recording.unit is None or response.streaming or not may_hold(response.get):
            return
        if not is_shown_to(request.META.get("REMOTE_ADDR"), request.method, request.headers.get):
            return
        page = with_panel(recording.unit, response.content)
        if page is not None:
            response.content = page
            if response.has_header("Content-Length"):
                response["Content-Length"] = str(len(page))
            del response["ETag"]  # it was the other page's
    except Exception:
        AGENT.internal_error_count += 1


def add_to_flask(request: Any, response: Any) -> None:
    """Put the panel into a response of Flask."""
    try:
        unit = CURRENT.get()
        if unit is None or not response.is_sequence or not may_hold(response.headers.get):
            return
        if not is_shown_to(request.remote_addr, request.method, request.headers.get):
            return
        page = with_panel(unit, response.get_data())
        if page is not None:
            response.set_data(page)  # with its length
            response.headers.pop("ETag", None)  # it was the other page's
    except Exception:
        AGENT.internal_error_count += 1
