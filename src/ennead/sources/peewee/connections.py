"""The recorder's view of Peewee's databases: their names, and which transaction is open in which thread."""

from __future__ import annotations

import threading
from typing import Any
from weakref import WeakKeyDictionary

from ennead.agent.unit_of_work import Connection

_KINDS = (("SqliteDatabase", "sqlite"), ("PostgresqlDatabase", "postgresql"), ("MySQLDatabase", "mysql"))


class DatabaseConnection(Connection):
    """The connection of one database in one thread; transactions are counted as queries meet them."""

    __slots__ = ("_count", "_outermost")

    def __init__(self, name: str, database: str) -> None:
        super().__init__(name, database)
        self._count = 0
        self._outermost: object = None

    def follow(self, transactions: list[object]) -> None:
        """Bring the ordinal up to date: it follows the outermost block, savepoints are no transactions of their own."""
        outermost = transactions[0] if transactions else None
        if outermost is not self._outermost:
            self._outermost = outermost
            if outermost is not None:
                self._count += 1
            self.transaction = None if outermost is None else self._count


class _Known(threading.local):
    def __init__(self) -> None:
        self.connections: WeakKeyDictionary[Any, DatabaseConnection] = WeakKeyDictionary()


class Databases:
    """Everything known of the process's databases; forgotten together with them."""

    def __init__(self) -> None:
        self._known = _Known()
        self._names: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
        self._same_place: dict[object, str] = {}

    def connection_of(self, database: Any) -> DatabaseConnection:
        """The recorder's connection for a Peewee database, its transaction brought up to date."""
        connection = self._known.connections.get(database)
        if connection is None:
            connection = DatabaseConnection(self._name_of(database), _kind_of(database))
            self._known.connections[database] = connection
        connection.follow(database._state.transactions)
        return connection

    def clear(self) -> None:
        """Forget everything."""
        self.__init__()  # type: ignore[misc]

    def _name_of(self, database: Any) -> str:
        name = self._names.get(database)
        if name is None:
            place = _place(database)
            name = self._same_place.get(place)
            if name is None:
                name = self._unused(_base_name(database))
                if place is not None:
                    self._same_place[place] = name
            self._names[database] = name
        return name

    def _unused(self, base: str) -> str:
        taken = {*self._names.values(), *self._same_place.values()}
        ordinal = 1
        while (name := base if ordinal == 1 else f"{base}#{ordinal}") in taken:
            ordinal += 1
        return name


def _kind_of(database: Any) -> str:
    classes = {kind.__name__ for kind in type(database).__mro__}
    return next((name for class_name, name in _KINDS if class_name in classes), "")


def _place(database: Any) -> object:
    """What tells one database from another; ``None`` where only the object does: in memory."""
    name = str(database.database or "")
    if not name or ":memory:" in name:
        return None
    parameters = getattr(database, "connect_params", None) or {}
    return _kind_of(database), str(parameters.get("host")), str(parameters.get("port")), name


def _base_name(database: Any) -> str:
    name = str(database.database or "").replace("\\", "/").rsplit("/", 1)[-1].partition("?")[0]
    return name or _kind_of(database) or "peewee"


DATABASES = Databases()
