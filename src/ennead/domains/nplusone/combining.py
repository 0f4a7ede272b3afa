"""Rules and learnt model in one answer: who decides, who agrees, and what is kept apart.

Where the model stands beside the rules, these decide, and a finding tells whether the model agrees. Where it decides,
its calibrated probability does: what the rules report and it does not give enough is kept apart under the veto
``model``, and what it recognises and no look-alike explains is reported. Writes row by row and identical queries are
the rules' business at every level. Each group is decided once, so no evidence counts twice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ennead.domains.nplusone.findings import Decided
from ennead.domains.nplusone.groups import group_queries
from ennead.domains.nplusone.look_alikes import MODEL_VETO
from ennead.domains.nplusone.rules import VETOES, Decision, gather_evidence, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.domains.nplusone.findings import Pair
    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.judging import Judged
    from ennead.domains.nplusone.model import Judgement
    from ennead.domains.nplusone.observation import QueryExecutionContext
    from ennead.domains.nplusone.rules import Evidence
    from ennead.domains.nplusone.settings import NPlusOneSettings
    from ennead.kernel.deadline import Deadline

_CODE = "n-plus-one"
_REASON = "the learnt model recognises it"
_OF_PARAMETERS_ALONE = "no-set"
_DIGITS = 4


def combine(
    context: QueryExecutionContext, decided: Decided, judged: Judged, settings: NPlusOneSettings, deadline: Deadline
) -> Decided:
    """The rules' decisions, with the model's answer.

    Parameters
    ----------
    context
        Its groups are those that were judged.
    decided
        By the rules.
    judged
        By the model.
    settings
        Has the confidence from which on the model says that it is an N+1.
    deadline
        Asked before each group that only the model reports.

    Raises
    ------
    DeadlineExceededError
        The time is up.
    """
    if not judged.decides:
        reported = (_beside(pair, judged, settings) for pair in decided.reported)
        return replace(decided, reported=tuple(reported))
    pairs = [*_by_model(decided, judged, settings), *_found_by_model(context, decided, judged, settings, deadline)]
    pairs.sort(key=lambda pair: pair[0].group.number)
    kept = {id(pair) for pair in pairs if pair[1].veto is None and not _is_unsure(pair[1], settings)}
    return Decided(
        tuple(pair for pair in pairs if id(pair) in kept), tuple(pair for pair in pairs if id(pair) not in kept)
    )


def structural_veto(evidence: Evidence) -> str | None:
    """The look-alike that explains the repeats; whether values vary is left to the model, which may not see any."""
    asked = (pair for pair in VETOES if pair[0] != _OF_PARAMETERS_ALONE)
    return next((name for name, applies in asked if applies(evidence)), None)


def _beside(pair: Pair, judged: Judged, settings: NPlusOneSettings) -> Pair:
    """The rules decide; the model is told beside them."""
    evidence, decision = pair
    judgement = _judgement_of(pair, judged)
    if judgement is None:
        return pair
    agrees = judgement.confidence >= settings.ml_confidence_threshold
    told = _told(judged, judgement)
    return evidence, replace(decision, decided_by="both" if agrees else "rules", extra={**decision.extra, **told})


def _by_model(decided: Decided, judged: Judged, settings: NPlusOneSettings) -> Iterator[Pair]:
    """What the rules looked at, as the model sees it; look-alikes stay look-alikes."""
    for pair in (*decided.reported, *decided.vetoed):
        evidence, decision = pair
        judgement = None if decision.veto else _judgement_of(pair, judged)
        by_rules = decision.confidence >= settings.min_confidence
        agrees = judgement is not None and judgement.confidence >= settings.ml_confidence_threshold
        if judgement is None or not (by_rules or agrees):
            yield pair
            continue
        told = {**_told(judged, judgement), "rules_confidence": decision.confidence}
        yield (
            evidence,
            replace(
                decision,
                confidence=judgement.confidence,
                veto=None if agrees else MODEL_VETO,
                extra={**decision.extra, **told},
                decided_by="both" if by_rules else "ml",
            ),
        )


def _found_by_model(
    context: QueryExecutionContext, decided: Decided, judged: Judged, settings: NPlusOneSettings, deadline: Deadline
) -> Iterator[Pair]:
    """What repeats too little or too plainly for the rules, and the model recognises."""
    groups = group_queries(context)
    seen = {evidence.group.number for evidence, _ in (*decided.reported, *decided.vetoed)}
    for number, judgement in judged.judgements.items():
        if number in seen or judgement.confidence < settings.ml_confidence_threshold:
            continue
        deadline.check()
        evidence = gather_evidence(groups[number], groups, settings, context.project_root)
        yield evidence, _decision_on(groups[number], judgement, judged, structural_veto(evidence))


def _decision_on(group: QueryGroup, judgement: Judgement, judged: Judged, veto: str | None) -> Decision:
    confidence = 0.0 if veto else judgement.confidence
    told = _told(judged, judgement)
    return Decision(_CODE, kind_of(group), confidence, (_REASON,), veto, told, decided_by="ml")


def _is_unsure(decision: Decision, settings: NPlusOneSettings) -> bool:
    least = settings.min_confidence if decision.decided_by == "rules" else settings.ml_confidence_threshold
    return decision.confidence < least


def _judgement_of(pair: Pair, judged: Judged) -> Judgement | None:
    evidence, decision = pair
    return judged.judgements.get(evidence.group.number) if decision.code == _CODE else None


def _told(judged: Judged, judgement: Judgement) -> dict[str, object]:
    """For the finding's evidence."""
    interval = judgement.interval
    told: dict[str, object] = {"model": judged.model, "model_probability": round(judgement.probability, _DIGITS)}
    return told if interval is None else {**told, "model_interval": [round(end, _DIGITS) for end in interval]}
