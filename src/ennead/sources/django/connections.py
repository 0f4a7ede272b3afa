"""What the recorder knows of each Django connection, and which transaction is open on it."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from ennead.agent.unit_of_work import Connection

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.agent.patching import Patch

_ATTRIBUTE = "_ennead_connection"
_LEFT = "_ennead_left_connections"
_MAX_LEFT = 1_024
_NONE: dict[str, AliasConnection] = {}
_known: WeakSet[Any] = WeakSet()


class AliasConnection(Connection):
    """The connection of one alias in one thread; transactions are counted as queries meet them."""

    __slots__ = ("_transaction_count",)

    def __init__(self, name: str, database: str) -> None:
        super().__init__(name, database)
        self._transaction_count = 0

    def begin(self) -> None:
        """Give the transaction that is open its ordinal, from 1."""
        self._transaction_count += 1
        self.transaction = self._transaction_count


def connection_of(database: Any) -> AliasConnection:
    """The recorder's connection of a Django database wrapper, its transaction brought up to date.

    A savepoint is no transaction of its own: the ordinal follows the outermost atomic block, or the transaction that
    runs because autocommit is off.
    """
    try:
        connection: AliasConnection = database._ennead_connection
    except AttributeError:
        connection = database._ennead_connection = _enter_connection(database)
    if database.in_atomic_block or not database.autocommit:
        if connection.transaction is None:
            connection.begin()
    elif connection.transaction is not None:
        connection.transaction = None
    return connection


def _enter_connection(database: Any) -> AliasConnection:
    """The connection of a wrapper's alias; where it is led from schema to schema, that of the schema it is at."""
    _known.add(database)
    schema = getattr(database, "schema_name", None)
    name = str(database.alias) if schema is None else f"{database.alias}:{schema}"
    left: dict[str, AliasConnection] = database.__dict__.get(_LEFT, {})
    return left.get(name) or AliasConnection(name, str(database.vendor))


def leave_connection(database: Any) -> None:
    """Note that a wrapper is about to be led to another schema; it may come back to this one."""
    connection = database.__dict__.pop(_ATTRIBUTE, None)
    if connection is not None:
        left = database.__dict__.setdefault(_LEFT, {})
        if len(left) >= _MAX_LEFT:
            left.clear()
        left[connection.name] = connection


def ending_transaction(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    """Wrap a method after which no transaction, or another one, is open; the next query finds out which."""

    @wraps(original)
    def end(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        connection = self.__dict__.get(_ATTRIBUTE)
        if connection is not None:
            connection.transaction = None
        for left in self.__dict__.get(_LEFT, _NONE).values():
            left.transaction = None
        return result

    return end


def forget_connections() -> None:
    """Take our attributes off every database wrapper."""
    for database in tuple(_known):
        database.__dict__.pop(_ATTRIBUTE, None)
        database.__dict__.pop(_LEFT, None)
    _known.clear()
