"""A MariaDB server to test against: the one at hand, otherwise a private one for the session."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pymysql  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Iterator

    Settings = dict[str, Any]

_ATTEMPTS = 150


class NoServerError(Exception):
    """No MariaDB server answers, and none can be started."""


@contextmanager
def running_server() -> Iterator[Settings]:
    """Yield how to reach the server named by ``ENNEAD_TEST_MARIADB_URL``, this machine's, or a private one."""
    settings = _named() or {"host": "127.0.0.1", "port": 3306, "user": "root", "password": ""}
    if _answers(settings):
        yield settings
        return
    with private_server() as private:
        yield private


@contextmanager
def database(server: Settings) -> Iterator[str]:
    """Yield the name of a fresh, empty database, and drop it afterwards."""
    # Several sessions may share the server.
    name = f"ennead_test_{uuid.uuid4().hex}"
    run(server, f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
    try:
        yield name
    finally:
        run(server, f"DROP DATABASE IF EXISTS `{name}`")


def run(server: Settings, *statements: str, name: str | None = None) -> list[tuple[Any, ...]]:
    """Run statements; what the last one answers."""
    rows: list[tuple[Any, ...]] = []
    with closing(pymysql.connect(**server, database=name, autocommit=True)) as connection:
        for statement in statements:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                rows = list(cursor.fetchall())
    return rows


@contextmanager
def private_server() -> Iterator[Settings]:
    """Start a server on a free port of the loopback interface, and stop and remove it afterwards."""
    server = shutil.which("mariadbd") or shutil.which("mysqld")
    install = shutil.which("mariadb-install-db")
    if server is None or install is None:
        message = (
            "these tests need MariaDB: start a server on 127.0.0.1:3306 (root without password), name one in "
            "ENNEAD_TEST_MARIADB_URL, or install its programs (mariadbd, mariadb-install-db)"
        )
        raise NoServerError(message)
    home = Path(tempfile.mkdtemp(prefix="ennead-mariadb-"))
    user = getpass.getuser()
    options = (f"--datadir={home / 'data'}", f"--user={user}", "--no-defaults")
    try:
        making = [install, options[2], *options[:2], "--auth-root-authentication-method=normal", "--skip-test-db"]
        made = subprocess.run(making, check=False, capture_output=True, timeout=120)
        if made.returncode:
            message = f"no MariaDB server answers, and {install} failed: {made.stderr.decode(errors='replace')}"
            raise NoServerError(message)
        settings = {"host": "127.0.0.1", "port": _free_port(), "user": "root", "password": ""}
        bound = (f"--port={settings['port']}", "--bind-address=127.0.0.1", f"--socket={home / 'socket'}")
        log = f"--log-error={home / 'log'}"
        running = subprocess.Popen([server, options[2], *options[:2], *bound, log], stdin=subprocess.DEVNULL)
        try:
            _wait(settings)
            yield settings
        finally:
            running.terminate()
            running.wait(60)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _named() -> Settings | None:
    url = os.environ.get("ENNEAD_TEST_MARIADB_URL")
    if not url:
        return None
    parts = urlsplit(url)
    return {
        "host": parts.hostname or "127.0.0.1",
        "port": parts.port or 3306,
        "user": unquote(parts.username or "root"),
        "password": unquote(parts.password or ""),
    }


def _answers(settings: Settings) -> bool:
    try:
        pymysql.connect(**settings, connect_timeout=3).close()
    except (pymysql.Error, OSError):
        return False
    return True


def _wait(settings: Settings) -> None:
    for _ in range(_ATTEMPTS):
        if _answers(settings):
            return
        time.sleep(0.2)
    message = "no MariaDB server answers, and the one that was started does not either"
    raise NoServerError(message)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
