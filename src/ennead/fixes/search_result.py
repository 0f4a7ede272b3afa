"""What came of a search for fixes: of one judged change, of one finding, of all of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from ennead.fixes.verdict import Judgement
from ennead.kernel.finding import Finding, Recommendation
from ennead.kernel.json_schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

Status = Literal["fixed", "fixed-along", "not-fixed", "no-candidate", "not-tried"]
_NEARNESS = (
    "could-not-run",
    "non-deterministic",
    "worse",
    "changes-results",
    "no-effect",
    "reduced-not-flat",
    "verified-at-this-size",
    "verified",
)


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a change."""

    judgement: Judgement
    """Of the change as a whole."""
    by_finding: Mapping[str, Judgement] = field(default_factory=dict)
    """As the repair of each finding alone, by its id."""
    findings: tuple[Finding, ...] = ()
    """Of the changed code; its call sites are those of the changed files."""
    suspects: frozenset[str] = frozenset()
    """Where something became wrong: findings, by id, that are in the units of work that say so."""

    @property
    def is_accepted(self) -> bool:
        """Whether it may be offered as a fix."""
        return self.judgement.is_accepted

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "judgement": self.judgement.to_dict(),
            "by_finding": {name: judgement.to_dict() for name, judgement in self.by_finding.items()},
            "findings": [finding.to_dict() for finding in self.findings],
            "suspects": sorted(self.suspects),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Judged:
        """Read what :meth:`to_dict` wrote."""
        return cls(
            Judgement.from_dict(data["judgement"]),
            {name: Judgement.from_dict(item) for name, item in data["by_finding"].items()},
            tuple(Finding.from_dict(item) for item in data["findings"]),
            frozenset(data["suspects"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One candidate that was tried."""

    title: str
    strategy: str
    judgement: Judgement

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {"title": self.title, "strategy": self.strategy, **self.judgement.to_dict()}


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFix:
    """What came of the search for one finding."""

    finding: Finding
    status: Status
    attempts: tuple[Attempt, ...] = ()
    """In the order they were tried; of a fix the last one is it."""
    diff: str = ""
    """The change on top of the fixes accepted before; empty without one."""
    is_on_top: bool = False
    """One of those has edited the same file, so the diff is none of the user's own text."""

    @property
    def best(self) -> Attempt | None:
        """The attempt that was accepted, else the one that came nearest."""
        if self.status == "fixed":
            return self.attempts[-1]
        return max(self.attempts, key=_nearness, default=None)

    @property
    def title(self) -> str:
        """What the best attempt does, and what its diff stands on; empty if nothing was tried."""
        best = self.best
        if best is None:
            return ""
        return f"{best.title}, on top of the fixes before it" if self.is_on_top else best.title

    @property
    def is_fixed(self) -> bool:
        """Whether the finding is gone with the changes that were accepted."""
        return self.status in ("fixed", "fixed-along")

    @property
    def recommendation(self) -> Recommendation | None:
        """What a report tells of it; ``None`` if nothing was tried."""
        best = self.best
        if best is None:
            return None
        verification = best.judgement.verification
        if self.status == "fixed":
            verification = replace(verification, diff=self.diff)
        return Recommendation(
            title=self.title,
            text=" ".join(_sentence(reason) for reason in best.judgement.reasons),
            status="verified" if self.status == "fixed" else "refuted",
            verification=verification,
            place=self.finding.origin or self.finding.call_site,
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "finding": self.finding.to_dict(),
            "status": self.status,
            "diff": self.diff,
            "attempts": [attempt.to_dict() for attempt in self.attempts],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """Fixes of a run, and the change that all of them make together."""

    fixes: tuple[FindingFix, ...]
    files: Mapping[str, str]
    """Whole new texts of all changed files."""
    diff: str
    together: Judgement | None
    """All accepted fixes at once, as the repair of all that they repair; ``None`` if that is one finding, or none."""

    @property
    def is_complete(self) -> bool:
        """Whether every finding has a fix, and they work together."""
        return all(each.is_fixed for each in self.fixes) and self.is_whole

    @property
    def is_whole(self) -> bool:
        """Whether what was accepted, one upon the other, was accepted as a whole: nothing less than that is offered."""
        return self.together is None or self.together.is_accepted

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "schema": SCHEMA_VERSION,
            "is_complete": self.is_complete,
            "diff": self.diff,
            "fixes": [each.to_dict() for each in self.fixes],
            "together": self.together.to_dict() if self.together else None,
        }


def _nearness(attempt: Attempt) -> int:
    return _NEARNESS.index(attempt.judgement.verdict)


def _sentence(reason: str) -> str:
    return reason[:1].upper() + reason[1:] + ("" if reason.endswith((".", "!", "?")) else ".")
