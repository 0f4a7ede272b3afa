"""What is known of the connections of hooked drivers, and the hits whose rows are being fetched."""

from __future__ import annotations

from typing import Any
from weakref import proxy

from ennead.agent.unit_of_work import Hit
from ennead.sources.dbapi.session import Session
from ennead.sources.sqlalchemy.identity import IdentityMap

_SESSIONS = IdentityMap[Session]()
FETCHING = IdentityMap[Hit]()
"""The last hit of each cursor."""


def session_of(raw: Any) -> Session:
    """The session of a driver's connection; it does not keep the connection alive."""
    return _SESSIONS.get(raw) or _SESSIONS.set(raw, _weak(Session(raw), raw))


def _weak(session: Session, raw: Any) -> Session:
    session._raw = proxy(raw)
    return session
