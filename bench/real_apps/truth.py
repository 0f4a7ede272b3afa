"""What grows in an action, and what was found there, group by group.

A statement of an action *grows* if it ran more often at 6 rows than at 3, and at 12 than at 6, and at least three times
more often in the end. A tool sees one run only, at 12 rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

SIZES = (3, 6, 12)
MIN_GROWTH = 3

Answers = Mapping[str, Mapping[str, Any]]
"""By action: what the worker told."""


def grows(counts: Sequence[int]) -> bool:
    """Tell whether a statement's counts at rising sizes follow the rows.

    >>> grows((3, 6, 12)), grows((2, 3, 4)), grows((3, 3, 12))
    (True, False, False)
    """
    rising = all(smaller < larger for smaller, larger in pairwise(counts))
    return rising and counts[-1] - counts[0] >= MIN_GROWTH


@dataclass
class Action:
    """Growth and findings of one action; groups are fingerprints of statements."""

    name: str
    status: str
    counts: dict[str, tuple[int, ...]]
    statements: dict[str, str] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)
    found: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Findings of an N+1."""
    repeated: set[str] = field(default_factory=set)
    """Told as a repeated query: the parameters were the same each time."""
    vetoed: dict[str, str | None] = field(default_factory=dict)
    flagged: dict[str, bool] = field(default_factory=dict)
    """By rival: whether it told of an N+1 anywhere in the action."""

    @property
    def growing(self) -> set[str]:
        return {fingerprint for fingerprint, counts in self.counts.items() if grows(counts)}


def compare(counted: Sequence[Answers], found: Answers, rivals: Mapping[str, Answers]) -> list[Action]:
    """Put the counts at each size, Ennead's findings and the rivals' answers side by side."""
    return [_action(name, [run.get(name, {}) for run in counted], answer, rivals) for name, answer in found.items()]


def _action(
    name: str, counted: Sequence[Mapping[str, Any]], answer: Mapping[str, Any], rivals: Mapping[str, Answers]
) -> Action:
    fingerprints = dict.fromkeys(fingerprint for run in counted for fingerprint in run.get("counts", {}))
    statuses = [each.get("status", "not run") for each in (*counted, answer)]
    findings = answer.get("findings", ())
    return Action(
        name,
        next((status for status in statuses if status != "ok"), "ok"),
        {key: tuple(run.get("counts", {}).get(key, 0) for run in counted) for key in fingerprints},
        {key: text for run in counted for key, text in run.get("statements", {}).items()},
        {key: line for run in counted for key, line in run.get("lines", {}).items()},
        {each["fingerprint"]: each for each in findings if each["code"] == "n-plus-one"},
        {each["fingerprint"] for each in findings if each["code"] == "repeated-query"},
        {each["fingerprint"]: each["veto"] for each in answer.get("vetoed", ())},
        {tool: run[name]["flagged"] for tool, run in rivals.items() if "flagged" in run.get(name, {})},
    )
