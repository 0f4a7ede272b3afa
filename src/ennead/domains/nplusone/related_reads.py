"""Whether an earlier statement may have brought the rows that a repeated one asks about, by the names of keys alone.

``SELECT … FROM customer WHERE id = ?`` may follow what selected a ``customer_id``; ``… WHERE order_id = ?`` may follow
what read a table of orders. How names refer to each other is compared, never the names themselves: renaming a table
and the keys that point to it changes nothing. Where keys are named otherwise, nothing is found.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ennead.domains.nplusone.parameter_roles import roles_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD = re.compile(r"\w+")
_OWN_KEYS = frozenset({"id", "pk", "uuid", "guid", "rowid"})
_FOREIGN_KEY = re.compile(r"(.+?)(?:_ptr)?_(?:id|uuid|pk)$")
_COMPARED = ("equal", "list")


class Offer(NamedTuple):
    """What a statement may bring."""

    words: frozenset[str]
    """All words of the statement."""
    stems: frozenset[str]
    """What foreign keys to its tables would be called, without the ``_id``."""
    is_list: bool
    """It compares no key and takes no first rows only: it may well return many."""


class Wanted(NamedTuple):
    """What the keys of a repeated statement may have come from."""

    words: frozenset[str]
    """Columns that refer to the rows it asks for."""
    stems: frozenset[str]
    """Tables whose rows it asks about."""

    def is_met_by(self, offer: Offer) -> bool:
        """Whether the statement may have brought the keys.

        Examples
        --------
        >>> orders = offer_of("SELECT id, customer_id FROM shop_order", ("shop_order",))
        >>> wanted_of("SELECT name FROM shop_customer WHERE id = ?", ("shop_customer",)).is_met_by(orders)
        True
        >>> wanted_of("SELECT name FROM lines WHERE order_id = ?", ("lines",)).is_met_by(orders)
        True
        >>> wanted_of("SELECT name FROM settings WHERE id = ?", ("settings",)).is_met_by(orders)
        False
        """
        return not (self.words.isdisjoint(offer.words) and self.stems.isdisjoint(offer.stems))


@lru_cache(maxsize=4096)
def offer_of(statement: str, tables: tuple[str, ...]) -> Offer:
    """What a normalised statement may bring."""
    roles = roles_of(statement)
    compares_key = any(role.is_key and role.role == "equal" for role in roles.roles)
    words = frozenset(_WORD.findall(statement.lower()))
    return Offer(words, frozenset(_stems_of(tables)), not compares_key and not roles.has_limit)


@lru_cache(maxsize=4096)
def wanted_of(statement: str, tables: tuple[str, ...]) -> Wanted:
    """What the keys of a normalised statement may have come from."""
    columns = {role.column.lower() for role in roles_of(statement).roles if role.is_key and role.role in _COMPARED}
    found = (_FOREIGN_KEY.match(column) for column in columns)
    stems = frozenset(match[1] for match in found if match)
    own = columns & _OWN_KEYS
    words = {f"{stem}{ending}" for stem in _stems_of(tables) for ending in ("_id", "_ptr_id", "_uuid", "_pk")}
    return Wanted(frozenset(words) if own else frozenset(), stems)


def _stems_of(tables: tuple[str, ...]) -> Iterator[str]:
    """``shop_customers`` may be called ``customer`` or ``shop_customer`` by a foreign key."""
    for table in tables:
        parts = table.lower().rpartition(".")[2].split("_")
        for start in range(len(parts)):
            name = "_".join(parts[start:])
            yield name
            if name.endswith("ies"):
                yield f"{name[:-3]}y"
            elif name.endswith("s"):
                yield name[:-1]
