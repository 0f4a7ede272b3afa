from __future__ import annotations

import libcst as cst
import pytest

from ennead.fixes.syntax.source_file import SourceFile
from ennead.kernel.call_site import CallSite
from tests.fixes.syntax.files import node_of, parsed, project


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_places_are_offsets_of_the_text_whatever_ends_its_lines(newline: str) -> None:
    source = parsed(newline.join(["def page():", "    name = 'Zoë'; rows = load(1)", ""]))
    call = node_of(source, "load(1)")

    start, end = source.span(call)

    assert source.text[start:end] == "load(1)"
    assert source.lines_of(call) == (2, 2)
    assert source.newline == newline
    assert source.indent_of(call) == "    "


def test_a_column_counts_bytes_as_the_interpreter_does() -> None:
    source = parsed("name = 'Zoë'; rows = load(1)\n")
    column = len("name = 'Zoë'; rows = ".encode())

    found = source.at(CallSite("app.py", 1, "", column=column, end_line=1, end_column=column + 7))

    assert source.text_of(found[0]) == "load(1)"
    assert [source.text_of(node) for node in found] == ["load(1)", "load"]


def test_a_place_without_a_column_names_no_expression() -> None:
    assert parsed("load()\n").at(CallSite("app.py", 1, "")) == []


def test_brackets_around_an_expression_belong_to_its_text() -> None:
    source = parsed("rows = (first or second)\n")
    node = next(source.walk(cst.BooleanOperation))

    assert source.text_of(node) == "(first or second)"
    assert source.text[slice(*source.span(node))] == "first or second"


def test_the_statement_of_a_line_is_the_innermost_one() -> None:
    source = parsed("for row in rows:\n    if row:\n        print(\n            row\n        )\n")

    inner, header = source.statement_at(4), source.statement_at(1)

    assert isinstance(inner, cst.SimpleStatementLine)
    assert isinstance(header, cst.For)
    assert source.statement_at(9) is None


def test_names_are_those_of_the_interpreter() -> None:
    source = parsed("class A:\n    def b(self):\n        def c():\n            pass\n")

    names = [source.qualified_name(function) for function in source.walk(cst.FunctionDef)]

    assert sorted(names) == ["A.b", "A.b.<locals>.c"]
    assert source.class_named("A") is not None
    assert source.class_named("b") is None


def test_what_is_no_python_or_not_there_has_no_tree() -> None:
    sources = project(app="def (:\n")

    assert SourceFile.of(sources, "app.py") is None
    assert SourceFile.of(sources, "other.py") is None
