"""The user's code is parsed without a word."""

import ast
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest

from ennead.domains.nplusone.syntax_tree import parse_quietly

WARNED_OF = "pattern = '\\d'\nassert (1, 'always true')\nif 1 is 1: pass\n"


def test_says_nothing(recwarn: pytest.WarningsRecorder, capfd: pytest.CaptureFixture[str]) -> None:
    warnings.simplefilter("always")
    assert len(parse_quietly(WARNED_OF).body) == 3
    assert not recwarn.list
    assert capfd.readouterr() == ("", "")


def test_warnings_that_are_errors_do_not_stop_it() -> None:
    warnings.simplefilter("error")
    assert isinstance(parse_quietly(WARNED_OF), ast.Module)


def test_the_filters_are_what_they_were() -> None:
    before = list(warnings.filters)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(parse_quietly, [WARNED_OF * 50] * 40))
    assert warnings.filters == before


@pytest.mark.parametrize("text", ["for for", "x = (", "\x00"])
def test_what_is_no_python_raises(text: str) -> None:
    with pytest.raises((SyntaxError, ValueError)):
        parse_quietly(text)
