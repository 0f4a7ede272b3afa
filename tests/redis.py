"""A Redis server to test against: the one at hand, otherwise a private one for the session."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from redis import Redis
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from collections.abc import Iterator

_ATTEMPTS = 100


class NoServerError(Exception):
    """No Redis server answers, and none can be started."""


@contextmanager
def running_server() -> Iterator[str]:
    """Yield the URL of the server named by ``ENNEAD_TEST_REDIS_URL``, this machine's, or a private one."""
    url = os.environ.get("ENNEAD_TEST_REDIS_URL", "redis://127.0.0.1:6379/0")
    if _answers(url):
        yield url
        return
    with _private_server() as private:
        yield private


@contextmanager
def _private_server() -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        message = "no Redis server answers, and redis-server is not installed"
        raise NoServerError(message)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"redis://127.0.0.1:{port}/0"
    with tempfile.TemporaryDirectory(prefix="ennead-redis-") as folder:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
        with subprocess.Popen([program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
            try:
                _wait_for(url)
                yield url
            finally:
                server.terminate()


def _wait_for(url: str) -> None:
    for _ in range(_ATTEMPTS):
        if _answers(url):
            return
        time.sleep(0.05)
    message = "redis-server does not answer"
    raise NoServerError(message)


def _answers(url: str) -> bool:
    client = Redis.from_url(url, socket_connect_timeout=2)
    try:
        return bool(client.ping())
    except RedisError:
        return False
    finally:
        client.close()
