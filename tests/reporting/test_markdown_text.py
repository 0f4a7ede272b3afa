import pytest

from ennead.reporting.markdown_text import code_span, fenced, html_text, prose


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Load customer eagerly", "Load customer eagerly"),
        ("*a* _b_ [c](d)", "&#42;a&#42; &#95;b&#95; &#91;c&#93;(d)"),
        ("two\n\nlines", "two lines"),
        ("for @somebody", "for &#64;&#8203;somebody"),
        ("see #12", "see &#35;&#8203;12"),
        ("", ""),
    ],
)
def test_prose(text: str, written: str) -> None:
    assert prose(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a*b", "`a*b`"),
        ("a|b", "<code>a&#124;b</code>"),
        ("a`b", "<code>a&#96;b</code>"),
        ("a\\b", "<code>a&#92;b</code>"),
        ("  ", ""),
    ],
)
def test_code(text: str, written: str) -> None:
    assert code_span(text) == written


def test_a_fence_is_longer_than_any_in_the_text() -> None:
    assert fenced("a", "text") == "```text\na\n```"
    assert fenced("a\n````\nb", "text") == "`````text\na\n````\nb\n`````"


def test_html() -> None:
    assert html_text("<b>\n@me") == "&lt;b&gt; @&#8203;me"
