"""A PostgreSQL server to test against: the one at hand, otherwise a private one for the session."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class NoServerError(Exception):
    """No PostgreSQL server answers, and none can be started."""


@contextmanager
def running_server() -> Iterator[str]:
    """Yield the URL of the server named by ``ENNEAD_TEST_POSTGRESQL_URL``, of this machine's, or of a private one."""
    url = _answering_url()
    if url is not None:
        yield url
        return
    with private_server() as private_url:
        yield private_url


def _answering_url() -> str | None:
    named = os.environ.get("ENNEAD_TEST_POSTGRESQL_URL")
    if named:
        return named
    users = [os.environ.get("PGUSER"), getpass.getuser(), "postgres"]
    candidates = [f"postgresql://{user}@127.0.0.1:5432/postgres" for user in dict.fromkeys(users) if user]
    return next((url for url in candidates if _answers(url)), None)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.Error:
        return False
    return True


@contextmanager
def database(server_url: str) -> Iterator[str]:
    """Yield the URL of a fresh, empty database, and drop it afterwards."""
    # Several sessions may share the server.
    name = f"ennead_test_{uuid.uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    try:
        yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


@contextmanager
def private_server() -> Iterator[str]:
    """Start a server on a free port of the loopback interface, and stop and remove it afterwards."""
    programs = server_programs()
    if programs is None:
        message = (
            "these tests need PostgreSQL: start a server on 127.0.0.1:5432, name one in ENNEAD_TEST_POSTGRESQL_URL, "
            "or install its server programs (initdb, pg_ctl)"
        )
        raise NoServerError(message)
    owner = _server_owner()
    home = Path(tempfile.mkdtemp(prefix="ennead-postgresql-"))
    try:
        if owner is not None:
            shutil.chown(home, user=owner)
        data, port = home / "data", _free_port()
        _run_as(owner, [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"])
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c fsync=off -c unix_socket_directories={home}"
        _run_as(owner, [programs / "pg_ctl", "-D", data, "-l", home / "log", "-w", "-o", options, "start"])
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            _run_as(owner, [programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"])
    finally:
        shutil.rmtree(home, ignore_errors=True)


def server_programs() -> Path | None:
    """The folder of ``initdb`` and ``pg_ctl``, the newest release first, or ``None`` where they are not installed."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("pg_ctl")
    if installed:
        return installed[-1].parent
    return Path(on_path).parent if on_path else None


def _server_owner() -> str | None:
    """The user to run the server as: PostgreSQL refuses to run as root."""
    import pwd

    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    message = "no PostgreSQL server answers, and root cannot start one: there is no user postgres or nobody"
    raise NoServerError(message)


def _run_as(owner: str | None, command: Sequence[str | Path]) -> None:
    completed = subprocess.run(
        [str(part) for part in command],
        user=owner,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # the server inherits it: a pipe would never close
        stderr=subprocess.DEVNULL,
        check=False,
        timeout=60,
    )
    if completed.returncode:
        message = f"no PostgreSQL server answers, and {command[0]} failed to start one (exit {completed.returncode})"
        raise NoServerError(message)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
