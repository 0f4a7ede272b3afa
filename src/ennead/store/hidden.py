"""What verdicts make of findings: shown, shown to stay measured, or kept back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from ennead.domains.nplusone.adaptive_threshold import Posteriors, Showing, showing
from ennead.domains.nplusone.evidence_signature import evidence_signature
from ennead.domains.nplusone.signature_counts import priors, read_signatures
from ennead.store.history import known_patterns, linked_patterns
from ennead.store.schema import PATTERNS
from ennead.store.thresholds import policy_of, read_threshold
from ennead.store.verdicts import read_labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import Connection

    from ennead.domains.nplusone.adaptive_threshold import JudgedPattern
    from ennead.kernel.finding import Finding
    from ennead.store.history import KnownPattern
    from ennead.store.memory import Memory

IS_SHOWN: frozenset[Showing] = frozenset({"shown", "useful", "explored"})
REASONS: Mapping[Showing, str] = {
    "shown": "",
    "useful": "you called it useful, or a fix of it was verified",
    "explored": "below the threshold, shown to keep it measured",
    "noise": "you called it noise",
    "wontfix": "you said that it will not be repaired",
    "below": "below the threshold",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What becomes of one pattern."""

    pattern: str
    showing: Showing
    confidence: float
    """0-100, with what the verdicts say."""

    @property
    def is_shown(self) -> bool:
        """Whether it stands in a report."""
        return self.showing in IS_SHOWN

    @property
    def reason(self) -> str:
        """Why, in words."""
        return REASONS[self.showing]


def shown_by_verdicts(memory: Memory, findings: Iterable[Finding]) -> dict[str, Shown]:
    """What becomes of the findings of a report, by id."""
    told = list(findings)
    known = memory.read(lambda connection: _known(connection, memory.project, [each.id for each in told]))
    asked = []
    for each in told:
        pattern, signature = known[each.id]
        asked.append((pattern, signature or evidence_signature(each.code, each.kind, {}), each.confidence))
    return {each.id: shown for each, shown in zip(told, _shown(memory, asked), strict=True)}


def shown_patterns(memory: Memory, patterns: Iterable[KnownPattern] | None = None) -> dict[str, Shown]:
    """What becomes of the patterns that are remembered, by hash."""
    known = known_patterns(memory) if patterns is None else patterns
    shown = _shown(memory, [(each.pattern, each.signature, each.confidence) for each in known])
    return {each.pattern: each for each in shown}


def _shown(memory: Memory, asked: Iterable[tuple[str, str, float]]) -> list[Shown]:
    """What becomes of patterns with a signature and a confidence each."""
    labels, threshold = memory.read(
        lambda connection: (list(read_labels(connection, memory.project)), read_threshold(connection, memory.project))
    )
    posteriors, policy = Posteriors.of([*_imported(memory), *(label.judged for label in labels)]), policy_of(memory)
    return [
        Shown(
            pattern,
            showing(posteriors, threshold, policy, pattern, signature, confidence),
            posteriors.confidence(pattern, signature, confidence) if labels else confidence,
        )
        for pattern, signature, confidence in asked
    ]


def _imported(memory: Memory) -> Iterator[JudgedPattern]:
    """Verdicts of other projects: they say something of signatures, and of no finding here."""
    if memory.models_folder is not None:
        yield from priors(read_signatures(memory.models_folder))


def _known(connection: Connection, project: str, findings: list[str]) -> dict[str, tuple[str, str]]:
    """Finding to the pattern that it is, or is taken for, and its signature."""
    linked = linked_patterns(connection, project)
    patterns = {finding: linked.get(finding, finding) for finding in findings}
    asked = select(PATTERNS.c.pattern_hash, PATTERNS.c.signature).where(
        PATTERNS.c.project == project, PATTERNS.c.pattern_hash.in_(set(patterns.values()))
    )
    signatures = dict(connection.execute(asked).tuples().all())
    return {finding: (pattern, signatures.get(pattern, "")) for finding, pattern in patterns.items()}
