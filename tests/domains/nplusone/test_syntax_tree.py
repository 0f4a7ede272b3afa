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
@pytest.mark.parametrize("padding", ["", "\n" * 500], ids=["line", "file"])
def test_what_is_no_python_raises_each_time(text: str, padding: str) -> None:
    for _ in range(2):
        with pytest.raises((SyntaxError, ValueError)):
            parse_quietly(text + padding)


def test_lines_are_remembered_and_files_are_not() -> None:
    assert parse_quietly("x = 1") is parse_quietly("x = 1")
    long = "x = 1\n" * 200
    assert parse_quietly(long) is not parse_quietly(long)
