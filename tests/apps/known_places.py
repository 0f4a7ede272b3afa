"""Reads an application's known_n_plus_ones.toml: which queries are N+1s, which only look like it, and where."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, nodes

SECTIONS = ("n_plus_one", "write_n_plus_one", "repeated_query", "fine")
Line = tuple[str, int]

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True)
class Known:
    """One entry: what it is, in which step, and the lines of its places."""

    name: str
    section: str
    step: str
    kind: str
    why: str
    tables: tuple[str, ...]
    declared: bool
    access: tuple[Line, ...]
    loop: tuple[Line, ...]
    origin: tuple[Line, ...]


def read(app: Path) -> list[Known]:
    """All entries of the file in the application's folder.

    Raises
    ------
    ValueError
        A place's text does not stand exactly once in its file.
    """
    document = tomllib.loads((app / "known_n_plus_ones.toml").read_text())
    return [_known(app, section, entry) for section in SECTIONS for entry in document[section]]


def _known(app: Path, section: str, entry: Mapping[str, Any]) -> Known:
    table = entry.get("table", [])
    return Known(
        name=entry["name"],
        section=section,
        step=entry.get("route") or entry["command"],
        kind=entry["shape"] if section == "fine" else entry["kind"],
        why=entry["why"],
        tables=(table,) if isinstance(table, str) else tuple(table),
        declared=entry.get("declared", False),
        access=_lines(app, entry.get("place" if section == "fine" else "access")),
        loop=_lines(app, entry.get("loop")),
        origin=_lines(app, entry.get("origin")),
    )


def _lines(app: Path, places: Mapping[str, str] | Sequence[Mapping[str, str]] | None) -> tuple[Line, ...]:
    listed = [places] if isinstance(places, Mapping) else places or []
    return tuple(_line(app, place["file"], place["text"]) for place in listed)


def _line(app: Path, file: str, text: str) -> Line:
    before, *after = (app / file).read_text().split(text)
    if len(after) != 1:
        raise ValueError(f"{file} must hold {text!r} exactly once, it does {len(after)} times")
    return file, before.count("\n") + 1


def is_running(app: Path, loop: Line, stack: Sequence[Line]) -> bool:
    """Whether one of the lines of a stack is inside the loop: in its body, or the very call that iterates."""
    file, header = loop
    inside = {line for name, line in stack if name == file}
    return header in inside or any(first <= line <= last for first, last in _bodies(app / file, header) for line in inside)


def _bodies(file: Path, header: int) -> Iterator[tuple[int, int]]:
    """First and last line of each loop whose header is at the line."""
    if file.suffix == ".py":
        yield from _python_bodies(ast.parse(file.read_text()), header)
    elif file.suffix == ".jinja":
        template = Environment(autoescape=True).parse(file.read_text())
        yield from _jinja_bodies(template, header)


def _python_bodies(tree: ast.AST, header: int) -> Iterator[tuple[int, int]]:
    for node in ast.walk(tree):
        if isinstance(node, _LOOPS) and node.lineno == header:
            yield header, node.end_lineno or header
        elif isinstance(node, _COMPREHENSIONS):
            clauses = {clause.target.lineno for clause in node.generators}
            if header == node.lineno or header in clauses:
                yield node.lineno, node.end_lineno or header


def _jinja_bodies(template: nodes.Template, header: int) -> Iterator[tuple[int, int]]:
    for loop in template.find_all(nodes.For):
        if loop.lineno == header:
            yield header, max((each.lineno for each in loop.find_all(nodes.Node)), default=header)
