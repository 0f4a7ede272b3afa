"""Early warning: an N+1 that has only begun.

Goal: to stop a test at the n-th query of an emerging N+1, where the story is still short and the line is on the stack.

The rules are asked first, with what was recorded so far; what they find or veto stands, but for the vetoes that compare
with the whole of a loop, which has not ended. Where they have too little to say anything, a sequence model says how
likely it is that the group goes on as an N+1, and a prediction that is sure enough becomes a finding of its own,
decided by ``ml``. Known false positives: repeats that end after a few queries by themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.domains.nplusone.findings import Decided, tell
from ennead.domains.nplusone.groups import group_queries
from ennead.domains.nplusone.levels import level_of
from ennead.domains.nplusone.profile import story_of
from ennead.domains.nplusone.query_stream import stream_of
from ennead.domains.nplusone.rules import Decision, gather_evidence, kind_of
from ennead.domains.nplusone.sequence_model import load_sequence_model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ennead.domains.nplusone.findings import Pair
    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.observation import QueryExecutionContext
    from ennead.domains.nplusone.sequence_model import ShippedSequenceModel
    from ennead.domains.nplusone.settings import NPlusOneSettings
    from ennead.kernel.call_site import CallSite
    from ennead.kernel.finding import Finding

LONGEST_READ = 400
"""The latest queries that a model reads: it is asked while the user's code waits."""
OF_THE_WHOLE = frozenset({"memo"})
"""Vetoes that only the end of a loop can justify: few keys for many rows are what every loop begins with."""
MIN_REPEATS = 2
"""A single query is no beginning that anybody could tell from others."""


class EarlyWarning:
    """Tells of N+1 from their n-th query on.

    Parameters
    ----------
    at
        Queries of a group, from 2 on.
    settings
        Those that the rules are asked with.
    model
        By default the one that the settings name.

    Examples
    --------
    >>> from ennead.domains.nplusone.examples import example_contexts
    >>> from ennead.domains.nplusone.settings import NPlusOneSettings
    >>> five_orders, joined = example_contexts()
    >>> warning = EarlyWarning(2, NPlusOneSettings())
    >>> [round(warning.probability_of(group, five_orders)) for group in group_queries(five_orders)]
    [0, 1]
    """

    def __init__(self, at: int, settings: NPlusOneSettings, model: ShippedSequenceModel | None = None) -> None:
        self.at = max(at, MIN_REPEATS)
        self._settings = settings
        self._shipped = model or load_sequence_model(settings.early_warning_model)

    def of(
        self, context: QueryExecutionContext, findings: Sequence[Finding], vetoed: Sequence[Pair]
    ) -> tuple[Finding, ...]:
        """The findings with the predicted ones, as far as they have had ``at`` queries; the suppressed ones included.

        Parameters
        ----------
        context
            What was recorded so far.
        findings, vetoed
            What the rules say of it.
        """
        told = {(finding.statement_fingerprint, finding.call_path) for finding in findings}
        told |= {_key(evidence.group) for evidence, decision in vetoed if decision.veto not in {None, *OF_THE_WHOLE}}
        groups = group_queries(context)
        decided = tuple(
            (gather_evidence(group, groups, self._settings, context.project_root), decision)
            for group, decision in self._predictions(context)
            if _key(group) not in told
        )
        predicted = tell(context, Decided(decided), self._settings, context.project_root) if decided else None
        more = (*predicted.shown, *predicted.suppressed) if predicted else ()
        fresh = tuple(finding for finding in more if finding.decided_by == "ml")
        return tuple(finding for finding in (*findings, *fresh) if finding.query_count >= self.at)

    def probability_of(self, group: QueryGroup, context: QueryExecutionContext) -> float:
        """What the model said at the latest query of a group; 0 if that is too long ago."""
        return self._probabilities(context).get(group.number, 0.0)

    def _predictions(self, context: QueryExecutionContext) -> Iterator[tuple[QueryGroup, Decision]]:
        threshold = self._shipped.thresholds[level_of(context)]
        probabilities = self._probabilities(context)
        for group in group_queries(context):
            probability = probabilities.get(group.number, 0.0)
            if group.count >= self.at and group.first.is_read and probability >= threshold:
                reason = f"the {self._shipped.model.name} model expects it to go on"
                extra = {"early_warning": {"model": self._shipped.model.name, "probability": round(probability, 4)}}
                decision = Decision("n-plus-one", kind_of(group), 100.0 * probability, (reason,), None, extra, "ml")
                yield group, decision

    def _probabilities(self, context: QueryExecutionContext) -> dict[int, float]:
        stream = stream_of(context)
        reader = self._shipped.model.begin(context.route)
        latest = zip(stream.steps[-LONGEST_READ:], stream.groups[-LONGEST_READ:], strict=True)
        return {group.number: reader.read(step).alarm for step, group in latest}


def early_story_of(findings: Sequence[Finding]) -> str:
    """What an exception says that ends work early: the story so far, and which parts of it are predictions."""
    lines = [story_of(findings)]
    for finding in findings:
        told = finding.evidence.get("early_warning")
        if told is not None:
            sure = min(told["probability"], 0.99)
            lines.append(f"{finding.id} is predicted: {sure:.0%} by the {told['model']} model")
    return "\n".join(lines)


def _key(group: QueryGroup) -> tuple[str, tuple[CallSite, ...]]:
    return group.first.statement_fingerprint, group.call_path
