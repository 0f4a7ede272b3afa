"""Which versions of SQLAlchemy we can hook."""

from __future__ import annotations

import re

import sqlalchemy

from ennead.sources.registry import UnsupportedVersionError

_OLDEST = (2, 0)


def supported_version() -> str:
    """The installed version.

    Raises
    ------
    UnsupportedVersionError
        It is older than the events we listen to.
    """
    installed = sqlalchemy.__version__
    if release_of(installed) < _OLDEST:
        raise UnsupportedVersionError(f"SQLAlchemy 2.0 or newer is needed, {installed} is installed")
    return installed


def release_of(version: str) -> tuple[int, ...]:
    """Major and minor number.

    Examples
    --------
    >>> release_of("2.1.0b1")
    (2, 1)
    """
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])
