"""A set of copies to make further copies from: every replay of a comparison begins with the same data."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ennead.kernel.errors import EnneadError
from ennead.replay.databases import sqlite_files
from ennead.replay.databases.plan import new_name
from ennead.replay.databases.servers import name_on_server, server_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ennead.replay.databases.decisions import Engine
    from ennead.replay.databases.servers import Server

# The driver's own, however it is patched later.
_connect = sqlite3.connect
_BUSY_SECONDS = 600.0
LEFTOVER_SECONDS = 86_400.0
"""A replay that began earlier can hardly be at work still."""


class CopyStore:
    """Copies of databases, each made once, when a replay asks for it first.

    Processes of replays share it, and those may write files into their own folder only. So its index is a database of
    SQLite, which also is the lock.

    Parameters
    ----------
    folder
        Of the store; see :meth:`create`.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    @classmethod
    def create(cls, folder: str | Path, *, base: CopyStore | None = None) -> Self:
        """Make an empty store.

        Parameters
        ----------
        folder
            Made if it is not there yet.
        base
            Where to take from what this one does not have; the original database by default.
        """
        store = cls(folder)
        store.folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # it knows passwords of servers
        with store._opened() as index:
            facts = {"name": new_name(), "base": str(base.folder) if base else ""}
            index.executemany("INSERT OR IGNORE INTO fact VALUES (?, ?)", facts.items())
        return store

    @property
    def name(self) -> str:
        """Begins the names of its databases on servers."""
        return self._fact("name")

    @property
    def base(self) -> CopyStore | None:
        """Where it takes from what it does not have."""
        folder = self._fact("base")
        return CopyStore(folder) if folder else None

    def take_file(self, original: str | Path) -> Path:
        """The copy of a SQLite file; made now if there is none yet.

        Raises
        ------
        EnneadError
            It cannot be copied.
        """
        whole = os.path.realpath(original)
        base = self.base  # read before the lock is held

        def make() -> str:
            source = base.take_file(whole) if base else whole
            target = self.folder / file_name(whole)
            sqlite_files.copy_database(source, target)
            return str(target)

        return Path(self.take("sqlite", whole, {}, make))

    def take_database(self, server: Server, name: str) -> str:
        """The copy of a database on a server, on the same server; made now if there is none yet.

        Raises
        ------
        EnneadError
            It cannot be copied.
        """
        base = self.base
        target = name_on_server(self.name, name)

        def make() -> str:
            source = base.take_database(server, name) if base else name
            server.drop(target)  # of one that was killed meanwhile
            server.copy(source, target)
            return target

        return self.take(server.engine, f"{server.key}/{name}", server.settings, make)

    def drop(self) -> None:
        """Remove all copies, and what replays that were killed left on their servers more than a day ago."""
        for engine, _, copy, settings in self.held():
            if engine != "sqlite":
                server = server_of(engine, settings)
                server.drop(copy)
                with suppress(EnneadError):  # others' databases
                    server.drop_leftovers(time.time() - LEFTOVER_SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)

    def take(self, engine: Engine, original: str, server: dict[str, Any], make: Callable[[], str]) -> str:
        """The copy that is known for an original, else the one that ``make`` makes, under the store's lock."""
        with self._opened() as index:
            row = index.execute(
                "SELECT copy FROM held WHERE engine = ? AND original = ?", (engine, original)
            ).fetchone()
            if row is not None:
                return str(row[0])
            copy = make()
            index.execute("INSERT INTO held VALUES (?, ?, ?, ?)", (engine, original, copy, json.dumps(server)))
            return copy

    def put(self, engine: Engine, original: str, server: dict[str, Any], copy: str) -> None:
        """Add a copy that was made elsewhere."""
        self.take(engine, original, server, lambda: copy)

    def held(self) -> list[tuple[Engine, str, str, dict[str, Any]]]:
        """What is there: engine, original, copy, and how the server is reached."""
        with self._opened() as index:
            rows = index.execute("SELECT engine, original, copy, server FROM held ORDER BY engine, original").fetchall()
        return [(engine, original, copy, json.loads(server)) for engine, original, copy, server in rows]

    def _fact(self, name: str) -> str:
        with self._opened() as index:
            row = index.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(_connect(self.folder / "store.sqlite3", timeout=_BUSY_SECONDS, isolation_level=None)) as index:
                index.execute("BEGIN IMMEDIATE")
                index.execute("CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT)")
                index.execute(
                    "CREATE TABLE IF NOT EXISTS held "
                    "(engine TEXT, original TEXT, copy TEXT, server TEXT, PRIMARY KEY (engine, original))"
                )
                yield index
                index.execute("COMMIT")
        except sqlite3.Error as error:
            message = f"cannot use the store of database copies in {self.folder}: {error}"
            raise EnneadError(message) from error


def file_name(original: str) -> str:
    """A file name for the copy of a file, the same for the same original.

    Examples
    --------
    >>> file_name("/srv/shop/data.sqlite3")
    '5d224a9a-data.sqlite3'
    """
    digest = hashlib.blake2b(original.encode(), digest_size=4).hexdigest()
    return f"{digest}-{Path(original).name}"
