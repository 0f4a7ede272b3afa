"""Who decided on a finding, and what the learnt model gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ennead.kernel.finding import Finding


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
