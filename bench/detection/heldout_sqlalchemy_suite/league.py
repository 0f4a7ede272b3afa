# mypy: ignore-errors
"""The engines and sessions that the scenarios use; `suite.set_up` says where the files are."""

import shutil
from pathlib import Path

from sqlalchemy import NullPool, create_engine
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import sessionmaker

CONFERENCES = ("east", "west", "south")

Session = sessionmaker()
AsyncSessions = async_sessionmaker(class_=AsyncSession, expire_on_commit=False)
engines = {}
async_engines = {}
_files = {}


def open_files(directory: Path):
    for engine in engines.values():
        engine.dispose()
    for name in ("main", *CONFERENCES):
        _files[name] = directory / f"{name}.sqlite3"
        engines[name] = create_engine(f"sqlite:///{_files[name]}", poolclass=NullPool)
    async_engines["main"] = create_async_engine(f"sqlite+aiosqlite:///{_files['main']}", poolclass=NullPool)
    Session.configure(bind=engines["main"])
    AsyncSessions.configure(bind=async_engines["main"])


def put_back(filled: Path):
    for file in _files.values():
        shutil.copyfile(filled, file)
