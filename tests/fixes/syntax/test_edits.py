from __future__ import annotations

import libcst as cst
import pytest

from ennead.fixes.syntax.added_imports import with_imports
from ennead.fixes.syntax.edits import Edits
from tests.fixes.syntax.files import node_of, parsed

LOOP = "def page():\n    # all of them\n    for row in rows:  # each\n        if row: print(row.name)\n    return 1\n"


def test_lines_in_front_of_a_loop_and_behind_it_take_its_indent() -> None:
    source = parsed(LOOP)
    edits, loop = Edits(source), next(source.walk(cst.For))

    edits.insert_before(loop, "first = 1\nsecond = 2")
    edits.insert_after(loop, "third = 3")

    assert edits.text() == (
        "def page():\n    # all of them\n    first = 1\n    second = 2\n    for row in rows:  # each\n"
        "        if row: print(row.name)\n    third = 3\n    return 1\n"
    )


def test_lines_in_front_of_a_part_of_a_statement_stand_in_front_of_the_whole() -> None:
    source = parsed("def page():\n    if x:\n        pass\n    elif load():\n        pass\n")
    edits = Edits(source)

    edits.insert_before(node_of(source, "load()"), "y = 1")

    assert edits.text() == "def page():\n    y = 1\n    if x:\n        pass\n    elif load():\n        pass\n"


def test_several_pieces_at_one_place_keep_their_order() -> None:
    source = parsed("a = 1\n")
    edits = Edits(source)

    edits.insert(5, " + 2")
    edits.insert(5, " + 3")

    assert edits.text() == "a = 1 + 2 + 3\n"


@pytest.mark.parametrize(("first", "second"), [((0, 5), (3, 4)), ((0, 3), (2, 5))])
def test_edits_that_overlap_are_none(first: tuple[int, int], second: tuple[int, int]) -> None:
    edits = Edits(parsed("a = 12345\n"))

    edits.replace_span(first, "b")
    edits.replace_span(second, "c")

    assert edits.text() is None


def test_what_is_no_python_any_more_is_none() -> None:
    source = parsed("a = 1\n")
    edits = Edits(source)

    edits.replace(node_of(source, "1"), "(")

    assert edits.text() is None


IMPORTS = {
    "into a sorted line": ("from shop import Order, find\n", ("shop", "Line"), "from shop import Line, Order, find\n"),
    "behind all names": ("from shop import Line\n", ("shop", "Order"), "from shop import Line, Order\n"),
    "known": ("from shop import Line\n", ("shop", "Line"), "from shop import Line\n"),
    "in brackets": (
        "from shop import (\n    Line,\n    Shop,\n)\n",
        ("shop", "Order"),
        "from shop import (\n    Line,\n    Order,\n    Shop,\n)\n",
    ),
    "last in brackets": (
        "from shop import (\n    Line,\n    Order,\n)\n",
        ("shop", "Shop"),
        "from shop import (\n    Line,\n    Order,\n    Shop,\n)\n",
    ),
    "a line of its own": (
        "import os\n\nfrom django.a import x\nfrom django.z import y\n",
        ("django.db", "models"),
        "import os\n\nfrom django.a import x\nfrom django.db import models\nfrom django.z import y\n",
    ),
    "the standard library first": (
        '"""Doc."""\n\nfrom django.a import x\n',
        ("collections", "defaultdict"),
        '"""Doc."""\n\nfrom collections import defaultdict\n\nfrom django.a import x\n',
    ),
    "behind the future": (
        "from __future__ import annotations\n\nimport os\n",
        ("collections", "defaultdict"),
        "from __future__ import annotations\n\nimport os\nfrom collections import defaultdict\n",
    ),
    "nothing there": ("x = 1\n", ("shop", "Line"), "from shop import Line\n\nx = 1\n"),
}


@pytest.mark.parametrize(("text", "wanted", "expected"), IMPORTS.values(), ids=IMPORTS)
def test_imports_are_put_where_they_belong(text: str, wanted: tuple[str, str], expected: str) -> None:
    once = with_imports(text, [wanted])

    assert once == expected
    assert with_imports(once, [wanted]) == expected
