"""A server does not end, a replay does: the requests that it answered are sent again without it."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ennead.runs.records import UnitRecord

_SERVERS = frozenset({"uvicorn", "gunicorn", "hypercorn", "daphne", "granian", "waitress-serve"})
_DJANGO_SERVERS = frozenset({"runserver", "runserver_plus", "testserver"})
_DJANGO_PROGRAMS = ("manage.py", "django-admin", "django")
_APPLICATION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*(\(\))?")
_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_NAMING = ("--app", "-A")
_FOLDERS = ("--app-dir", "--chdir")
_SAFE = ("GET ", "HEAD ")
_PARAMETERS = re.compile(r"[<{(\\^$*]")
_MOST_REQUESTS = 20


def requests_instead(
    command: Sequence[str], units: Iterable[UnitRecord], finding_id: str | None = None
) -> tuple[str, ...] | None:
    """The command that sends a server's requests again; ``None`` if the command is no server's.

    Parameters
    ----------
    command
        As it was typed.
    units
        What it recorded.
    finding_id
        Send the requests that had this finding only.

    Raises
    ------
    EnneadError
        None of the requests can be sent again.

    Examples
    --------
    >>> requests_instead(["pytest", "-k", "orders"], []) is None
    True
    """
    arguments = _application_arguments(command)
    if arguments is None:
        return None
    names = dict.fromkeys(unit.name for unit in units if unit.kind == "request" and _has(unit, finding_id))
    paths = [name for name in names if name.startswith(_SAFE) and not _PARAMETERS.search(name)][:_MOST_REQUESTS]
    if not paths:
        raise EnneadError(_why_none(list(names)))
    return ("-m", "ennead.replay.requests", *arguments, *paths)


def is_server(command: Sequence[str]) -> bool:
    """Whether a command is known not to end by itself.

    Examples
    --------
    >>> is_server(["python", "manage.py", "runserver"]), is_server(["python", "manage.py", "test", "runserver"])
    (True, False)
    """
    return _application_arguments(command) is not None


def _why_none(names: Sequence[str]) -> str:
    example = "ennead fix -- -m ennead.replay.requests GET /orders/7/"
    if not names:
        return f"a server does not end, and no request with a finding was recorded; name requests: {example}"
    what = "paths with parameters are not recorded" if any(map(_PARAMETERS.search, names)) else "they may change data"
    return f"a server does not end, and its requests cannot be sent again ({names[0]}): {what}; name them: {example}"


def _has(unit: UnitRecord, finding_id: str | None) -> bool:
    if finding_id is None:
        return bool(unit.findings or unit.sightings)
    ids = {finding.id for finding in unit.findings} | {sighting.id for sighting in unit.sightings}
    return finding_id in ids


def _application_arguments(command: Sequence[str]) -> list[str] | None:
    """How the application is named to the replay; ``None`` for a command that is no server."""
    words = [PurePath(word).name if at == 0 else word for at, word in enumerate(command)]
    start = [PurePath(word).name if _is_program(words, at) else "" for at, word in enumerate(words[:4])]
    program = next((at for at, word in enumerate(start) if word in _DJANGO_PROGRAMS), None)
    if program is not None:
        following = [word for word in words[program + 1 :] if not word.startswith("-")]
        return [] if following[:1] and following[0] in _DJANGO_SERVERS else None
    at = next((at for at, word in enumerate(start) if word in _SERVERS or word == "flask"), None)
    if at is None or (start[at] == "flask" and "run" not in words):
        return None
    rest = words[at + 1 :]
    name = _value_of(rest, _NAMING) or _application_in(
        rest, is_module_enough=start[at] in ("gunicorn", "waitress-serve")
    )
    folder = _value_of(rest, _FOLDERS)
    return [*(("--app", name) if name else ()), *(("--app-dir", folder) if folder else ())]


def _is_program(words: Sequence[str], at: int) -> bool:
    """Whether a word names what is run: the first one, or what a Python or a runner (``uv run``) starts."""
    before = PurePath(words[at - 1]).name
    return at == 0 or before in ("-m", "run") or before.startswith("python")


def _value_of(words: Sequence[str], options: Sequence[str]) -> str | None:
    for at, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option in options:
            return value if equals else next(iter(words[at + 1 :]), None)
    return None


def _application_in(words: Sequence[str], *, is_module_enough: bool) -> str | None:
    """The word that names the application: one with a colon, for some servers the name of a module alone."""
    named = next((word for word in words if _APPLICATION.fullmatch(word)), None)
    if named is not None or not is_module_enough:
        return named
    modules = [at for at, word in enumerate(words) if _MODULE.fullmatch(word)]
    # What stands behind an option may be its value.
    free = [at for at in modules if at == 0 or not words[at - 1].startswith("-")]
    return words[(free or modules)[-1]] if modules else None
