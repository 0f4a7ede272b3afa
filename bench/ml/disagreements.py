"""Call sites about which rules and model say different things, one of them rightly."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from statistics import fmean
from typing import NamedTuple

from bench.ml.evaluation import Trial

_SHOWN_ACTIONS = 2


class Disagreement(NamedTuple):
    """One site at one level."""

    application: str
    site: str
    actions: str
    """One or two of them, and how many more there are."""
    label: bool
    group_count: int
    """Groups on which only one of them is right."""
    by_rules: str
    """Mean confidence, or the look-alike."""
    confidence: float
    """The model's mean confidence."""
    right: str
    """`model` or `rules`."""


def disagreements(trial: Trial) -> Iterator[Disagreement]:
    """Sites on which exactly one of rules and trees is right."""
    by_site: defaultdict[tuple[str, bool, str], list[int]] = defaultdict(list)
    for number, example in enumerate(trial.examples):
        by_rules, by_model = trial.is_right("rules", number), trial.is_right("trees", number)
        if by_rules != by_model:
            by_site[example.site, example.label, "model" if by_model else "rules"].append(number)
    for (site, label, right), numbers in by_site.items():
        yield _told(trial, site, label=label, right=right, numbers=numbers)


def _told(trial: Trial, site: str, *, label: bool, right: str, numbers: list[int]) -> Disagreement:
    examples = [trial.examples[number] for number in numbers]
    vetoes = Counter(example.veto for example in examples if example.veto)
    rules = fmean(trial.confidences["rules"][number] for number in numbers)
    actions = sorted({example.unit for example in examples})
    more = len(actions) - _SHOWN_ACTIONS
    return Disagreement(
        trial.application,
        site,
        ", ".join(actions[:_SHOWN_ACTIONS]) + (f" and {more} more" if more > 0 else ""),
        label,
        len(numbers),
        vetoes.most_common(1)[0][0] if vetoes else f"{rules:.0f}",
        fmean(trial.confidences["trees"][number] for number in numbers),
        right,
    )
