"""Evidence that is read from a statement once and remembered for its compiled form."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from ennead.sources.sqlalchemy.identity import IdentityMap

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPICursor, ExecutionContext

    from ennead.kernel.records import OrmEvidence


class EvidenceOfStatement(ABC):
    """SQLAlchemy compiles statements of one structure once and caches the outcome: that stands for the structure."""

    def __init__(self) -> None:
        self._known: IdentityMap[OrmEvidence] = IdentityMap()

    def resolve(self, context: ExecutionContext, cursor: DBAPICursor) -> OrmEvidence | None:
        """See :class:`~ennead.sources.sqlalchemy.handover.Pending`."""
        compiled = context.compiled
        if compiled is None:
            return None
        return self._known.get(compiled) or self._known.set(compiled, self.evidence_for(context, cursor))

    @abstractmethod
    def evidence_for(self, context: ExecutionContext, cursor: DBAPICursor) -> OrmEvidence:
        """Read the evidence from an execution that has just ended."""
