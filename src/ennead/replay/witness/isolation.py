"""Nothing leaves the replay: connections but those to databases, and writes outside its folder, are refused and noted.

An audit hook sees what Python code opens, whatever library does it, and cannot be taken off again.

Known limits: clients in compiled extensions are not seen, nor is ``os.open(..., dir_fd=...)`` told from one without.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from ennead.replay.witness.own_ports import OwnPorts
from ennead.replay.witness.programs import (
    PROGRAM_EVENTS,
    ProgramStart,
    has_environment,
    python_options,
    reads_no_environment,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.replay.environment import ReplayEnvironment
    from ennead.replay.witness.notes import Notes

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_DEVICES = ("/dev/", "/proc/self/")
_LOOPBACK = ("localhost", "127.0.0.1", "::1", "0.0.0.0", "::", "")  # noqa: S104 -- compared with, not bound to
_ENTRIES = {
    "os.remove": ((0, 1, True),),
    "os.rename": ((0, 2, True), (1, 3, None)),
    "os.mkdir": ((0, 2, False),),
    "os.rmdir": ((0, 1, True),),
    "os.link": ((0, 2, True), (1, 3, False)),
    "os.symlink": ((1, 2, False),),
    "shutil.rmtree": ((0, 1, True),),
}
"""Audit events that change entries of folders: where the path and the descriptor of its folder stand among their
arguments, and whether the entry has to be there; where that is not so the system refuses by itself."""
_NO_FOLDER = 1_000
_CONTENTS = {
    "os.truncate": (0, _NO_FOLDER),
    "os.chmod": (0, 2),
    "os.chown": (0, 3),
    "os.utime": (0, 3),
    "os.setxattr": (0, _NO_FOLDER),
    "os.removexattr": (0, _NO_FOLDER),
}
"""Audit events that change what a link leads to: where the path and the descriptor stand."""
_CONNECTIONS = ("socket.connect", "socket.sendto", "socket.sendmsg")
_LOOKUPS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")

_CLIENTS = frozenset(
    [
        "psql",
        "pg_dump",
        "pg_dumpall",
        "pg_restore",
        "pgbench",
        "createdb",
        "dropdb",
        "mysql",
        "mysqldump",
        "mysqladmin",
        "mysqlimport",
        "mariadb",
        "mariadb-dump",
        "mariadb-admin",
        "mariadb-import",
        "redis-cli",
        "valkey-cli",
        "memcached-tool",
        "mongosh",
        "mongo",
        "mongodump",
        "mongorestore",
        "sqlplus",
        "sqlcmd",
        "bq",
        "clickhouse-client",
        "rabbitmqadmin",
        "rabbitmqctl",
        "kcat",
        "kafkacat",
        "curl",
        "wget",
        "http",
        "https",
        "ssh",
        "scp",
        "sftp",
        "rsync",
        "ftp",
        "telnet",
        "nc",
        "ncat",
        "socat",
        "sendmail",
        "mail",
        "mailx",
        "msmtp",
        "aws",
        "gcloud",
        "az",
        "kubectl",
        "docker",
        "podman",
        "systemctl",
        "service",
    ]
)
"""Clients of databases, brokers, mail, other hosts and the machine itself."""


_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh"})
_SHELL_BREAKS = re.compile(r"[\s;|&()`$]+")


class _OwnPrograms(threading.local):
    allowed = False


OWN_PROGRAMS = _OwnPrograms()
"""Whether this thread is starting programs of ours, which copy databases."""

DATABASE_ADDRESSES: set[str] = set()
"""``host:port`` and socket paths of redirected databases, noted by whoever redirects them."""


class Isolation:
    """Decides what the work may reach.

    Parameters
    ----------
    environment
        Of the replay.
    notes
        Where refusals are told.
    """

    def __init__(self, environment: ReplayEnvironment, notes: Notes) -> None:
        self._folders = tuple(os.path.realpath(folder) for folder in (environment.folder, environment.store))
        self._allowed = frozenset(re.sub(r"[\[\]]", "", address) for address in environment.allowed_addresses)
        self._resolved: set[str] = set()
        self._notes = notes
        self._own_ports = OwnPorts(environment.folder)
        self._own_names = (*_LOOPBACK, socket.gethostname())

    def start(self) -> None:
        """Begin to refuse; there is no way back."""
        self._own_ports.start()
        ask = self._handlers().get

        def audit(event: str, arguments: tuple[Any, ...]) -> None:
            handle = ask(event)  # events are many, and most are about something else
            if handle is not None:
                handle(arguments)

        sys.addaudithook(audit)

    def _handlers(self) -> dict[str, Callable[[tuple[Any, ...]], None]]:
        handlers: dict[str, Callable[[tuple[Any, ...]], None]] = {"open": self._opening}
        handlers |= {event: partial(self._changing_entries, event) for event in _ENTRIES}
        handlers |= {event: partial(self._changing_contents, event) for event in _CONTENTS}
        handlers |= dict.fromkeys(_CONNECTIONS, self._connecting)
        handlers |= dict.fromkeys(_LOOKUPS, self._resolving)
        handlers |= {event: partial(self._starting, event) for event in PROGRAM_EVENTS}
        return handlers

    # -------------------------------------------------------------------------------------------- files

    def _opening(self, arguments: tuple[Any, ...]) -> None:
        path, mode, flags = arguments
        if not isinstance(flags, int) or not isinstance(path, str | bytes | os.PathLike):
            return
        if flags & _WRITING or (isinstance(mode, str) and any(letter in mode for letter in "wax+")):
            self._writing(os.fsdecode(path))

    def _changing_entries(self, event: str, arguments: tuple[Any, ...]) -> None:
        for path, folder, is_there in _ENTRIES[event]:
            name = _name_among(arguments, path, folder)
            if name is None or (is_there is not None and os.path.lexists(name) is not is_there):
                continue
            head, tail = os.path.split(name.rstrip(os.sep))
            self._refuse_unless_own(os.path.join(_real_path(head), tail), name)  # noqa: PTH118 -- runs at every change

    def _changing_contents(self, event: str, arguments: tuple[Any, ...]) -> None:
        name = _name_among(arguments, *_CONTENTS[event])
        if name is not None:
            self._writing(name)

    def _writing(self, name: str) -> None:
        whole = _real_path(name)
        if not name.startswith(_DEVICES) and not whole.startswith(_DEVICES):
            self._refuse_unless_own(whole, name)

    def _refuse_unless_own(self, whole: str, name: str) -> None:
        if self._is_own(whole):
            return
        self._notes.add_once("refused write", path=whole)
        raise PermissionError(errno.EACCES, "a replay changes nothing outside of its scratch copy", name)

    def _is_own(self, path: str) -> bool:
        return any(path == folder or path.startswith(folder + os.sep) for folder in self._folders)

    # -------------------------------------------------------------------------------------- connections

    def _connecting(self, arguments: tuple[Any, ...]) -> None:
        connecting, address = arguments
        where = _address_name(connecting, address)
        if where is None or self._may_reach(address, where):
            return
        self._notes.add("egress", address=where)
        raise ConnectionRefusedError(errno.ECONNREFUSED, f"a replay connects to databases only, not to {where}")

    def _may_reach(self, address: Any, where: str) -> bool:
        bare = where.partition(" ")[2]
        if bare in self._allowed or bare in DATABASE_ADDRESSES:
            return True
        if isinstance(address, str | bytes):
            return self._is_own(_real_path(os.fsdecode(address)))
        if address[0] in _LOOPBACK and address[1] in self._own_ports.read():
            return True
        return bare in self._resolved or bare in self._resolve_allowed()

    def _resolve_allowed(self) -> set[str]:
        """Numeric forms of the allowed addresses: a connection is made to one of those."""
        for allowed in self._allowed:
            host, _, port = allowed.rpartition(":")
            if host and port.isdigit() and not _is_numeric(host):
                try:
                    found = socket.getaddrinfo(host, int(port))
                except OSError:
                    continue
                self._resolved.update(f"{address[0]}:{port}" for *_, address in found)
        return self._resolved

    def _resolving(self, arguments: tuple[Any, ...]) -> None:
        host = arguments[0]
        name = os.fsdecode(host) if isinstance(host, str | bytes) else ""
        if name in self._own_names or _is_numeric(name):
            return
        known = self._allowed | DATABASE_ADDRESSES
        if any(address.rpartition(":")[0] == name for address in known):
            return
        self._notes.add("egress", address=f"dns {name}")
        raise socket.gaierror(socket.EAI_NONAME, f"a replay connects to databases only, not to {name}")

    # ----------------------------------------------------------------------------------------- programs

    def _starting(self, event: str, arguments: tuple[Any, ...]) -> None:
        program = ProgramStart.of(event, arguments)
        options = python_options(program)
        if options is None:
            self._starting_other(program)
            return
        if reads_no_environment(options) or not has_environment(program):
            words = " ".join([program.name, *program.arguments[1:3]])
            self._notes.add_once("refused program", name=words)
            raise PermissionError(errno.EACCES, f"a replay cannot isolate {words}", program.name)

    def _starting_other(self, program: ProgramStart) -> None:
        """A program that is not Python cannot be isolated; one whose business is with others is refused."""
        if OWN_PROGRAMS.allowed:
            return
        words = {program.name}
        if program.name in _SHELLS:
            words |= {os.path.basename(word) for text in program.arguments for word in _SHELL_BREAKS.split(text)}  # noqa: PTH119 -- words, not paths
        client = min(words & _CLIENTS, default=None)
        if client is not None:
            self._notes.add_once("refused program", name=client)
            message = f"a replay does not start {client}, which would work on the real thing"
            raise PermissionError(errno.EACCES, message, client)
        self._notes.add_once("program", name=program.name)


def _name_among(arguments: tuple[Any, ...], path: int, folder: int) -> str | None:
    """A path among the arguments of an audit event, that of its folder before it; ``None`` for an open file."""
    if not isinstance(arguments[path], str | bytes | os.PathLike):
        return None
    name = os.fsdecode(arguments[path])
    descriptor = arguments[folder] if folder < len(arguments) else -1
    if not isinstance(descriptor, int) or descriptor < 0:
        return name
    return os.path.join(os.path.realpath(f"/proc/self/fd/{descriptor}"), name)  # noqa: PTH118 -- runs at every change


def _real_path(name: str) -> str:
    try:
        return os.path.realpath(name)
    except ValueError:  # NUL in an abstract socket's name
        return name


def _address_name(connecting: Any, address: Any) -> str | None:
    """``tcp host:port``, ``unix path``; ``None`` for what does not leave the machine's kernel."""
    if isinstance(address, str | bytes):
        return f"unix {os.fsdecode(address)}"
    family = getattr(connecting, "family", None)
    if address is None or family == getattr(socket, "AF_NETLINK", -1):
        return None
    if family not in (socket.AF_INET, socket.AF_INET6):
        return f"{getattr(family, 'name', family)} {address}"
    kind = "udp" if connecting.type == socket.SOCK_DGRAM else "tcp"
    return f"{kind} {address[0]}:{address[1]}"


def _is_numeric(name: str) -> bool:
    """Whether a name is an address already: connecting to it is judged on its own."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, name)
        except OSError:
            continue
        return True
    return False
