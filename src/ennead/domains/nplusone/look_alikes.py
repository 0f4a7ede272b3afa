"""What repeats and yet is not reported, as a record: for whoever asks why something was not found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ennead.kernel.call_site import CallSite

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from ennead.domains.nplusone.rules import Decision, Evidence


MODEL_VETO = "model"
"""Name under which is kept apart what the rules report and a deciding model rejects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAlike:
    """A repeated group that the rules let pass."""

    code: str
    """What it would have been reported as."""
    kind: str
    veto: str | None
    """Name of the look-alike; ``None`` if the confidence was too low."""
    confidence: float
    """0-100; 0 where there is a veto, unless the model has it: then what the model gives."""
    statement: str
    """Normalised."""
    statement_fingerprint: str
    relation: str | None
    query_count: int
    call_site: CallSite | None

    @classmethod
    def of(cls, evidence: Evidence, decision: Decision) -> LookAlike:
        """What the rules decided on one group."""
        group = evidence.group
        return cls(
            code=decision.code,
            kind=decision.kind,
            veto=decision.veto,
            confidence=decision.confidence,
            statement=group.first.statement,
            statement_fingerprint=group.first.statement_fingerprint,
            relation=group.orm.relation if group.orm else None,
            query_count=group.count,
            call_site=group.call_path[0] if group.call_path else None,
        )

    @property
    def key(self) -> Hashable:
        """What is the same from one unit of work to the next."""
        return (self.code, self.veto, self.statement_fingerprint, str(self.call_site))

    @property
    def is_doubted(self) -> bool:
        """Whether nothing explains the repeats, and only the confidence was too low."""
        return self.veto in (None, MODEL_VETO)

    @property
    def reason(self) -> str:
        """Why it is not reported, in a sentence.

        Examples
        --------
        >>> LookAlike(code="n-plus-one", kind="relation", veto=None, confidence=45.0, statement="", relation=None,
        ...     statement_fingerprint="", query_count=3, call_site=None).reason
        'confidence 45 %, less than ENNEAD_MIN_CONFIDENCE asks for'
        """
        if self.veto is None:
            return f"confidence {self.confidence:.0f} %, less than ENNEAD_MIN_CONFIDENCE asks for"
        if self.veto == MODEL_VETO:
            asked = "NPLUSONE_ML_CONFIDENCE_THRESHOLD"
            return f"{MODEL_VETO}: the learnt model gives it {self.confidence:.0f} %, less than {asked} asks for"
        from ennead.domains.nplusone.rules import VETOES, WRITE_VETOES  # who only reads records needs no rules

        vetoes = dict(WRITE_VETOES if self.code == "write-n-plus-one" else VETOES)
        applies = vetoes.get(self.veto)
        meaning = ((applies.__doc__ if applies else None) or "").partition("\n")[0].rstrip(".")
        begin = meaning[:1] if meaning[1:2].isupper() else meaning[:1].lower()
        return f"{self.veto}: {begin}{meaning[1:]}" if meaning else self.veto

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return values | {"call_site": self.call_site.to_dict() if self.call_site else None}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> LookAlike:
        """Read what :meth:`to_dict` wrote; unknown keys are ignored."""
        known = {name: data[name] for name in cls.__slots__}
        return cls(**known | {"call_site": CallSite.from_dict(data["call_site"]) if data["call_site"] else None})
