from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.fixes.comparison.texts import compare_texts, looks_like

WORD = st.text(st.sampled_from('abc019.:-<>"=/ \n'), max_size=6)
TEXTS = st.lists(WORD, max_size=8).map(" ".join)


def test_a_token_that_varies_is_masked_and_nothing_else() -> None:
    page = '<form>\n<input name="csrf" value="{}">\n<b>{}</b>'
    originals = [page.format("aK3f", "Ada"), page.format("Zq81", "Ada")]
    seen = compare_texts(originals, page.format("00xY", "Ada"))
    assert (len(seen.masked), seen.difference) == (1, None)
    assert seen.masked[0].startswith("line 2, word ")
    assert compare_texts(originals, page.format("00xY", "Bob")).difference is not None


@pytest.mark.parametrize("patched", ["took 12 ms", "took 3 ms", "took 1.25 ms"])
def test_a_number_may_be_another_number(patched: str) -> None:
    assert compare_texts(["took 12 ms", "took 15 ms"], patched).difference is None


@pytest.mark.parametrize("patched", ["took no ms", "took 12 s", "took ms", "took 12 ms or more", "took  12 ms"])
def test_a_number_may_not_be_anything_else(patched: str) -> None:
    assert compare_texts(["took 12 ms", "took 15 ms"], patched).difference is not None


def test_texts_with_other_numbers_of_words_are_unstable() -> None:
    assert compare_texts(["a b", "a b c"], "a b").unstable
    assert not compare_texts(["a b", "a c"], "a b").unstable
    assert compare_texts(["0<0<0", "0  0<0"], "0<0<0").unstable


@given(TEXTS, TEXTS)
def test_where_the_originals_agree_every_difference_shows(original: str, patched: str) -> None:
    seen = compare_texts([original, original], patched)
    assert seen.masked == ()
    assert (seen.difference is None) == (original == patched)


@given(TEXTS, TEXTS)
def test_an_original_agrees_with_the_originals(first: str, second: str) -> None:
    seen = compare_texts([first, second], second)
    assert seen.unstable or seen.difference is None


@given(st.lists(WORD, min_size=1, max_size=8), st.data())
def test_a_mask_hides_no_word_in_which_the_originals_agree(words: list[str], data: st.DataObject) -> None:
    """Two originals differ in some words; the patched text differs in one more: that is never hidden."""
    fixed = [f"w{number}" for number in range(len(words))]
    varying = data.draw(st.sets(st.integers(0, len(words) - 1), max_size=len(words) - 1))
    first = [f"{number}00" if number in varying else word for number, word in enumerate(fixed)]
    second = [f"{number}11" if number in varying else word for number, word in enumerate(fixed)]
    broken = data.draw(st.sampled_from([number for number in range(len(words)) if number not in varying]))
    patched = [f"{number}22" if number in varying else word for number, word in enumerate(fixed)]
    assert compare_texts([" ".join(first), " ".join(second)], " ".join(patched)).difference is None
    patched[broken] = data.draw(WORD.filter(lambda word: word != fixed[broken]))
    assert compare_texts([" ".join(first), " ".join(second)], " ".join(patched)).difference is not None


@given(TEXTS, TEXTS, TEXTS)
def test_words_that_all_originals_share_are_in_the_patched_text(first: str, second: str, patched: str) -> None:
    seen = compare_texts([first, second], patched)
    if seen.unstable or seen.difference is not None:
        return
    pieces = [re.findall(r"[\w.:+-]+|\s+|.", text, re.DOTALL) for text in (first, second, patched)]
    for left, right, new in zip(*pieces, strict=True):
        assert new == left or left != right


def test_a_generated_word_keeps_its_length_where_it_has_one() -> None:
    assert looks_like("0f0f", ["ab12", "cd34"])
    assert not looks_like("0f0f0", ["ab12", "cd34"])
    assert not looks_like("", ["ab", "abc"])
    assert looks_like("", ["", "abc"])
