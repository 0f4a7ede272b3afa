"""How much each example counts: no call site, no big application and no generator may dominate."""

from __future__ import annotations

from collections import Counter
from math import sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.training.examples import Example

GENERATED_SHARE = 0.25
"""All generated examples together, by all others together."""


def weigh(examples: Sequence[Example]) -> list[float]:
    """One weight for each example, 1 on average.

    All examples of a call site count together as one. An application counts with the root of its sites, so that a big
    one counts more than a small one, but not as many times more as it is bigger. Generated examples together count at
    most :data:`GENERATED_SHARE` of the others.
    """
    sites = Counter(map(_site, examples))
    site_counts = Counter(application for application, *_ in sites)
    raw = [1.0 / (sites[_site(example)] * sqrt(site_counts[example.application])) for example in examples]
    raw = _with_less_generated(examples, raw)
    mean = sum(raw) / len(raw) if raw else 1.0
    return [weight / mean for weight in raw]


def _site(example: Example) -> tuple[str, str, bool]:
    return example.application, example.site, example.label


def _with_less_generated(examples: Sequence[Example], weights: Sequence[float]) -> list[float]:
    made = sum(weight for example, weight in zip(examples, weights, strict=True) if example.source == "generated")
    real = sum(weights) - made
    factor = min(GENERATED_SHARE * real / made, 1.0) if made and real else 1.0
    return [
        weight * factor if example.source == "generated" else weight
        for example, weight in zip(examples, weights, strict=True)
    ]
