"""Runs a trial as it is written and as its candidates have it, on real rows."""

from __future__ import annotations

import ast
import importlib.util
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import event, inspect

import ennead
from ennead.fixes.candidate import Candidate
from ennead.fixes.project_sources import ProjectSources
from ennead.fixes.sqlalchemy.proposals import propose
from ennead.kernel.finding import Finding
from tests.advice import shop_sqlalchemy

HERE = Path(__file__).parent
FILE = "trials.py"
SHOP = "tests/advice/shop_sqlalchemy.py"


@dataclass
class Tried:
    """What came of one candidate."""

    candidate: Candidate
    queries: int
    is_same: bool


def expectations(file: str = FILE) -> list[tuple[str, int, str]]:
    """Name, queries and the rest of the comment of each trial."""
    text = (HERE / file).read_text("utf-8")
    lines = text.splitlines()
    found = []
    for node in ast.parse(text).body:
        comment = lines[node.lineno - 1].partition("  # ")[2] if isinstance(node, ast.FunctionDef) else ""
        if isinstance(node, ast.FunctionDef) and comment:
            before, _, after = comment.partition(" -> ")
            found.append((node.name, int(before), after))
    return found


@cache
def sources(file: str = FILE) -> ProjectSources:
    """The trials and the shop as a project of their own."""
    shop = Path(shop_sqlalchemy.__file__).read_text("utf-8")
    return ProjectSources(Path("/nowhere"), {file: (HERE / file).read_text("utf-8"), SHOP: shop})


def findings_of(name: str, folder: Path, file: str = FILE) -> tuple[object, int, list[Finding]]:
    """What a trial returns, with how many queries, and what Ennead says of it."""
    _fill()
    function = _load(folder / file, str(sources(file).text(file)), name)
    with counted() as statements:
        result = function()
    with ennead.profile(name) as session:
        function()
    findings = []
    for finding in session.findings:
        text = json.dumps(finding.to_dict())
        for path in (f"{folder.as_posix()}/", folder.relative_to("/").as_posix() + "/"):
            text = text.replace(path, "")
        findings.append(Finding.from_dict(json.loads(text)))
    return result, len(statements), findings


def try_candidates(name: str, folder: Path, file: str = FILE) -> tuple[int, list[Tried]]:
    """The queries of a trial, and what each candidate for any of its findings makes of them."""
    result, before, findings = findings_of(name, folder, file)
    tried: list[Tried] = []
    for finding in findings:
        for candidate in propose(finding, sources(file)):
            if file in candidate.files:
                function = _load(folder / str(len(tried)) / file, candidate.files[file], name)
                with counted() as statements:
                    again = function()
                tried.append(Tried(candidate, len(statements), again == result))
    return before, tried


@contextmanager
def counted() -> Iterator[list[Any]]:
    """The statements that run inside."""
    statements: list[Any] = []

    def note(*arguments: object) -> None:
        statements.append(arguments[2])

    event.listen(shop_sqlalchemy.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(shop_sqlalchemy.engine, "before_cursor_execute", note)


def _fill() -> None:
    if not inspect(shop_sqlalchemy.engine).has_table("orders"):
        shop_sqlalchemy.fill()


def _load(path: Path, text: str, name: str) -> Callable[[], object]:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    spec = importlib.util.spec_from_file_location(f"trial_{path.parent.name}_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Callable[[], object] = getattr(module, name)
    return function
