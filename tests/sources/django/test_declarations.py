"""Finding the line that declares a name of a class."""

from __future__ import annotations

import json.decoder
from pathlib import Path
from typing import Any

import pytest

from ennead.sources.django.declarations import declaration_of


class Base:
    inherited = 1


class Listed(Base):
    own = 1
    own = 2  # noqa: PIE794 -- the last one counts
    annotated: int = 3

    columns = (
        "first",
        "second",
    )

    class Meta:
        fields = [  # noqa: RUF012
            "third",
        ]

    if own:
        conditional = 4

    def method(self) -> None: ...

    def first(self) -> None: ...


def make_local() -> type:
    class Local:
        inside = 1

    return Local


def line(text: str) -> int:
    lines = Path(__file__).read_text().splitlines()
    return next(number for number, source in enumerate(lines, 1) if source.strip().startswith(text))


@pytest.mark.parametrize(
    ("owner", "name", "text"),
    [
        (Listed, "own", "own = 2"),
        (Listed, "annotated", "annotated:"),
        (Listed, "inherited", "inherited ="),
        (Listed, "second", '"second",'),
        (Listed, "third", '"third",'),
        (Listed, "fourth", "fields ="),
        (Listed, "first", '"first",'),
        (Listed, "", "class Listed"),
        (Base, "unknown", "class Base"),
        (make_local(), "inside", "inside ="),
        (Listed.Meta, "fields", "fields ="),
    ],
)
def test_the_line_of_a_declaration(owner: Any, name: str, text: str) -> None:
    listed_in = ("columns",) if name in ("first", "second") else ("Meta.fields", "columns")
    declaration = declaration_of(owner, name, listed_in, "note")
    assert declaration is not None
    site = declaration()
    assert site.line == line(text)
    assert site.note == "note"
    assert site.file.endswith("tests/sources/django/test_declarations.py")


def test_a_method_that_no_list_names() -> None:
    declaration = declaration_of(Listed, "method", (), "note")
    assert declaration is not None
    assert declaration().line == line("def method")


def test_one_object_stands_for_a_declaration() -> None:
    first = declaration_of(Listed, "own", (), "note")
    assert first is declaration_of(Listed, "own", (), "note")
    assert first is not declaration_of(Listed, "own", (), "another note")
    assert first is not None
    assert first() is first()


def test_a_class_of_a_library_has_none() -> None:
    assert declaration_of(json.decoder.JSONDecoder, "decode", (), "note") is None
    assert declaration_of(type("Made", (), {"__module__": "nowhere"}), "decode", (), "note") is None
