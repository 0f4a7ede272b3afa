"""Who decided on a finding, and what the learnt model gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ennead.kernel.finding import Finding


class Confidences(NamedTuple):
    """What rules and model give a finding, 0 to 100; ``None`` of the one that says nothing of it."""

    rules: float | None
    model: float | None


def confidences(finding: Finding) -> Confidences:
    """What each of them gives it.

    Parameters
    ----------
    finding
        Its own confidence is that of the rules where they decide, or else that of the model.
    """
    probability = finding.evidence.get("model_probability")
    rules = finding.evidence.get("rules_confidence")
    if rules is None and finding.decided_by != "ml":
        rules = finding.confidence
    return Confidences(rules, None if probability is None else round(100 * probability, 2))


def deciders(finding: Finding) -> str:
    """Who decided; with the model's probability where it was asked, and the rules' confidence where it is another.

    Parameters
    ----------
    finding
        Its evidence may have ``model_probability`` and ``rules_confidence``.
    """
    said = []
    probability = finding.evidence.get("model_probability")
    if isinstance(probability, int | float):
        said.append(f"the model gives it {100 * probability:.0f} %")
    confidence = finding.evidence.get("rules_confidence")
    if isinstance(confidence, int | float):
        said.append(f"the rules {confidence:.0f} %")
    return f"{finding.decided_by} ({', '.join(said)})" if said else finding.decided_by
