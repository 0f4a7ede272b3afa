"""Variants of one case by turns, in one process, over many short rounds."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bench.overhead.case import BARE, EMPTY_HOOK, Case, Variant
from bench.overhead.spread import Spread, differences, ratios
from bench.overhead.stopwatch import Sample, sample


class Comparison(NamedTuple):
    """What one variant costs."""

    case: str
    variant: str
    cpu: Spread
    """CPU time as a ratio to bare."""
    wall: Spread
    above_hook: Spread | None
    """Microseconds of CPU time a query above the empty hook."""
    bare: Spread
    """Microseconds of CPU time a query, bare."""


def rounds(case: Case, variants: Sequence[Variant], count: int, *, collecting: bool = False) -> dict[str, list[Sample]]:
    """Samples by variant. Each round runs all variants, and each begins with another one."""
    samples: dict[str, list[Sample]] = {variant.name: [] for variant in variants}
    for number in range(count):
        first = number % len(variants)
        for variant in (*variants[first:], *variants[:first]):
            samples[variant.name].append(_one(case, variant, collecting=collecting))
    return samples


def compare(case: Case, samples: Mapping[str, Sequence[Sample]]) -> list[Comparison]:
    """Every variant but the bare one."""
    return [_comparison(case, name, samples) for name in samples if name != BARE]


def _one(case: Case, variant: Variant, *, collecting: bool) -> Sample:
    with variant.active():
        case.run(case.prepare())  # the interpreter specialises itself, the places become known
        prepared = case.prepare()
        return sample(lambda: case.run(prepared), collecting=collecting)


def _comparison(case: Case, name: str, samples: Mapping[str, Sequence[Sample]]) -> Comparison:
    own, bare, hook = samples[name], samples[BARE], samples.get(EMPTY_HOOK)
    in_microseconds = case.query_count * 1_000.0
    return Comparison(
        case.name,
        name,
        ratios(cpu(own), cpu(bare)),
        ratios([each.wall_ns for each in own], [each.wall_ns for each in bare]),
        differences(cpu(own), cpu(hook), in_microseconds) if hook is not None else None,
        differences(cpu(bare), [0] * len(bare), in_microseconds),
    )


def cpu(samples: Sequence[Sample]) -> list[int]:
    return [each.cpu_ns for each in samples]
