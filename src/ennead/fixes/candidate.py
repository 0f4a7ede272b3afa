"""One way to repair a finding, before anybody knows whether it works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A change of the user's code that may repair a finding.

    Examples
    --------
    >>> Candidate(title="Join the customer", strategy="select-related", files={"shop/views.py": "..."}).strategy
    'select-related'
    """

    title: str
    """What the change does, in a few words: ``Load customer with the orders (select_related)``."""
    strategy: str
    """The kind of change, lower case with hyphens: ``select-related``, ``prefetch``, ``annotate``, ``in-bulk`` ..."""
    files: Mapping[str, str]
    """The whole new text of each file that changes, by its path relative to the project root (POSIX)."""
    moves: Mapping[str, Mapping[int, int]] | None = None
    """Where an edited line went, by file: old line to new line; ``None`` where the diff alone tells it."""
