"""Where a memory is, in words that everybody may read: no password, and nothing that may be a part of one."""

from __future__ import annotations

import re

_SCHEME = re.compile(r"[A-Za-z][\w+.-]*://")


def shown_url(url: str) -> str:
    """Scheme, user, host and database of a URL; of what cannot be read, and without SQLAlchemy, only the scheme.

    A query may hold a password, and so may whatever stands before the last ``@``: not everybody escapes.

    Examples
    --------
    >>> shown_url("postgresql://ada:s3cret@db.local/ennead?password=s3cret")
    'postgresql://ada@db.local/ennead'
    >>> shown_url("postgresql://ada:s3@/cret@db.local/ennead")
    'postgresql://ada@db.local/ennead'
    """
    try:
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError
    except ModuleNotFoundError:
        return _scheme(url)
    try:
        read = make_url(url)
    except (ArgumentError, ValueError):  # the second for a port that is no number
        return _scheme(url)
    if "@" in url.partition("?")[2]:  # it may be the end of a password
        return _scheme(url)
    user = f"{read.username}@" if read.username else ""
    port = f":{read.port}" if read.port else ""
    place = f"{read.host or ''}{port}/{read.database or ''}"
    return f"{read.drivername}://{user}{place.rpartition('@')[2]}"


def _scheme(url: str) -> str:
    found = _SCHEME.match(url)
    return f"{found[0]}..." if found else "(not a URL)"
