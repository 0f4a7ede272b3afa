"""sqlite3, and with it aiosqlite, Django and SQLAlchemy on SQLite."""

from __future__ import annotations

import os
import re
import sqlite3
import sys
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, unquote

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.agent.patching import Patch
    from ennead.replay.databases.redirect import Redirect

_POSITIONAL = (
    "timeout", "detect_types", "isolation_level", "check_same_thread", "factory", "cached_statements", "uri",
)  # fmt: skip
_ATTACH = re.compile(r"""(\bATTACH\s+(?:DATABASE\s+)?)('(?:[^']|'')*'|"(?:[^"]|"")*"|\?|[:@$]\w+)""", re.IGNORECASE)


def hook(redirect: Redirect) -> None:
    """Lead ``sqlite3.connect`` to copies; what opens a file past it is refused by an audit hook."""

    def make(original: Callable[..., Any], _patch: Patch) -> Callable[..., Any]:
        return redirected_connect(original, redirect)

    for module in (sqlite3, sqlite3.dbapi2):
        redirect.patches.add(module, "connect", make)
    sys.addaudithook(_guard(redirect))


def redirected_connect(original: Callable[..., Any], redirect: Redirect) -> Callable[..., Any]:
    """``sqlite3.connect`` to the copy, with cursors that count."""

    @wraps(original)
    def connect(database: Any, *args: Any, **kwargs: Any) -> Any:
        options = {**dict(zip(_POSITIONAL, args, strict=False)), **kwargs}
        options["factory"] = counting_connection(options.get("factory") or sqlite3.Connection, redirect)
        return original(redirected_name(database, redirect), **options)

    return connect


def redirected_name(database: Any, redirect: Redirect) -> Any:
    """What to open instead of a path or URI; databases in memory pass."""
    name = os.fsdecode(database)
    if _is_memory(name):
        redirect.note_memory()
        return database
    if not name.startswith("file:"):
        return redirect.file(name)
    path, query = _uri_parts(name)
    copy = redirect.file(path)
    return f"file:{quote(os.path.abspath(copy))}" + (f"?{query}" if query else "")  # noqa: PTH100 -- strings all over


def _guard(redirect: Redirect) -> Callable[[str, tuple[Any, ...]], None]:
    """Refuses files that were opened past ``sqlite3.connect``; reading the originals in order to copy them passes."""

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "sqlite3.connect":
            return
        name = os.fsdecode(arguments[0])
        path, query = _uri_parts(name) if name.startswith("file:") else (name, "")
        if _is_memory(name) or parse_qs(query).get("mode") == ["ro"] or redirect.is_own_file(path):
            return
        message = f"a replay leads sqlite3.connect() to a copy; {path} was opened in another way, which it refuses"
        raise PermissionError(message)

    return audit


def _is_memory(name: str) -> bool:
    if name in ("", ":memory:"):
        return True
    if not name.startswith("file:"):
        return False
    path, query = _uri_parts(name)
    return path in ("", ":memory:") or parse_qs(query).get("mode") == ["memory"]


def _uri_parts(name: str) -> tuple[str, str]:
    """Path and query of a ``file:`` URI.

    Examples
    --------
    >>> _uri_parts("file:///srv/my%20shop.db?mode=ro"), _uri_parts("file:shop.db#part")
    (('/srv/my shop.db', 'mode=ro'), ('shop.db', ''))
    """
    path, _, query = name.removeprefix("file:").partition("#")[0].partition("?")
    if path.startswith("//"):
        path = "/" + path[2:].partition("/")[2]
    return unquote(path), query


@lru_cache(maxsize=64)
def counting_connection(factory: Any, redirect: Redirect) -> Any:
    """A connection class, or what makes connections, such that statements are counted and ``ATTACH`` is redirected."""
    if not isinstance(factory, type):
        return _traced_factory(factory, redirect)

    # Behind the user's class and before the driver's: what the user's methods call by super() comes through here.
    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = sqlite3.Cursor) -> Any:
            return super().cursor(counting_cursor(factory, redirect))

        def execute(self, *args: Any) -> Any:
            return Connection.cursor(self).execute(*args)

        def executemany(self, *args: Any) -> Any:
            return Connection.cursor(self).executemany(*args)

        def executescript(self, *args: Any) -> Any:
            return Connection.cursor(self).executescript(*args)

    return _behind(factory, Connection, sqlite3.Connection)


def _traced_factory(factory: Callable[..., Any], redirect: Redirect) -> Callable[..., Any]:
    @wraps(factory)
    def make(*args: Any, **kwargs: Any) -> Any:
        connection = factory(*args, **kwargs)
        connection.set_trace_callback(lambda _statement: redirect.counter.add())
        return connection

    return make


@lru_cache(maxsize=64)
def counting_cursor(factory: Any, redirect: Redirect) -> Any:
    """A subclass of a cursor class that counts; a factory that is no class stays as it is."""
    if not isinstance(factory, type):
        return factory
    add = redirect.counter.add

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: Any, *args: Any) -> Any:
            add()
            if isinstance(sql, str) and "attach" in sql.lower():
                sql, args = _attached(sql, args, redirect)
            return super().execute(sql, *args)

        def executemany(self, sql: Any, *args: Any) -> Any:
            add()
            return super().executemany(sql, *args)

        def executescript(self, sql_script: Any) -> Any:
            add()
            if isinstance(sql_script, str) and "attach" in sql_script.lower():
                sql_script = _attached(sql_script, (), redirect)[0]
            return super().executescript(sql_script)

    return _behind(factory, Cursor, sqlite3.Cursor)


def _behind(factory: type, ours: type, drivers: type) -> type:
    """Our class in the name of the driver's, or behind the user's subclass of it."""
    bases = (ours,) if factory is drivers else (factory, ours)
    names = ("__module__", "__qualname__", "__doc__")
    return type(factory.__name__, bases, {name: getattr(factory, name) for name in names})


def _attached(sql: str, args: tuple[Any, ...], redirect: Redirect) -> tuple[str, tuple[Any, ...]]:
    """``ATTACH`` of the copy; a bound file name is the first parameter, or the one of its name."""

    def literal(match: re.Match[str]) -> str:
        word = match[2]
        if word[0] not in "'\"":
            return match[0]
        name = word[1:-1].replace(word[0] * 2, word[0])
        return f"{match[1]}'{redirected_name(name, redirect).replace(chr(39), chr(39) * 2)}'"

    match = _ATTACH.search(sql)
    bound = match[2] if match else ""
    if bound.startswith("?") and args:
        first, *others = args[0]
        args = ([redirected_name(first, redirect), *others],)
    elif bound[:1] in (":", "@", "$") and bound and args:
        args = ({**args[0], bound[1:]: redirected_name(args[0][bound[1:]], redirect)},)
    return _ATTACH.sub(literal, sql), args
