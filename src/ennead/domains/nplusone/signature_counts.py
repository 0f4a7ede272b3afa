"""Verdicts by kind of evidence: all that one project may tell another of its findings.

A signature is made of the domain's own words (:mod:`~ennead.domains.nplusone.evidence_signature`): no table, model,
route or file is in it, and what is not made of these words is refused. Imported counts are priors: they move what is
said of other findings as verdicts of one day would, and never show or hide a finding of the project by themselves.

The form of one count: ``{"signature": "n-plus-one/lookup/key+lazy?+supplied?", "useful": 3, "noise": 1,
"confidence": 78}``.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from statistics import fmean
from typing import TYPE_CHECKING, Any, NamedTuple

from ennead.domains.nplusone.adaptive_threshold import JudgedPattern
from ennead.domains.nplusone.domain import DOMAIN
from ennead.domains.nplusone.evidence_signature import WORDS
from ennead.kernel.errors import EnneadError
from ennead.learners.model_form import FormError, a_list, a_mapping, a_text, a_whole_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

SIGNATURES = "signatures.json"
"""The file of what was imported, beside the project's own models."""
MOST = 1_000
"""Signatures that are read; there are not that many."""
_MOST_VERDICTS = 1_000_000
_MOST_PRIORS = 50
"""Of one signature: more would say no more."""
_LONG_AGO = date(2000, 1, 1)
"""One day for all that was imported: what a day may say is bounded."""


class SignatureCount(NamedTuple):
    """The judged patterns of one signature."""

    signature: str
    useful: int
    noise: int
    confidence: int
    """0-100, what was said of them on average before they were judged."""

    def to_json(self) -> dict[str, Any]:
        """The form described above."""
        return self._asdict()


def is_signature(text: str) -> bool:
    """Whether a text is made of the domain's words alone.

    Examples
    --------
    >>> is_signature("n-plus-one/relation/key+lazy"), is_signature("n-plus-one/relation/customers")
    (True, False)
    """
    code, _, rest = text.partition("/")
    kind, slash, words = rest.partition("/")
    return bool(slash) and kind in DOMAIN.codes.get(code, ()) and (not words or set(words.split("+")) <= WORDS)


def count_signatures(judged: Iterable[JudgedPattern]) -> tuple[SignatureCount, ...]:
    """The judged patterns by signature; those whose signature has other words are left out."""
    members: defaultdict[str, list[JudgedPattern]] = defaultdict(list)
    for each in judged:
        if is_signature(each.signature):
            members[each.signature].append(each)
    return tuple(_count(signature, members[signature]) for signature in sorted(members))


def _count(signature: str, members: list[JudgedPattern]) -> SignatureCount:
    useful = sum(each.share >= 0.5 for each in members)  # noqa: PLR2004 -- as many votes for it as against it
    return SignatureCount(signature, useful, len(members) - useful, round(fmean(each.confidence for each in members)))


def read_counts(data: object) -> tuple[SignatureCount, ...]:
    """Read and check a list of counts.

    Raises
    ------
    FormError
        It is something else, has other words, or is out of range.
    """
    counts = tuple(map(_read, a_list(data, "signatures", MOST)))
    if len({each.signature for each in counts}) < len(counts):
        message = "each signature stands once"
        raise FormError(message)
    return counts


def read_signatures(folder: Path) -> tuple[SignatureCount, ...]:
    """What was imported into the folder of a project's models; nothing without a file.

    Raises
    ------
    EnneadError
        The file is broken.
    """
    file = folder / SIGNATURES
    if not file.is_file():
        return ()
    try:
        return read_counts(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError) as error:
        message = f"cannot read {file}: {error}"
        raise EnneadError(message) from error


def _read(data: object) -> SignatureCount:
    entry = a_mapping(data, "a signature's counts")
    signature = a_text(entry.get("signature"), "signature")
    if not is_signature(signature):
        message = f"there is no such kind of evidence: {signature!r:.60}"
        raise FormError(message)
    useful, noise, confidence = (a_whole_number(entry.get(name), name) for name in ("useful", "noise", "confidence"))
    if not (0 <= useful <= _MOST_VERDICTS and 0 <= noise <= _MOST_VERDICTS and 0 <= confidence <= 100):  # noqa: PLR2004
        message = f"the counts of {signature} are out of range"
        raise FormError(message)
    return SignatureCount(signature, useful, noise, confidence)


def priors(counts: Iterable[SignatureCount]) -> Iterator[JudgedPattern]:
    """Imported counts as judged patterns that no finding has."""
    for count in counts:
        total = count.useful + count.noise
        kept = min(total, _MOST_PRIORS)
        useful = round(kept * count.useful / total) if total else 0
        for number in range(kept):
            yield JudgedPattern(
                pattern=f"imported {count.signature} {number}",
                signature=count.signature,
                confidence=float(count.confidence),
                votes=(number < useful,),
                day=_LONG_AGO,
            )
