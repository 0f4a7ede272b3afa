"""The version that every serialised record carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA_VERSION = 1


def check_schema(data: Mapping[str, Any], what: str) -> None:
    """Refuse a record of a newer schema than this version can read.

    Raises
    ------
    EnneadError
        The record says a schema version above ours, or one that is no integer.

    Examples
    --------
    >>> check_schema({"schema": 1}, "finding")
    >>> check_schema({"schema": 99}, "finding")
    Traceback (most recent call last):
    ...
    ennead.kernel.errors.EnneadError: this finding has schema version 99, but this Ennead reads up to 1: upgrade ennead
    """
    version = data.get("schema", SCHEMA_VERSION)
    if not isinstance(version, int) or version > SCHEMA_VERSION:
        message = (
            f"this {what} has schema version {version}, but this Ennead reads up to {SCHEMA_VERSION}: upgrade ennead"
        )
        raise EnneadError(message)
