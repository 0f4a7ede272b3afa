from hypothesis import given
from hypothesis import strategies as st

from ennead.reporting.json_report import json_report
from ennead.reporting.printable import made_printable, one_line, printable
from tests.reporting.reports import evil_report, report


@given(st.text())
def test_what_is_printed_cannot_steer_a_terminal(text: str) -> None:
    shown = printable(text)
    assert all(character == "\n" or character.isprintable() or character.isspace() for character in _risky(shown))
    shown.encode("utf-8")


def _risky(text: str) -> str:
    """The characters that terminals act upon."""
    return "".join(character for character in text if ord(character) < 0xA0 or 0x2000 < ord(character) < 0x2070)


def test_every_text_of_a_report_is_made_printable() -> None:
    assert "\\u001b" in json_report(evil_report())
    assert "\\u001b" not in json_report(made_printable(evil_report()))


def test_a_harmless_report_stays_as_it_is() -> None:
    assert made_printable(report()) == report()


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    assert "\n" not in one_line(text)
    assert "\r" not in one_line(text)


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


def test_text_that_reads_in_another_order_than_it_runs_is_laid_open() -> None:
    assert printable("if admin:\u202e return\u2066") == "if admin:\\u202e return\\u2066"


def test_escape_sequences_and_broken_file_names_are_laid_open() -> None:
    assert printable("\x1b]0;owned\x07 \udce9") == "\\x1b]0;owned\\x07 \\udce9"
