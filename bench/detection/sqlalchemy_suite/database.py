"""Where the sessions and connections of the scenarios come from; `suite.set_up` decides the files."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, create_engine
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import sessionmaker

Session = sessionmaker()
AsyncSessions = async_sessionmaker(expire_on_commit=False)

SHARD_NAMES = ("north", "south", "east", "west")


@dataclass(frozen=True)
class Databases:
    """One working database, three-and-more shards of the same schema, and the file they are copied from."""

    template: Path
    main_file: Path
    main: Engine
    main_async: AsyncEngine
    shards: dict[str, Engine]

    def restore(self) -> None:
        self.main.dispose()
        shutil.copyfile(self.template, self.main_file)


_current: list[Databases] = []


def open_databases(directory: Path) -> Databases:
    """Make the databases of a directory that holds ``template.sqlite3`` the ones that scenarios work on."""
    close_databases()
    template, main_file = directory / "template.sqlite3", directory / "main.sqlite3"
    for name in ("main", *SHARD_NAMES):
        shutil.copyfile(template, directory / f"{name}.sqlite3")
    opened = Databases(
        template,
        main_file,
        create_engine(f"sqlite:///{main_file}"),
        # Every scenario runs in an event loop of its own, so no connection may outlive it.
        create_async_engine(f"sqlite+aiosqlite:///{main_file}", poolclass=NullPool),
        {name: create_engine(f"sqlite:///{directory / name}.sqlite3", poolclass=NullPool) for name in SHARD_NAMES},
    )
    Session.configure(bind=opened.main)
    AsyncSessions.configure(bind=opened.main_async)
    _current.append(opened)
    return opened


def close_databases() -> None:
    while _current:
        _current.pop().main.dispose()


def databases() -> Databases:
    return _current[-1]


def connect() -> Connection:
    return databases().main.connect()


def begin():
    return databases().main.begin()


def shards() -> dict[str, Engine]:
    return databases().shards
