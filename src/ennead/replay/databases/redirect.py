"""In a replayed process: every connection goes to a copy of the database, and every statement is counted.

:func:`start` hooks the drivers as soon as they are imported. What was decided for one database holds for all processes
of the replay; whatever cannot be redirected fails the connection and never reaches the original.

Known limits: programs that the work starts (``psql``, ``sqlite3``) and drivers that are not Python (a compiled
extension with its own client) are not seen; of a driver that is not supported every connection is refused.
"""

from __future__ import annotations

import os
import sys
import traceback
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from ennead.agent.import_hook import ImportWatcher
from ennead.agent.patching import PatchSet
from ennead.kernel.errors import EnneadError
from ennead.replay.databases import sqlite_files
from ennead.replay.databases.decisions import Decision, DecisionLog
from ennead.replay.databases.drivers import HOOKS
from ennead.replay.databases.plan import PREFIX, RedirectPlan
from ennead.replay.databases.server_statements import NamedDatabases
from ennead.replay.databases.servers import name_on_server
from ennead.replay.databases.statement_count import StatementCounter
from ennead.replay.databases.store import CopyStore, file_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.replay.databases.decisions import Engine, Kind
    from ennead.replay.databases.servers import Server


_NOT_REDIRECTED = 86
"""Exit code, the same as that of a process that cannot be isolated."""


class RedirectError(EnneadError):
    """A database cannot be copied, so it is not connected to.

    No error of a driver: a program that waits for its database until it answers would wait for ever.
    """


