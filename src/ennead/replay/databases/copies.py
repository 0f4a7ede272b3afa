"""In the parent: the copies of databases that one replay works on."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ennead.kernel.errors import EnneadError
from ennead.replay.databases import sqlite_files
from ennead.replay.databases.contents import ContentLimits, Contents
from ennead.replay.databases.decisions import DecisionLog
from ennead.replay.databases.plan import RedirectPlan, new_name
from ennead.replay.databases.server_contents import read_server
from ennead.replay.databases.servers import server_of
from ennead.replay.databases.sqlite_contents import read_sqlite
from ennead.replay.databases.statement_count import read_count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ennead.fixes.trace import TableContent
    from ennead.replay.databases.decisions import Decision
    from ennead.replay.databases.store import CopyStore


class DatabaseCopies:
    """What became of databases in a replay.

    Parameters
    ----------
    folder
        The replay's; also that of a replay that was killed.
    limits
        How much of a table :meth:`contents` keeps.
    """

    def __init__(self, folder: str | Path, *, limits: ContentLimits | None = None) -> None:
        self._plan = RedirectPlan.read(folder)
        self._limits = limits or ContentLimits()
        self.problems: list[str] = []
        """What :meth:`contents` and :meth:`drop` could not do, one sentence each."""

    @classmethod
    def prepare(cls, folder: str | Path, *, store: CopyStore, root: str | Path, scratch: str | Path) -> Self:
        """Make a replay ready: SQLite files of the scratch copy are replaced by consistent copies from the store.

        Parameters
        ----------
        folder
            The replay's own.
        store
            What the copies are made from: the user's data, or grown data.
        root, scratch
            The project and its copy, which exists already.

        Raises
        ------
        EnneadError
            A database cannot be copied.
        """
        RedirectPlan(
            folder=str(folder), root=str(root), scratch=str(scratch), store=str(store.folder), name=new_name()
        ).write()
        for path in _database_files(Path(scratch)):
            original = Path(root, path.relative_to(scratch))
            if original.is_file():
                sqlite_files.copy_database(store.take_file(original), path)
        return cls(folder)

    def decisions(self) -> list[Decision]:
        """Which databases the processes of the replay connected to, and where they were led."""
        return DecisionLog(self._plan.own_folder).read()

    def statement_count(self) -> int:
        """Statements that reached a driver, in all processes."""
        return read_count(Path(self._plan.own_folder, "statements"))

    def contents(self) -> Mapping[str, TableContent]:
        """The rows of all tables after the work, by ``database.table``."""
        contents = Contents()
        for decision in self.decisions():
            self._read(decision, contents)
        self.problems += contents.problems
        return contents.tables

    def drop(self) -> None:
        """Remove the copies; those of files inside the scratch copy go with it."""
        for decision in self.decisions():
            if decision.engine != "sqlite":
                try:
                    server_of(decision.engine, decision.server).drop(decision.copy)
                except EnneadError as error:
                    self.problems.append(f"the database {decision.copy} on a server could not be dropped: {error}")
        shutil.rmtree(self._plan.own_folder, ignore_errors=True)

    def _read(self, decision: Decision, contents: Contents) -> None:
        if decision.kind == "memory":
            contents.problems.append("rows of SQLite databases in memory are not compared")
        elif decision.engine != "sqlite":
            read_server(contents, decision, self._limits)
        elif Path(decision.copy).exists():  # else the work has removed what it made
            read_sqlite(contents, decision.copy, decision.name, self._limits)


def _database_files(folder: Path) -> list[Path]:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return [path for path in files if sqlite_files.is_database(path)]
