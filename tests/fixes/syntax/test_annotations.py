"""Annotations in the words of the file."""

from __future__ import annotations

import libcst as cst
import pytest

from ennead.fixes.syntax.annotations import Annotations, add_parameter
from ennead.fixes.syntax.edits import Edits
from tests.fixes.syntax.files import parsed

HINT = "dict[Any, list[Order]]"


def edits_of(code: str) -> Edits:
    return Edits(parsed(code))


def function_of(edits: Edits) -> cst.FunctionDef:
    return next(node for node in edits.source.walk(cst.FunctionDef) if node.name.value == "price")


def added(code: str, hint: str = HINT) -> str:
    edits = edits_of(code)
    add_parameter(edits, function_of(edits), "known", hint)
    return edits.text() or ""


@pytest.mark.parametrize(
    ("head", "written"),
    [
        ("def price(key: int):", "def price(key: int, known: dict[Any, list[Order]] | None = None):"),
        (
            "def price(key: int = 1) -> int:",
            "def price(key: int = 1, known: dict[Any, list[Order]] | None = None) -> int:",
        ),
        ("def price() -> int:", "def price(known: dict[Any, list[Order]] | None = None) -> int:"),
        ("def price(*, key: int):", "def price(*, key: int, known: dict[Any, list[Order]] | None = None):"),
        (
            "async def price(\n    key: int,\n) -> int:",
            "async def price(\n    key: int, known: dict[Any, list[Order]] | None = None,\n) -> int:",
        ),
        ("def price(key):", "def price(key, known=None):"),
        ("def price(key) -> int:", "def price(key, known=None) -> int:"),
        ("def price():", "def price(known=None):"),
    ],
)
def test_a_parameter_is_annotated_where_the_others_are(head: str, written: str) -> None:
    text = added(f"from shop.models import Order\n\n\n{head}\n    return 1\n")
    assert f"\n{written}\n    return 1\n" in text
    assert ("from typing import Any\n" in text) is ("dict[" in written)


@pytest.mark.parametrize("head", ["def price(self) -> int:", "def price(self, key: int) -> int:"])
def test_what_self_is_needs_no_annotation(head: str) -> None:
    text = added(f"from shop.models import Order\n\n\nclass Shop:\n    {head}\n        return 1\n")
    assert ", known: dict[Any, list[Order]] | None = None) -> int:" in text
    bare = added("class Shop:\n    def price(self):\n        return 1\n")
    assert "def price(self, known=None):" in bare


@pytest.mark.parametrize(
    ("imports", "written"),
    [
        ("from typing import Any, Optional\n\nkey: Optional[int]", "known: Optional[dict[Any, list[Any]]] = None"),
        (
            "import typing\n\nkey: typing.Optional[int]",
            "known: typing.Optional[dict[typing.Any, list[typing.Any]]] = None",
        ),
        ("import typing as t", "known: dict[t.Any, list[t.Any]] | None = None"),
        ("from typing import Any as Anything", "known: dict[Anything, list[Anything]] | None = None"),
        ("from shop import models\nOrder = models.Order", "known: dict[Any, list[Order]] | None = None"),
        ("from shop.models import *", "known: dict[Any, list[Any]] | None = None"),
    ],
)
def test_it_is_written_with_the_names_of_the_file(imports: str, written: str) -> None:
    text = added(f"{imports}\n\n\ndef price(key: int):\n    return 1\n")
    assert f"def price(key: int, {written}):" in text


@pytest.mark.parametrize(
    ("head", "parameters"),
    [
        ("def price(self, key: int, *, day: tuple[int, ...] = (1, 2), **more: str) -> int:", ["self", "key: int", "*"]),
        (
            "async def price(self, a_first_key: int = 1, a_second_key: int = 2,) -> int:",
            ["self", "a_first_key: int = 1"],
        ),
    ],
)
def test_a_signature_that_gets_too_long_has_a_line_for_each_parameter(head: str, parameters: list[str]) -> None:
    text = added(f"from shop.models import Order\n\n\nclass Shop:\n    {head}\n        return 1\n")
    rows = text[text.index("price(") :].splitlines()
    assert [row.strip() for row in rows[1 : 1 + len(parameters)]] == [f"{item}," for item in parameters]
    assert "        known: dict[Any, list[Order]] | None = None," in rows
    assert "    ) -> int:" in rows
    assert max(map(len, rows)) <= 100
    assert text.startswith("from typing import Any\n")


def test_a_class_that_is_not_there_yet_is_named_in_quotes() -> None:
    code = "def price(key: int):\n    return 1\n\n\nclass Order:\n    pass\n"
    assert 'known: "dict[Any, list[Order]] | None" = None' in added(code)
    assert "known: dict[Any, list[Order]] | None = None" in added(f"from __future__ import annotations\n\n\n{code}")
    inside = "class Order:\n    def price(self, key: int):\n        return 1\n"
    assert 'known: "dict[Any, list[Order]] | None" = None' in added(inside)


CHECKED = """\
from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shop.models import Order


def price(key: int) -> int:
    return 1
"""


def test_what_only_a_type_checker_reads_counts_where_annotations_are_not_evaluated() -> None:
    edits = edits_of(CHECKED)
    annotations = Annotations(edits, function_of(edits))
    assert annotations.given("keys", "Collection[Order]") == "keys: Collection[Order]"
    assert annotations.returned("dict[Any, Order]") == " -> dict[Any, Order]"
    text = edits.text() or ""
    assert "    from collections.abc import Collection, Iterator\n" in text
    assert "from typing import TYPE_CHECKING, Any\n" in text
    evaluated = edits_of(CHECKED.replace("from __future__ import annotations\n", ""))
    there = Annotations(evaluated, function_of(evaluated))
    assert there.given("keys", "Collection[Order]") == "keys: Collection[Any]"
    assert "\nfrom collections.abc import Collection\n" in (evaluated.text() or "")


def test_a_parameter_is_taken_over_as_it_is() -> None:
    edits = edits_of("def price(key: int, day: str = 'now', *, full=False, rest):\n    return 1\n")
    function = function_of(edits)
    annotations = Annotations(edits, function)
    own = [*function.params.params, *function.params.kwonly_params]
    assert [annotations.same(item) for item in own] == ["key: int", "day: str = 'now'", "full=False", "rest"]
