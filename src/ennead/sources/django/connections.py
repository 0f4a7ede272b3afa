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
        connection = AliasConnection(str(database.alias), str(database.vendor))
        database._ennead_connection = connection
        _known.add(database)
    if database.in_atomic_block or not database.autocommit:
        if connection.transaction is None:
            connection.begin()
    elif connection.transaction is not None:
        connection.transaction = None
    return connection


def ending_transaction(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    """Wrap a method after which no transaction, or another one, is open; the next query finds out which."""

    @wraps(original)
    def end(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        connection = self.__dict__.get(_ATTRIBUTE)
        if connection is not None:
            connection.transaction = None
        return result

    return end


def forget_connections() -> None:
    """Take our attribute off every database wrapper."""
    for database in tuple(_known):
        database.__dict__.pop(_ATTRIBUTE, None)
    _known.clear()
