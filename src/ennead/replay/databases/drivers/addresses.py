"""The isolation lets a process connect to the servers of its databases, and nowhere else."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def allow(settings: Mapping[str, Any]) -> None:
    """Let drivers written in Python reach a server.

    Parameters
    ----------
    settings
        ``host``, ``port`` and ``unix_socket``, as far as they are known.
    """
    from ennead.replay.witness.isolation import DATABASE_ADDRESSES

    host, port = str(settings.get("host") or "localhost"), settings.get("port")
    if settings.get("unix_socket"):
        DATABASE_ADDRESSES.add(str(settings["unix_socket"]))
    if host.startswith("/"):
        DATABASE_ADDRESSES.add(f"{host}/.s.PGSQL.{port}")
        return
    DATABASE_ADDRESSES.add(f"{host}:{port}")
    with suppress(OSError):  # the driver will tell
        for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            DATABASE_ADDRESSES.add(f"{address[0]}:{port}")
