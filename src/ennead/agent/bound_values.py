"""What is kept of the values bound to a statement, from its execution to the end of the unit of work.

The host may change its list afterwards, or bind a gigabyte of blobs: so mutable containers are copied, and of long
values only the ends are kept.
"""

from __future__ import annotations

from collections.abc import Mapping

MAX_VALUES = 1_000
LONGEST_VALUE = 256
_END = 64


def copied(parameters: object) -> object:
    """A copy of a mutable container; whatever else the driver was given is handed back as it is."""
    if type(parameters) is dict:
        return parameters.copy()
    if isinstance(parameters, list):
        return tuple(parameters[:MAX_VALUES])
    return parameters


def shortened(parameters: object) -> object:
    """Copy a container with long values cut down; for statements that write, which is where blobs occur."""
    if isinstance(parameters, list | tuple):
        return tuple(map(kept_value, parameters[:MAX_VALUES]))
    if isinstance(parameters, dict):
        return {name: kept_value(value) for name, value in parameters.items()}
    return parameters


def bound_values(parameters: object) -> tuple[object, ...]:
    """The values in the order of the statement's placeholders, or of their names where the driver binds by name."""
    if parameters is None:
        return ()
    if isinstance(parameters, Mapping):
        return tuple(map(kept_value, parameters.values()))
    if isinstance(parameters, list | tuple):
        return tuple(map(kept_value, parameters))
    return (type(parameters).__name__,)


def kept_value(value: object) -> object:
    """A value that costs little to keep: a long text or blob is told by its length and its ends.

    Examples
    --------
    >>> kept_value("short")
    'short'
    >>> kept_value(b"x" * 1_000)[:2]
    ('bytes', 1000)
    """
    if isinstance(value, memoryview):
        return ("memoryview", value.nbytes)
    if not isinstance(value, str | bytes | bytearray):
        return value
    if len(value) > LONGEST_VALUE:
        return (type(value).__name__, len(value), _immutable(value[:_END]), _immutable(value[-_END:]))
    return _immutable(value)


def _immutable(value: str | bytes | bytearray) -> str | bytes:
    return bytes(value) if isinstance(value, bytearray) else value
