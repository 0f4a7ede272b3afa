from __future__ import annotations

import libcst as cst
import pytest

from ennead.fixes.syntax.bindings import argument_for, bindings_of, free_name, returned_by
from tests.fixes.syntax.files import node_of, parsed

CODE = """
limit = 3


def page(rows, size=1):
    kept = [row for row in rows]
    kept = sorted(kept)
    for key, row in kept:
        print(row, size, limit, unknown)
    with open(rows) as file:
        return file
    return [part for part in kept if part]
"""


@pytest.mark.parametrize(
    ("written", "name", "expected"),
    [
        ("print(row, size, limit, unknown)", "row", [("item", "kept", False)]),
        ("print(row, size, limit, unknown)", "size", [("parameter", "1", True)]),
        ("print(row, size, limit, unknown)", "limit", [("value", "3", True)]),
        ("print(row, size, limit, unknown)", "unknown", []),
        (
            "print(row, size, limit, unknown)",
            "kept",
            [("value", "sorted(kept)", True), ("value", "[row for row in rows]", True)],
        ),
    ],
)
def test_the_nearest_binding_comes_first(written: str, name: str, expected: list[tuple[str, str, bool]]) -> None:
    source = parsed(CODE)

    found = bindings_of(source, name, node_of(source, written))

    told = [(item.kind, source.text_of(item.value) if item.value else "", item.whole) for item in found]
    assert told == expected


def test_a_comprehension_binds_for_itself() -> None:
    source = parsed(CODE)
    condition = [node for node in source.walk(cst.Name) if node.value == "part"][-1]

    (found,) = bindings_of(source, "part", condition)

    assert found.kind == "item"
    assert found.value is not None
    assert source.text_of(found.value) == "kept"


@pytest.mark.parametrize(
    ("call", "name", "bound", "expected"),
    [
        ("f(1, 2)", "b", False, "2"),
        ("f(1, b=3)", "b", False, "3"),
        ("o.f(1)", "b", True, "1"),
        ("f(1)", "b", False, None),
        ("f(*rows)", "a", False, None),
    ],
)
def test_what_a_call_gives_to_a_parameter(call: str, name: str, *, bound: bool, expected: str | None) -> None:
    source = parsed(f"def f(a, b=0):\n    return b\n\n\n{call}\n")
    function = next(source.walk(cst.FunctionDef))
    given = argument_for([*source.walk(cst.Call)][-1], function, name, bound=bound)

    assert (source.text_of(given) if given is not None else None) == expected
    assert [source.text_of(node) for node in returned_by(source, function)] == ["b"]


def test_a_free_name_is_one_that_the_file_does_not_use() -> None:
    source = parsed("rows = rows_2 = 1\n")

    assert free_name(source, "rows") == "rows_3"
    assert free_name(source, "other") == "other"
