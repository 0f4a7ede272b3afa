"""What a piece of code does to the database, as data: calls before a loop, and the calls of each turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ennead.training.generator.schema import Select, Write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.kernel.records import OrmEvidence

Value = str | tuple[str, ...]
"""One parameter, or the elements of an IN list."""
Row = tuple[str, ...]
Header = Literal["rows", "comprehension", "range", "while", "poll", "constants", "callback", "template", "none"]
"""How the loop is written; ``none``: each turn stands on lines of its own."""


@dataclass(frozen=True)
class Call:
    """One execution of a statement."""

    statement: Select | Write
    values: tuple[Value, ...] = ()
    rows: Sequence[Row] = ()
    """What a read fetches."""
    orm: OrmEvidence | None = None
    line: int = 0
    """Which line of the loop's body runs it."""
    connection: str = "default"
    error: str | None = None
    pause_ms: float = 0.0
    """Waited before it."""
    is_n_plus_one: bool = False


@dataclass(frozen=True)
class Block:
    """Calls of one function of the user's code."""

    header: Header
    turns: Sequence[Sequence[Call]]
    before: Sequence[Call] = ()
    worker_count: int = 1
    """Threads or tasks that share the turns."""
    is_scattered: bool = False
    """The turns stand between those of other blocks."""
    inner_from: int | None = None
    """Lines of the body from this one on stand in a loop within the loop."""
    controls: Sequence[str] = ()
    """Statements of transaction control around each turn."""