class Redirect:
    """Decides where connections of this process go.

    Parameters
    ----------
    plan
        Of the replay.
    """

    def __init__(self, plan: RedirectPlan) -> None:
        self.plan = plan
        self.store = CopyStore(plan.store)
        self.counter = StatementCounter(Path(plan.own_folder, "statements"))
        self.patches = PatchSet()
        self._log = DecisionLog(plan.own_folder)
        self._watcher = ImportWatcher()
        self._known: dict[tuple[str, str], Decision] = {}
        self._lock = RLock()
        self._roots = [(os.path.realpath(folder), own) for folder, own in _roots(plan)]

    def start(self) -> None:
        """Hook what is imported, and what will be."""
        self.counter.start()
        for module, hook in HOOKS.items():
            self._watcher.when_imported(module, partial(self._hook, module, hook))

    def _hook(self, module: str, hook: Callable[[Redirect], None]) -> None:
        """Hook a driver, or end the process: connections of a driver that is not hooked would reach the originals."""
        try:
            hook(self)
        except BaseException:  # noqa: BLE001 -- whatever it was
            traceback.print_exc()
            sys.stderr.write(f"ennead: connections of {module} cannot be redirected, so this process does not go on\n")
            sys.stderr.flush()
            os._exit(_NOT_REDIRECTED)

    def decide(self, engine: Engine, original: str, make: Callable[[], Decision]) -> Decision:
        """What is known for an original, else what ``make`` decides now, for all processes."""
        known = self._known.get((engine, original))
        if known is not None:
            return known
        with self._lock, self._log.locked() as decided:
            decision = decided.get((engine, original))
            if decision is None:
                decision = make()
                self._log.append(decision)
            self._known[engine, original] = decision
            return decision

    # ------------------------------------------------------------------------------------------- files

    def file(self, path: str) -> str:
        """Where a connection to a SQLite file goes.

        Raises
        ------
        RedirectError
            The file cannot be copied.
        """
        whole = os.path.realpath(path)
        try:
            return self._file(path, whole)
        except (EnneadError, OSError) as error:
            message = f"a replay cannot work on a copy of {whole}: {error}"
            raise RedirectError(message) from error

    def is_own_file(self, path: str) -> bool:
        """Whether a file may be opened as it is: it lies in the replay's folder or in the store."""
        whole = os.path.realpath(path)
        return self._owner(whole) in ("folder", "scratch", "store")

    def note_memory(self) -> None:
        """A database in memory was opened."""
        decision = Decision(engine="sqlite", kind="memory", original=":memory:", copy=":memory:", name=":memory:")
        self.decide("sqlite", ":memory:", lambda: decision)

    # ----------------------------------------------------------------------------------------- servers

    def database(self, server: Server, name: str) -> str:
        """Where a connection to a database on a server goes; those for maintenance pass.

        Raises
        ------
        RedirectError
            The database cannot be copied.
        """
        if name in server.maintenance or name.startswith(PREFIX):
            return name
        try:
            return self.decide(server.engine, f"{server.key}/{name}", lambda: self._copied_database(server, name)).copy
        except (EnneadError, OSError) as error:
            message = f"a replay cannot work on a copy of {name}: {error}"
            raise RedirectError(message) from error

    def defined_database(self, server: Server, name: str) -> str:
        """The name under which the work creates, drops or alters a database itself."""
        if name in server.maintenance or name.startswith(PREFIX):
            return name
        return self.decide(server.engine, f"{server.key}/{name}", lambda: self._created_database(server, name)).copy

    def names_on(self, server: Server) -> NamedDatabases:
        """For statements on a server."""
        quote = '"' if server.engine == "postgresql" else "`"
        return NamedDatabases(
            known=lambda name: self._known_copy(server, name),
            defined=lambda name: self.defined_database(server, name),
            led=lambda name: self.database(server, name),
            quote=quote,
        )

    def _known_copy(self, server: Server, name: str) -> str | None:
        with self._lock, self._log.locked() as decided:
            decision = decided.get((server.engine, f"{server.key}/{name}"))
        return decision.copy if decision else None

    def _copied_database(self, server: Server, name: str) -> Decision:
        created = self._created_database(server, name)
        if not server.exists(name):
            return created  # the driver will say that there is none, unless the work creates it
        server.drop(created.copy)  # of a process that was killed meanwhile
        server.copy(self.store.take_database(server, name), created.copy)
        return replace(created, kind="copied")

    def _created_database(self, server: Server, name: str) -> Decision:
        return Decision(
            engine=server.engine,
            kind="created",
            original=f"{server.key}/{name}",
            copy=name_on_server(self.plan.name, name),
            name=name,
            server=server.settings,
        )

    # ------------------------------------------------------------------------------------- files, inside

    def _file(self, path: str, whole: str) -> str:
        owner = self._owner(whole)
        if owner in ("folder", "store"):
            return path
        if owner == "scratch":
            name = os.path.relpath(whole, os.path.realpath(self.plan.scratch))
            original = os.path.join(os.path.realpath(self.plan.root), name)  # noqa: PTH118 -- strings, as above
            self._in_place(original, whole, name)
            return path
        if owner == "root":
            name = os.path.relpath(whole, os.path.realpath(self.plan.root))
            there = Path(self.plan.scratch, name)
            if there.exists() or (there.parent.exists() and not Path(whole).exists()):
                self._in_place(whole, str(there), name)
                return str(there)
        return self.decide("sqlite", whole, lambda: self._copied_file(whole)).copy

    def _in_place(self, original: str, path: str, name: str) -> None:
        # A file that the project does not have is one that the work makes.
        kind: Kind = "in place" if Path(original).exists() else "created"
        decision = Decision(engine="sqlite", kind=kind, original=original, copy=path, name=name)
        self.decide("sqlite", original, lambda: decision)

    def _copied_file(self, whole: str) -> Decision:
        target = Path(self.plan.own_folder, file_name(whole))
        kind: Kind = "copied" if Path(whole).exists() else "created"
        if kind == "copied":
            sqlite_files.copy_database(self.store.take_file(whole), target)
        return Decision(
            engine="sqlite",
            kind=kind,
            original=whole,
            copy=str(target),
            name=Path(whole).name,
        )

    def _owner(self, whole: str) -> str:
        for root, owner in self._roots:
            if whole == root or whole.startswith(root + os.sep):
                return owner
        return ""


def _roots(plan: RedirectPlan) -> list[tuple[str, str]]:
    """Folders with whose they are, the innermost first."""
    roots = [(plan.scratch, "scratch"), (plan.store, "store"), (plan.folder, "folder"), (plan.root, "root")]
    return sorted(roots, key=lambda root: -len(os.path.realpath(root[0])))


_STARTED: list[Redirect] = []
"""Keeps the hooks of this process alive."""


def start(folder: str | Path) -> Redirect:
    """Redirect the connections of this process.

    Parameters
    ----------
    folder
        Of the replay; :meth:`~ennead.replay.databases.copies.DatabaseCopies.prepare` has written the plan into it.

    Raises
    ------
    EnneadError
        The folder is none of a replay.
    """
    if not _STARTED:
        redirect = Redirect(RedirectPlan.read(folder))
        redirect.start()
        _STARTED.append(redirect)
    return _STARTED[0]
