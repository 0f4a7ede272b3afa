"""Ports that processes of the replay are bound to: a server that a test starts may be asked by that test."""

from __future__ import annotations

import os
import socket
from functools import wraps
from typing import TYPE_CHECKING, Any

from ennead.agent.patching import PatchSet

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.agent.patching import Patch

_patches = PatchSet()


class OwnPorts:
    """Kept in a file, since a server is often a process of its own.

    Parameters
    ----------
    folder
        The replay's.
    """

    def __init__(self, folder: str) -> None:
        self._path = f"{folder}/ports"

    def start(self) -> None:
        """Note the port of every socket that is bound from now on."""
        _patches.add(socket.socket, "bind", self._noting)

    def read(self) -> frozenset[int]:
        """The ports of all processes of the replay so far."""
        try:
            with open(self._path, encoding="ascii") as file:  # noqa: PTH123 -- runs in every process that starts
                return frozenset(map(int, file.read().split()))
        except OSError:
            return frozenset()

    def _noting(self, original: Callable[..., Any], _patch: Patch) -> Callable[..., Any]:
        @wraps(original)
        def bind(bound: socket.socket, *address: Any) -> None:
            original(bound, *address)
            name = bound.getsockname()
            if isinstance(name, tuple) and bound.family in (socket.AF_INET, socket.AF_INET6):
                self._add(name[1])

        return bind

    def _add(self, port: int) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, b"%d\n" % port)
        finally:
            os.close(descriptor)
