"""``python -m ennead.replay.call package.module:function``: one call as a unit of work, its result noted.

This makes a command of a callable, for ``ennead fix`` and ``ennead verify``. Coroutine functions are run. With
``DJANGO_SETTINGS_MODULE`` in the environment Django is set up first. Outside of a replay the result is printed.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import sys
from contextlib import suppress
from functools import reduce
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from ennead.agent.units import Recording, await_inside, call_inside, pause
from ennead.kernel.errors import EnneadError
from ennead.replay.environment import REPLAY_FILE
from ennead.replay.values import canonical

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

_RETURNED = "returned"


def call(function: Callable[[], object], name: str) -> dict[str, Any]:
    """Call a function as a unit of work and note its outcome; its queries have been counted when the result is read.

    Parameters
    ----------
    function
        Without arguments; a coroutine function is run.
    name
        Of the unit of work.

    Returns
    -------
    dict
        The outcome: ``kind``, ``status``, ``body``.
    """
    recording = Recording(name, "job").__enter__()
    try:
        status, value = _attempt(function)
    finally:
        recording.suspend()
    with pause():
        status, body = _told(status, value)
    outcome = {"kind": "return value", "status": status, "body": body, "media_type": "python"}
    if recording.unit is not None:
        recording.unit.outcome = outcome
    recording.__exit__(None, None, None)
    return outcome


def _attempt(function: Callable[[], object]) -> tuple[str, object]:
    try:
        value = call_inside(function)
        if inspect.isasyncgen(value):
            value = _items(value)
        return _RETURNED, asyncio.run(await_inside(value)) if inspect.iscoroutine(value) else value
    except SystemExit as error:  # how a script's main function ends
        return (f"raised SystemExit: {error.code}" if error.code else _RETURNED), None
    except Exception as error:  # noqa: BLE001 -- an error is an outcome, too
        return _raised(error), None


async def _items(generator: AsyncIterator[object]) -> list[object]:
    return [item async for item in generator]


def _told(status: str, value: object) -> tuple[str, object]:
    """What was returned, in canonical form; it may be lazy, and fail only when it is read."""
    try:
        return status, canonical(value)
    except Exception as error:  # noqa: BLE001 -- as above
        return _raised(error), None


def _raised(error: Exception) -> str:
    return f"raised {type(error).__name__}: {error}"


def named_function(name: str) -> Callable[[], object]:
    """The function that ``package.module:function`` names.

    Raises
    ------
    EnneadError
        The name has another form, or there is none.
    """
    module, separator, path = name.partition(":")
    if not separator or not path or not module or module.startswith("."):
        message = f"name a function as package.module:function, not {name!r}"
        raise EnneadError(message)
    try:
        found: Any = reduce(getattr, path.split("."), import_module(module))
    except Exception as error:
        message = f"there is no {name}: {words_of(error)}"
        raise EnneadError(message) from error
    if not callable(found):
        message = f"{name} cannot be called: it is of type {type(found).__name__}"
        raise EnneadError(message)
    with suppress(ValueError):  # of what is built in the signature may not be known
        _check_arguments(name, inspect.signature(found))
    return cast("Callable[[], object]", found)


def _check_arguments(name: str, signature: inspect.Signature) -> None:
    try:
        signature.bind()
    except TypeError as error:
        message = f"{name} is called without arguments: {error}"
        raise EnneadError(message) from error


def words_of(error: Exception) -> str:
    """An error's message, with its type where the message alone says little: a ``KeyError`` in an imported module."""
    return str(error) if isinstance(error, ImportError | AttributeError) else f"{type(error).__name__}: {error}"


def set_up_django() -> None:
    """Set Django up with the settings that the environment names.

    Raises
    ------
    EnneadError
        There is no Django, or the settings cannot be used.
    """
    try:
        import_module("django").setup()
    except Exception as error:
        message = f"Django cannot be set up with {os.environ.get('DJANGO_SETTINGS_MODULE')}: {words_of(error)}"
        raise EnneadError(message) from error


def main(arguments: list[str]) -> int:
    """Call what the command line names; 1 if it raised, 2 if there is no such function."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m ennead.replay.call package.module:function\n")
        return 2
    sys.path.insert(0, "")
    try:
        if os.environ.get("DJANGO_SETTINGS_MODULE"):
            set_up_django()
        outcome = call(named_function(arguments[0]), arguments[0])
    except EnneadError as error:
        sys.stderr.write(f"ennead: {error}\n")
        return 2
    if REPLAY_FILE not in os.environ:
        sys.stdout.write(json.dumps(outcome, indent=1, default=str) + "\n")
    return 0 if outcome["status"] == _RETURNED else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
