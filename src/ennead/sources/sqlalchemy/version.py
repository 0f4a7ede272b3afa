"""Which versions of SQLAlchemy we can hook."""

from __future__ import annotations

from importlib.metadata import version

from ennead.sources.registry import UnsupportedVersionError

_OLDEST = (2, 0)


def supported_version() -> str:
    """The installed version.

    Raises
    ------
    UnsupportedVersionError
        It is older than the events we listen to.
    """
    installed = version("sqlalchemy")
    if release_of(installed) < _OLDEST:
        raise UnsupportedVersionError(f"SQLAlchemy 2.0 or newer is needed, {installed} is installed")
    return installed


def release_of(version_text: str) -> tuple[int, int]:
    """Major and minor number.

    Examples
    --------
    >>> release_of("2.1.0b1")
    (2, 1)
    """
    major, minor = version_text.split(".")[:2]
    return int(major), int("".join(digit for digit in minor if digit.isdigit()) or 0)
