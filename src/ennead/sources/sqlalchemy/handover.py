"""How evidence travels from the session's event to the cursor's.

It goes along with the statement, as an execution option: so it is right for nested executions (an autoflush between
the two events, the loads that one load sets off) and whatever thread, task or greenlet the statement runs in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ennead.kernel.records import OrmEvidence
from ennead.sources.sqlalchemy.connections import count_internal_error

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPICursor, ExecutionContext

OPTION = "ennead_evidence"
"""Name of the execution option."""
BATCHED_FOR = "ennead_batched_for"
"""Execution option: a lazy load that loads all siblings at once (:mod:`ennead.sources.sqlalchemy.auto_batch`)."""


class Pending(Protocol):
    """Evidence that needs a look at the compiled statement, too."""

    def resolve(self, context: ExecutionContext, cursor: DBAPICursor) -> OrmEvidence | None:
        """The evidence for an execution that has just ended."""


def evidence_of(context: ExecutionContext, cursor: DBAPICursor) -> OrmEvidence | None:
    """What the session's event has handed over for this execution; never raises."""
    try:
        handed_over: OrmEvidence | Pending | None = context.execution_options.get(OPTION)
        if handed_over is None or isinstance(handed_over, OrmEvidence):
            return handed_over
        return handed_over.resolve(context, cursor)
    except Exception:
        count_internal_error()
        return None
