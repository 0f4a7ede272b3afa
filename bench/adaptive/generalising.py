"""Rules that would hide what nobody judged, held against the truth: why none of them is built in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

from bench.adaptive.patterns import Pattern
from bench.adaptive.simulation import Project
from ennead.domains.nplusone.adaptive_threshold import JudgedPattern
from ennead.learners.adaptation import Adaptation
from ennead.training.adapt import Verdict, adapt

_USEFUL = 0.5
_FEWEST_OF_KIN = 2
_MOST_USEFUL_OF_KIN = 0.2


class Rule(NamedTuple):
    """What a rule hides of what has no verdict; means over the simulations, in groups."""

    people: str
    name: str
    false_positives: float
    true_positives: float
    recall: float

    def __str__(self) -> str:
        counts = f"{self.false_positives:.1f} | {self.true_positives:.1f} | {self.recall:.3f}"
        return f"| {self.people} | {self.name} | {counts} |"


def generalised(people: str, projects: Sequence[Project]) -> Iterator[Rule]:
    """What each rule makes of the same verdicts."""
    for name, hides in RULES.items():
        told = [_outcome(project, hides(project)) for project in projects]
        hidden_false, hidden_true, recall = (fmean(numbers) for numbers in zip(*told, strict=True))
        yield Rule(people, name, hidden_false, hidden_true, recall)


def _outcome(project: Project, hidden: Collection[str]) -> tuple[int, int, float]:
    unjudged = [each for each in project.patterns if each.name not in project.said]
    lost = sum(each.true_count for each in unjudged if each.name in hidden)
    found = sum(each.true_count for each in unjudged)
    return sum(each.false_count for each in unjudged if each.name in hidden), lost, 1 - lost / found if found else 1.0


def _kin(project: Project) -> set[str]:
    """Signatures with two noise or more, and hardly any useful."""
    noise, judged = Counter[str](), Counter[str]()
    for each in project.judged():
        judged[each.signature] += 1
        noise[each.signature] += each.share < _USEFUL
    return {
        each.name
        for each in project.patterns
        if noise[each.signature] >= _FEWEST_OF_KIN
        and noise[each.signature] >= (1 - _MOST_USEFUL_OF_KIN) * judged[each.signature]
    }


def _adapted(limit: float) -> Callable[[Project], set[str]]:
    """What the model of each level, corrected by the verdicts, gives less than a limit."""

    def hides(project: Project) -> set[str]:
        by_name = {each.name: each for each in project.patterns}
        corrections = _corrections(project.judged(), by_name)
        return {
            each.name
            for each in project.patterns
            if each.features is not None
            and each.probability is not None
            and (correction := corrections.get(_level(each)))
            and not correction.is_identity
            and correction.probability(each.probability, each.features) < limit
        }

    return hides


def _corrections(judged: Sequence[JudgedPattern], by_name: Mapping[str, Pattern]) -> Mapping[str, Adaptation]:
    verdicts: defaultdict[str, list[Verdict]] = defaultdict(list)
    for each in judged:
        pattern = by_name[each.pattern]
        if pattern.probability is not None and pattern.features is not None:
            told = Verdict(pattern.probability, pattern.features, each.share >= _USEFUL, each.pattern)
            verdicts[_level(pattern)].append(told)
    return {level: adapt(given) for level, given in verdicts.items()}


def _level(pattern: Pattern) -> str:
    return pattern.name.split()[0]


RULES: Mapping[str, Callable[[Project], set[str]]] = {
    "kin: two of a signature noise, at most a fifth useful": _kin,
    "the adapted model gives it less than 35 %": _adapted(0.35),
    "the adapted model gives it less than 50 %": _adapted(0.5),
}
