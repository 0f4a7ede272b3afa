from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.fixes.syntax.long_chains import with_short_lines

LONG = (
    'Order.objects.exclude(status=Order.Status.CANCELLED).select_related("customer").prefetch_related("lines", "notes")'
)


@pytest.mark.parametrize(
    ("line", "first", "last"),
    [
        (f"    rows = {LONG}[:SHOWN]\n", "    rows = (\n", "    )\n"),
        (f"    return {LONG}\n", "    return (\n", "    )\n"),
        (f"    for row in {LONG}:\n        use(row)\n", "    for row in (\n", "    ):\n        use(row)\n"),
        (f"    rows = {LONG}  # all of them\n", "    rows = (\n", "    )  # all of them\n"),
    ],
    ids=["assignment", "return", "loop", "comment"],
)
def test_a_long_chain_gets_a_call_a_line(line: str, first: str, last: str) -> None:
    text = with_short_lines("def f():\n", f"def f():\n{line}")
    assert text.startswith(f"def f():\n{first}        Order.objects.exclude(status=Order.Status.CANCELLED)\n")
    assert '\n        .select_related("customer")\n        .prefetch_related("lines", "notes")' in text
    assert text.endswith(last)


@pytest.mark.parametrize(
    "text",
    [
        f"rows = {LONG[:60]})\n",
        "rows = build('" + "x" * 120 + "')\n",
        "rows = 'a' + '" + "x" * 120 + "'\n",
        "if x:\n",
    ],
    ids=["short", "no chain", "no call", "no Python"],
)
def test_anything_else_stays(text: str) -> None:
    assert with_short_lines("", text) == text


def test_a_long_line_that_was_there_before_stays() -> None:
    text = f"rows = {LONG}\n"
    assert with_short_lines(text, text + "more = 1\n") == text + "more = 1\n"


def test_line_ends_of_windows_stay() -> None:
    assert "\n" not in with_short_lines("", f"rows = {LONG}\r\n").replace("\r\n", "")


@given(st.lists(st.sampled_from([".a(1)", ".b('é')", "[0]", ".c", ".d(x.e(2))", '.f("\'")']), min_size=1, max_size=30))
def test_the_program_stays_the_same(links: list[str]) -> None:
    text = f"rows = root{''.join(links)}\n"
    assert ast.dump(ast.parse(with_short_lines("", text))) == ast.dump(ast.parse(text))
