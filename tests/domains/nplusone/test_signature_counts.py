from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.domains.nplusone.adaptive_threshold import JudgedPattern, Posteriors
from ennead.domains.nplusone.domain import DOMAIN
from ennead.domains.nplusone.evidence_signature import WORDS, evidence_signature
from ennead.domains.nplusone.features import GROUP_FEATURES
from ennead.domains.nplusone.signature_counts import (
    SignatureCount,
    count_signatures,
    is_signature,
    priors,
    read_counts,
    read_signatures,
)
from ennead.kernel.errors import EnneadError
from ennead.learners.model_form import FormError

CODES = sorted((code, kind) for code, kinds in DOMAIN.codes.items() for kind in kinds)
FEATURES = st.dictionaries(st.sampled_from([spec.name for spec in GROUP_FEATURES]), st.floats(0, 5))
LOOKUP = "n-plus-one/lookup/key+lazy?+supplied?"


def judged(signature: str, votes: str, confidence: float = 70.0) -> JudgedPattern:
    """Votes are y and n, the oldest first."""
    return JudgedPattern(
        pattern="p",
        signature=signature,
        confidence=confidence,
        votes=tuple(vote == "y" for vote in votes),
        day=date(2026, 11, 2),
    )


@given(st.sampled_from(CODES), FEATURES)
def test_what_the_domain_makes_is_a_signature(code_and_kind: tuple[str, str], features: dict[str, float]) -> None:
    assert is_signature(evidence_signature(*code_and_kind, features))


@given(st.text(min_size=1).filter(lambda text: text not in WORDS and "+" not in text and "/" not in text))
def test_any_other_word_is_refused(word: str) -> None:
    assert not is_signature(f"n-plus-one/lookup/{word}")
    assert not is_signature(f"n-plus-one/lookup/key+{word}")
    assert not is_signature(f"n-plus-one/{word}/key") or word in dict(CODES).values()
    assert not is_signature(f"{word}/lookup/key")
    assert not is_signature(word)


def test_judged_patterns_are_counted_by_signature() -> None:
    found = count_signatures([
        judged(LOOKUP, "y"), judged(LOOKUP, "nn", confidence=60.0), judged(LOOKUP, "ny"),
        judged("n-plus-one/relation/lazy", "y"), judged("n-plus-one/customers/lazy", "y"),
    ])  # fmt: skip
    assert found == (SignatureCount(LOOKUP, 2, 1, 67), SignatureCount("n-plus-one/relation/lazy", 1, 0, 70))


def test_what_is_written_is_read() -> None:
    counts = count_signatures([judged(LOOKUP, "y"), judged("n-plus-one/relation/", "n")])
    assert read_counts(json.loads(json.dumps([each.to_json() for each in counts]))) == counts


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"signature": "n-plus-one/lookup/customers"}, "no such kind of evidence"),
        ({"useful": -1}, "out of range"),
        ({"noise": 10**9}, "out of range"),
        ({"confidence": 101}, "out of range"),
        ({"confidence": 70.5}, "whole number"),
    ],
)
def test_what_is_out_of_range_is_told(changed: dict[str, Any], told: str) -> None:
    entry = {"signature": LOOKUP, "useful": 1, "noise": 1, "confidence": 70}
    with pytest.raises(FormError, match=told):
        read_counts([{**entry, **changed}])
    with pytest.raises(FormError, match="stands once"):
        read_counts([entry, entry])
    with pytest.raises(FormError, match="1001 entries"):
        read_counts([entry] * 1001)


def test_a_broken_file_is_told_and_a_missing_one_is_none(tmp_path: Path) -> None:
    assert read_signatures(tmp_path) == ()
    (tmp_path / "signatures.json").write_text("[{]")
    with pytest.raises(EnneadError, match="cannot read"):
        read_signatures(tmp_path)


def test_imported_noise_lowers_findings_like_it_and_no_others() -> None:
    known = Posteriors.of(
        priors([SignatureCount(LOOKUP, 0, 20, 66), SignatureCount("n-plus-one/relation/", 20, 0, 66)])
    )
    assert known.confidence("unjudged", LOOKUP, 66.0) < 60.0
    assert known.confidence("unjudged", "n-plus-one/relation/", 66.0) > 66.0


def test_a_flood_of_imported_verdicts_says_no_more_than_a_day_of_them() -> None:
    some = Posteriors.of(priors([SignatureCount(LOOKUP, 0, 50, 66)])).confidence("unjudged", LOOKUP, 66.0)
    flood = Posteriors.of(priors([SignatureCount(LOOKUP, 0, 1_000_000, 66)])).confidence("unjudged", LOOKUP, 66.0)
    assert flood == some
    assert list(priors([SignatureCount(LOOKUP, 0, 0, 66)])) == []
