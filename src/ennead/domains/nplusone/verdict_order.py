"""Which finding to ask a person about next: where a verdict teaches most.

A verdict counts at once for its own finding, so it is worth most where the report is most likely wrong, and where the
finding was seen in many units of work. The order is that of ``doubt * (1 + log(unit count)) / (1 + 0.1 * kin)``: doubt
is 1 less the probability that it is worth it, kin are the findings of the same signature that were judged or come
before it, so that one idiom does not fill the whole list.

Findings that were chosen because they are doubtful are no sample of all findings: the share of useful ones among them
says little of the others.

What is reported has nearly always a probability above one half, so the least certain is the least likely.

Source: uncertainty sampling, Lewis, Gale, *A Sequential Algorithm for Training Text Classifiers* (SIGIR 1994); weighing
it by how much a label speaks for: Settles, Craven, *An Analysis of Active Learning Strategies for Sequence Labeling
Tasks* (EMNLP 2008).
"""

from __future__ import annotations

from collections import defaultdict
from heapq import heapify, heappop, heappush
from math import log
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_KIN_WEIGHT = 0.1


class Unjudged(NamedTuple):
    """A reported finding without a verdict."""

    pattern: str
    signature: str
    probability: float
    """0 to 1, that it is worth reporting: the model's, or where none is asked the rules' confidence."""
    unit_count: int
    """Units of work that had it."""

    @property
    def value(self) -> float:
        """What a verdict on it is worth, 0 and more, before its kin is looked at."""
        return (1.0 - self.probability) * (1.0 + log(max(self.unit_count, 1)))


def in_order(unjudged: Iterable[Unjudged], judged_of_signature: Mapping[str, int]) -> Iterator[Unjudged]:
    """The findings, those first on which a verdict teaches most.

    Parameters
    ----------
    unjudged
        In any order.
    judged_of_signature
        Signature to the number of its patterns that have verdicts.

    Examples
    --------
    >>> found = [Unjudged("sure", "s", 0.99, 40), Unjudged("doubtful", "s", 0.7, 1), Unjudged("often", "s", 0.7, 9)]
    >>> [each.pattern for each in in_order(found, {})]
    ['often', 'doubtful', 'sure']
    """
    of_signature: defaultdict[str, list[Unjudged]] = defaultdict(list)
    for each in sorted(unjudged, key=lambda each: (each.value, each.pattern)):
        of_signature[each.signature].append(each)
    best = [_best(waiting, judged_of_signature.get(signature, 0)) for signature, waiting in of_signature.items()]
    heapify(best)
    while best:
        _, _, signature, kin = heappop(best)
        waiting = of_signature[signature]
        yield waiting.pop()
        if waiting:
            heappush(best, _best(waiting, kin + 1))


def _best(waiting: Sequence[Unjudged], kin: int) -> tuple[float, str, str, int]:
    """The last of a signature, as the heap orders it."""
    last = waiting[-1]
    return -last.value / (1.0 + _KIN_WEIGHT * kin), last.pattern, last.signature, kin
