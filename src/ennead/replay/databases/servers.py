"""Copying, listing and dropping databases on a server, with whatever driver asks."""

from __future__ import annotations

import os
import shutil
import subprocess
from abc import ABC, abstractmethod
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from ennead.kernel.errors import EnneadError
from ennead.replay.databases.plan import PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ennead.replay.databases.decisions import Engine

    Ask = Callable[[str, str], list[tuple[Any, ...]]]
    """Runs one statement, outside of transactions, on a new connection to a database."""

_LOCAL = ("", "localhost", "127.0.0.1", "::1")
_LONGEST_NAME = 63
_TAIL = 400


class Server(ABC):
    """A server as one user sees it.

    Parameters
    ----------
    settings
        How it is reached: ``host``, ``port``, ``user``, ``password`` and what else the driver knows, as JSON values.
    ask
        How statements are run; by default through a driver that is installed here.
    """

    engine: Engine
    maintenance: tuple[str, ...]
    """Databases that hold no data of applications."""

    def __init__(self, settings: Mapping[str, Any], ask: Ask | None = None) -> None:
        self.settings = dict(settings)
        self._ask = ask or self._ask_by_driver

    @property
    def key(self) -> str:
        """The same for all names of this machine, so that all lead to one copy."""
        host = str(self.settings.get("host") or "")
        return f"{'local' if host in _LOCAL or host.startswith('/') else host}:{self.settings.get('port')}"

    def ask(self, sql: str, database: str | None = None) -> list[tuple[Any, ...]]:
        """What a statement answers.

        Raises
        ------
        EnneadError
            The server refuses.
        """
        try:
            return self._ask(self.maintenance[0] if database is None else database, sql)
        except EnneadError:
            raise
        except Exception as error:  # of whatever driver
            raise EnneadError(" ".join(str(error).split())) from error

    def copy(self, source: str, target: str) -> None:
        """Make a database with what is committed in another.

        Raises
        ------
        EnneadError
            It cannot be made.
        """
        try:
            self._copy(source, target)
        except EnneadError as error:
            message = f"cannot copy the {self.engine} database {source} on {self.key} to {target}: {error}"
            raise EnneadError(message) from error

    def drop_leftovers(self, made_before: float) -> list[str]:
        """Drop the databases of replays that began before a point in time; their names."""
        from ennead.replay.databases.plan import made_at

        old = [name for name in self.databases(PREFIX) if (made := made_at(name)) is not None and made < made_before]
        for name in old:
            self.drop(name)
        return old

    @abstractmethod
    def databases(self, prefix: str) -> list[str]:
        """Names of databases that begin so."""

    @abstractmethod
    def exists(self, name: str) -> bool:
        """Whether there is such a database."""

    @abstractmethod
    def drop(self, name: str) -> None:
        """Drop a database, if it is there."""

    @abstractmethod
    def connect(self, database: str) -> Any:
        """A connection for the parent, of a driver that is installed here.

        Raises
        ------
        EnneadError
            None is installed, or the server refuses.
        """

    @abstractmethod
    def _copy(self, source: str, target: str) -> None: ...

    def _ask_by_driver(self, database: str, sql: str) -> list[tuple[Any, ...]]:
        with closing(self.connect(database)) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()] if cursor.description else []

    def _pipe(self, dump: Sequence[str], load: Sequence[str], variables: Mapping[str, str]) -> None:
        """Let one program write what another reads."""
        with _own_programs():
            self._run_pipe(dump, load, variables)

    @staticmethod
    def _run_pipe(dump: Sequence[str], load: Sequence[str], variables: Mapping[str, str]) -> None:
        environment = {**os.environ, **variables}
        environment.pop("PYTHONPATH", None)
        with subprocess.Popen(
            dump, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
        ) as dumping:
            loaded = subprocess.run(load, stdin=dumping.stdout, capture_output=True, check=False, env=environment)
            if dumping.stdout is not None:
                dumping.stdout.close()
            said = dumping.stderr.read() if dumping.stderr is not None else b""
        for program, code, text in ((dump[0], dumping.returncode, said), (load[0], loaded.returncode, loaded.stderr)):
            if code:
                message = f"{program} failed: {text.decode(errors='replace').strip()[-_TAIL:]}"
                raise EnneadError(message)


@contextmanager
def _own_programs() -> Iterator[None]:
    """The isolation of a replayed process lets these pass: they copy the database that the work is kept away from."""
    from ennead.replay.witness.isolation import OWN_PROGRAMS

    OWN_PROGRAMS.allowed = True
    try:
        yield
    finally:
        OWN_PROGRAMS.allowed = False


def program(*names: str) -> str:
    """The first of some programs that is installed.

    Raises
    ------
    EnneadError
        None is.
    """
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    message = f"{' or '.join(names)} is not installed, or not on the PATH"
    raise EnneadError(message)


def literal(text: str) -> str:
    """A text for use in a statement."""
    return "'" + text.replace("'", "''") + "'"


def name_on_server(prefix: str, database: str) -> str:
    """A name for the copy of a database.

    Examples
    --------
    >>> name_on_server("ennead_replay_65000000_a1b2c3", "shop")
    'ennead_replay_65000000_a1b2c3_shop_581690'
    """
    import hashlib

    digest = hashlib.blake2b(database.encode(), digest_size=3).hexdigest()
    readable = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in database)
    return f"{prefix}_{readable[: _LONGEST_NAME - len(prefix) - len(digest) - 2]}_{digest}"


def server_of(engine: str, settings: Mapping[str, Any]) -> Server:
    """The server that a decision names, for the parent."""
    from ennead.replay.databases.mariadb_server import MariaDBServer
    from ennead.replay.databases.postgresql_server import PostgreSQLServer

    return PostgreSQLServer(settings) if engine == "postgresql" else MariaDBServer(settings)
