"""A store of grown copies, made from a store of the user's data."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from ennead.replay.databases import sqlite_files
from ennead.replay.databases.growth import grow
from ennead.replay.databases.servers import server_of
from ennead.replay.databases.store import CopyStore

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from ennead.replay.databases.growth import Growth


@dataclass(frozen=True, slots=True)
class GrownStore:
    """Copies with more rows, for replays at a second data size."""

    store: CopyStore
    growth: Mapping[str, Growth]
    """What became of each database, by its original."""

    @classmethod
    def create(cls, folder: str | Path, base: CopyStore, tables: Collection[str], **order: Any) -> Self:
        """Copy what a store holds, and grow the copies.

        Parameters
        ----------
        folder
            Of the new store.
        base
            A store from which a replay has taken what it used.
        tables
            Those to grow, by name, in whichever database they are.
        **order
            As for :func:`~ennead.replay.databases.growth.grow`.

        Raises
        ------
        EnneadError
            A copy cannot be made or opened.
        """
        store = CopyStore.create(folder, base=base)
        growth = {}
        for engine, original, _, settings in base.held():
            if engine == "sqlite":
                opened: Any = sqlite_files.open_database(store.take_file(original))
            else:
                server = server_of(engine, settings)
                name = original.removeprefix(f"{server.key}/")
                opened = server.connect(store.take_database(server, name))
            with closing(opened) as connection:
                growth[original] = grow(connection, tables, **order)
        return cls(store, growth)
