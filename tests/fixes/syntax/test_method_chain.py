from __future__ import annotations

import libcst as cst
import pytest

from ennead.fixes.syntax.edits import Edits
from ennead.fixes.syntax.method_chain import append_call, call_arguments, chain_of, chains_in, extend_call, whole_chain
from tests.fixes.syntax.files import node_of, parsed


def test_a_chain_goes_on_as_far_as_it_is_written() -> None:
    source = parsed("rows = list(Order.objects.filter(a=1)[:5])\n")

    chain = whole_chain(source, node_of(source, "Order.objects"))

    assert chain.names() == ("objects", "filter", "")
    assert source.text_of(chain.until({"filter"})) == "Order.objects"
    assert source.text_of(chain.until(set())) == "Order.objects.filter(a=1)"


def test_the_longest_chains_of_a_statement() -> None:
    source = parsed("show(Order.objects.all(), row.name)\n")

    written = [source.text_of(chain.node) for chain in chains_in(source, source.module.body[0])]

    assert written == ["show(Order.objects.all(), row.name)", "Order.objects.all()", "row.name"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x = f(a)\n", "x = f(a).g()\n"),
        ("x = (\n    a.b()\n    .c()\n)\n", "x = (\n    a.b()\n    .c()\n    .g()\n)\n"),
    ],
)
def test_a_call_is_appended_in_the_style_of_its_chain(code: str, expected: str) -> None:
    source = parsed(code)
    edits = Edits(source)
    assigned = next(source.walk(cst.Assign)).value

    append_call(edits, assigned, ".g()")

    assert edits.text() == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("f()\n", "f(b)\n"),
        ("f(a)\n", "f(a, b)\n"),
        ("f(\n    a,\n)\n", "f(\n    a, b,\n)\n"),
        ("f((a))\n", "f((a), b)\n"),
    ],
)
def test_arguments_are_put_behind_those_that_are_there(code: str, expected: str) -> None:
    source = parsed(code)
    edits = Edits(source)

    extend_call(edits, next(source.walk(cst.Call)), ["b"])

    assert edits.text() == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [("f('a', \"b\")", ["a", "b"]), ("f(a)", None), ("f(x='a')", None), ("f(*'a')", None), ("f()", [])],
)
def test_arguments_that_are_all_texts(code: str, expected: list[str] | None) -> None:
    call = cst.parse_expression(code)

    assert isinstance(call, cst.Call)
    assert call_arguments(call) == expected


def test_what_is_called_first_is_the_root() -> None:
    chain = chain_of(cst.parse_expression("super().get_queryset(request).all()"))

    assert chain.names() == ("get_queryset", "all")
    assert isinstance(chain.root, cst.Call)
