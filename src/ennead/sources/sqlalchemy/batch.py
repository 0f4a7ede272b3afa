"""Statements that write several rows at once.

SQLAlchemy cuts a long INSERT that returns something into several cursor calls, on some databases one for each row. To
the user it is one statement with many rows, and so it is recorded.
"""

from __future__ import annotations

from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine.interfaces import ExecuteStyle

if TYPE_CHECKING:
    from ennead.agent.unit_of_work import Hit


def sent_batch(context: Any, statement: str, parameters: Any) -> tuple[str, Any, int]:
    """What one cursor call of an ``executemany`` really sent: statement, parameters, rows.

    ``after_cursor_execute`` is told the whole INSERT each time, ``before_cursor_execute`` the part that is sent, which
    is what ``context.ennead_sent`` holds.
    """
    if context.execute_style is not ExecuteStyle.INSERTMANYVALUES:
        return statement, parameters, len(parameters)
    sent_statement, sent_parameters = context.ennead_sent
    values_a_row = len(context.parameters[0]) or 1
    return sent_statement, sent_parameters, max(len(sent_parameters) // values_a_row, 1)


def add_to_batch(context: Any, started_ns: int, batch_size: int) -> bool:
    """Add a further cursor call of an INSERT to the hit of the first one; ``False`` if this is the first."""
    first: Hit | None = getattr(context, "ennead_hit", None)
    if first is None:
        return False
    first.duration_ns += perf_counter_ns() - started_ns
    first.batch_size += batch_size
    return True
