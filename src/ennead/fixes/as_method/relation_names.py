"""Names for what is loaded: ``customer_and_lines``, ``orders``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST = 48


def joined_names(paths: Sequence[Sequence[str]]) -> str:
    """Relations as a part of a name; of a path and a longer one that goes on from it, the longer one is told.

    Examples
    --------
    >>> joined_names([["customer"], ["lines"], ["lines", "product"]])
    'customer_and_lines_product'
    >>> joined_names([["customer"], ["lines"], ["tags"]])
    'customer_lines_and_tags'
    """
    whole = [tuple(path) for path in paths]
    longest = [path for path in whole if not any(other != path and other[: len(path)] == path for other in whole)]
    for depth in (max(map(len, longest)), 1):
        words = list(dict.fromkeys("_".join(path[:depth]) for path in longest))
        *rest, last = words
        name = f"{'_'.join(rest)}_and_{last}" if rest else last
        if len(name) <= _LONGEST:
            return name.lower()
    return "relations"


def words_of(paths: Sequence[Sequence[str]]) -> str:
    """The same for a sentence.

    >>> words_of([["customer"], ["lines", "product"], ["tags"]])
    'customer, lines.product and tags'
    """
    *rest, last = [".".join(path) for path in paths]
    return f"{', '.join(rest)} and {last}" if rest else last


def snake_case(name: str) -> str:
    """A class's name as functions have it.

    >>> snake_case("OrderLine"), snake_case("HTTPLog")
    ('order_line', 'http_log')
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def plural(name: str) -> str:
    """Several of them.

    >>> plural("order"), plural("category"), plural("box")
    ('orders', 'categories', 'boxes')
    """
    if re.search(r"[^aeiou]y$", name):
        return f"{name[:-1]}ies"
    return f"{name}es" if re.search(r"(s|x|z|ch|sh)$", name) else f"{name}s"
