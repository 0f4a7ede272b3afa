"""Runs each trial as it is written and as the advice says, and prints what came out, one JSON line a trial.

``python -m tests.advice.trial django``: in a process of its own, because Django is set up once for all.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from inspect import iscoroutinefunction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ennead
from ennead.kernel.finding import Recommendation

_KEYS = re.compile(r"# keys: (.*)")
_THEN = re.compile(r"# then: (.*)")
_MOST_EDITS = 6
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass
class Outcome:
    """What came of one trial."""

    name: str
    expected: str
    """``7 -> 1``, as the trial says."""
    before: int = 0
    after: int = 0
    same: bool = False
    codes: list[str] = field(default_factory=list)
    source: str = ""
    """The function as advised."""

    @property
    def counts(self) -> str:
        """In the form of ``expected``."""
        return f"{self.before} -> {self.after if self.codes else 'words'}"


class Trials:
    """The trials of one library."""

    def __init__(self, library: str, folder: Path) -> None:
        self.shop = importlib.import_module(f"tests.advice.shop_{library}")
        self.shop.fill()
        self.counted = getattr(self.shop, "count", _count_django if library == "django" else _count_sqlalchemy)
        self._folder = folder
        text = Path(__file__).with_name(f"trials_{library}.py").read_text("utf-8")
        tree = ast.parse(text)
        self._lines = text.splitlines()
        self._functions = {node.name: node for node in tree.body if isinstance(node, FUNCTIONS)}
        self._header = self._lines[: next(iter(self._functions.values())).lineno - 1]
        self._number = 0

    def run(self) -> Iterator[Outcome]:
        """All of them."""
        for name, node in self._functions.items():
            lines = self._lines[node.lineno - 1 : node.end_lineno]
            outcome = Outcome(name, lines[0].partition("# ")[2])
            result, outcome.before, advice = self._profile(name, lines)
            for _ in range(_MOST_EDITS):
                if not advice:
                    break
                outcome.codes += [each.code or "" for each in advice]
                lines = self._followed(lines, advice)
                again, outcome.after, advice = self._profile(name, lines)
                outcome.same = again == result
            outcome.source = "\n".join(lines)
            yield outcome

    def _profile(self, name: str, lines: list[str]) -> tuple[object, int, tuple[Recommendation, ...]]:
        """Result, queries, and the advice of the first finding that has code and is not followed yet."""
        function = self._load(name, lines)
        with self.counted() as statements:
            result = function()
        with ennead.profile(name) as session:
            assert function() == result
        findings = [finding for finding in session.findings if finding.code == "n-plus-one"]
        advice = [finding.recommendations for finding in findings if finding.recommendations[0].code]
        return result, len(statements), advice[0] if advice else ()

    def _load(self, name: str, lines: list[str]) -> Callable[[], object]:
        """The function, from a file that no other one was read from."""
        self._number += 1
        module_name = f"trial_{self._number}"
        path = self._folder / f"{module_name}.py"
        path.write_text("\n".join([*self._header, *lines]) + "\n", "utf-8")
        spec = importlib.util.spec_from_file_location(module_name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        function: Callable[[], Any] = getattr(module, name)
        return (lambda: self.shop.run(function())) if iscoroutinefunction(function) else function

    def _followed(self, lines: list[str], advice: tuple[Recommendation, ...]) -> list[str]:
        """The function with the advice followed."""
        if not any("# then:" in line or "# keys:" in line for line in lines):
            edited = list(lines)
            for each in advice:
                assert each.place is not None
                number = each.place.line - len(self._header) - 1
                assert lines[number].strip() == each.place.source
                edited[number] = _indent(lines[number]) + str(each.code)
            return edited
        edited = []
        for line in lines:
            keys, then = _KEYS.search(line), _THEN.search(line)
            indent = _indent(line)
            if keys:
                edited.append(f"{indent}keys = {keys[1]}")
            if keys or line == _start(lines):
                edited += [indent + part for part in str(advice[0].code).splitlines()]
            edited.append(indent + then[1] if then else line.partition("  # keys:")[0])
        return edited


def _start(lines: list[str]) -> str | None:
    """Where a walk begins; a dictionary that is read before that is made at the top."""
    starts = [line for line in lines if line.endswith("# start")]
    roots = [line for line in lines if "# then: root =" in line]
    return roots[0] if roots else starts[0] if starts else None


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


@contextmanager
def _count_django() -> Iterator[list[Any]]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        statements: list[Any] = []
        yield statements
        statements.extend(captured.captured_queries)


@contextmanager
def _count_sqlalchemy() -> Iterator[list[Any]]:
    from sqlalchemy import event

    from tests.advice.shop_sqlalchemy import engine

    statements: list[Any] = []

    def note(*arguments: object) -> None:
        statements.append(arguments[2])

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def main() -> None:
    """Run the trials of the library that is named."""
    with TemporaryDirectory() as folder:
        trials = Trials(sys.argv[1], Path(folder))
        for outcome in trials.run():
            print(json.dumps({**asdict(outcome), "counts": outcome.counts}))
        close = getattr(trials.shop, "close", None)
        if close is not None:
            close()


if __name__ == "__main__":
    main()
