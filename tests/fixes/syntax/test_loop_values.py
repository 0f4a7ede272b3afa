from __future__ import annotations

import libcst as cst
import pytest

from ennead.fixes.syntax.hoisting import Hoisting
from ennead.fixes.syntax.loop_values import loop_values, substituted
from ennead.fixes.syntax.loops import is_reiterable
from ennead.fixes.syntax.project_edits import ProjectEdits
from ennead.fixes.syntax.source_file import SourceFile
from ennead.kernel.call_site import CallSite
from tests.fixes.syntax.files import node_of, parsed, project


def _hoisted(code: str, *lines: int) -> str | None:
    """The values of ``KEY(...)``'s argument, told in front of the loop; the call path goes over some lines."""
    sources = project(app=code)
    source = SourceFile.of(sources, "app.py")
    assert source is not None
    call = next(node for node in source.walk(cst.Call) if source.text_of(node.func) == "KEY")
    path = [CallSite("app.py", line, "") for line in lines]
    values = loop_values(sources, source, call, [call.args[0].value], path)
    return None if values is None else Hoisting(ProjectEdits(sources), values).all_of(values.texts[0])


VALUES: dict[str, tuple[str, tuple[int, ...], str | None]] = {
    "the item": ("rows = [1]\nfor row in rows:\n    KEY(row)\n", (), "list(rows)"),
    "a part of it": ("rows = [1]\nfor row in rows:\n    KEY(row.pk)\n", (), "[row.pk for row in rows]"),
    "of a tuple": ("rows = [1]\nfor a, b in rows:\n    KEY(b)\n", (), "[b for a, b in rows]"),
    "assigned in the loop": (
        "rows = [1]\nfor row in rows:\n    key = row['pk']\n    KEY(key)\n",
        (),
        "[row['pk'] for row in rows]",
    ),
    "in a comprehension": ("rows = [1]\nx = {KEY(row) for row in rows}\n", (), "list(rows)"),
    "two loops": (
        "rows = [1]\nfor row in rows:\n    for part in row.parts:\n        KEY(part)\n",
        (),
        "[part for row in rows for part in row.parts]",
    ),
    "kept in a list": ("for row in load():\n    KEY(row)\n", (), "items"),
    "through a function": (
        "def f(a):\n    KEY(a.pk)\n\n\nrows = [1]\nfor row in rows:\n    f(row.order)\n",
        (7,),
        "[row.order.pk for row in rows]",
    ),
    "through map": ("def f(a):\n    KEY(a)\n\n\nrows = [1]\nx = map(f, rows)\n", (6,), "list(rows)"),
    "through a sort key": ("rows = [1]\nx = sorted(rows, key=lambda r: KEY(r.pk))\n", (2,), "[r.pk for r in rows]"),
    "no loop": ("KEY(row)\n", (), None),
    "of a loop that waits": ("row = 1\nwhile row:\n    row = KEY(row)\n", (), None),
    "through a function that nobody is seen to call": ("def f(a):\n    KEY(a)\n", (), None),
    "of another clock each time": ("for row in [1]:\n    now = clock()\n    KEY((row, now))\n", (), None),
}


@pytest.mark.parametrize(("code", "lines", "expected"), VALUES.values(), ids=VALUES)
def test_values_in_front_of_the_loop(code: str, lines: tuple[int, ...], expected: str | None) -> None:
    found = _hoisted(code, *lines)

    assert (found if found is None else found.replace("items_2", "items")) == expected


@pytest.mark.parametrize(
    ("assigned", "expected"),
    [("[1]", True), ("list(x)", True), ("Order.objects.all()", True), ("iter(x)", False), ("(a for a in x)", False)],
)
def test_what_can_be_gone_over_twice(assigned: str, *, expected: bool) -> None:
    source = parsed(f"rows = {assigned}\nprint(rows)\n")
    name = node_of(source, "print(rows)")
    assert isinstance(name, cst.Call)

    assert is_reiterable(source, name.args[0].value) is expected


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("row.row", {"row": "x"}, "x.row"),
        ("f(row=row)", {"row": "x"}, "f(row=x)"),
        ("row + 1", {"row": "a or b"}, "(a or b) + 1"),
        ("row", {"row": "a or b"}, "a or b"),
        ("arrow", {"row": "x"}, "arrow"),
    ],
)
def test_names_are_replaced_and_nothing_else(text: str, values: dict[str, str], expected: str) -> None:
    assert substituted(text, values) == expected
