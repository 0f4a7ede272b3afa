"""The patterns that users are asked about: found groups with known truth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from ennead.domains.nplusone.adaptive_threshold import LOWEST
from ennead.domains.nplusone.evidence_signature import evidence_signature
from ennead.domains.nplusone.verdict_order import Unjudged
from ennead.training.examples import Example, read_examples
from ennead.training.generator import generate_examples
from ennead.training.generator.look_alikes import TWINS

CORPUS = Path(__file__).parents[1] / "ml" / "corpus"
UNITS = 1_200
SEED = 2_026
FALSE_OF_PROJECT = 200
_LOOK_ALIKES = frozenset(twin.__name__ for twins in TWINS.values() for twin in twins)
SENTRY_PRECISION = 75.0
"""It tells no confidence: its precision on the scenarios."""


class Pattern(NamedTuple):
    """What was found at one place, and whether it is an N+1."""

    name: str
    signature: str
    confidence: float
    truth: bool
    false_count: int
    """Groups that it was found in though they are no N+1; one group for each unit of work and data size."""
    true_count: int
    look_alikes: tuple[str, ...] = ()
    """Names of those in its unit of work, where it was generated."""
    probability: float | None = None
    """What a model says that never saw its application, 0 to 1; ``None`` where none was asked."""
    features: Mapping[str, float] | None = None
    """Of the group that was surest, where a model was asked."""

    @property
    def unjudged(self) -> Unjudged:
        """As the product's order takes it; a unit of work is a group here."""
        told = self.confidence / 100.0 if self.probability is None else self.probability
        return Unjudged(self.name, self.signature, told, self.false_count + self.true_count)


def generated_patterns() -> list[Pattern]:
    """What the rules find in generated units of work of which only statements and parameters are known."""
    examples = (each for each in generate_examples(SEED, UNITS) if each.level == "sql")
    return list(_found(examples, "rules"))


def one_sided_project(generated: Sequence[Pattern], random: Random) -> list[Pattern]:
    """A project that repeats its idioms: its false positives are of two look-alikes, drawn by how often they are found.

    There are twice as many N+1s as false positives.
    """
    found = [each for each in generated if not each.truth and len(each.look_alikes) == 1]
    first = random.choice(found).look_alikes[0]
    second = random.choice([each for each in found if each.look_alikes[0] != first]).look_alikes[0]
    idioms = [each for each in found if each.look_alikes[0] in (first, second)]
    true = [each for each in generated if each.truth]
    drawn = [*random.choices(idioms, k=FALSE_OF_PROJECT), *random.sample(true, 2 * FALSE_OF_PROJECT)]
    return [each._replace(name=f"{number} {each.name}") for number, each in enumerate(drawn)]


def corpus_patterns() -> list[Pattern]:
    """What is found in the corpus: by the rules with full evidence and on SQL, by Sentry's rule on bare spans."""
    examples = [each for name in ("applications", "scenarios") for each in read_examples(CORPUS / f"{name}.csv")]
    asked = (("full", "rules"), ("sql", "rules"), ("spans", "sentry"))
    return [
        pattern._replace(name=f"{level} {pattern.name}")
        for level, detector in asked
        for pattern in _found((each for each in examples if each.level == level), detector)
    ]


def _found(examples: Iterable[Example], detector: str) -> Iterator[Pattern]:
    """One for each place; an N+1 if it is one anywhere."""
    places: defaultdict[str, list[Example]] = defaultdict(list)
    for each in examples:
        if each.baselines[detector] >= LOWEST:
            places[f"{each.application} {each.site}"].append(each)
    for name, found in places.items():
        surest = max(found, key=lambda each: each.baselines[detector])
        code = "write-n-plus-one" if surest.features["is_write"] else "n-plus-one"
        true_count = sum(each.label for each in found)
        yield Pattern(
            name,
            evidence_signature(code, surest.level, surest.features),
            surest.baselines[detector] if detector == "rules" else SENTRY_PRECISION,
            bool(true_count),
            len(found) - true_count,
            true_count,
            tuple(sorted(_LOOK_ALIKES.intersection(surest.unit.split("+")))),
        )
