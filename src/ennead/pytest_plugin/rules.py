"""What a test lets pass: its markers, those of its class and module, and the settings behind them."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ennead.agent.places import PROJECT
from ennead.domains.nplusone.profile import allows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ennead.kernel.finding import Finding
    from ennead.pytest_plugin.options import Options

_ARGUMENTS = ("allow", "max_queries", "threshold", "enabled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What one test lets pass."""

    enabled: bool = True
    allow: tuple[str, ...] = ()
    max_queries: int | None = None
    threshold: int | None = None
    own_files: frozenset[str] = frozenset()
    """Where the test is written, if a loop that stands there is let pass."""

    def excuse(self, finding: Finding) -> str | None:
        """Why this test lets a finding pass, or ``None``."""
        if self.allow and allows(self.allow, finding):
            return "allowed by the test's marker"
        if self.threshold is not None and finding.query_count < self.threshold:
            return f"fewer than the test's {self.threshold} repeats"
        if self.own_files and finding.loop is not None and str(Path(PROJECT.path, finding.loop.file)) in self.own_files:
            return "the loop is the test's own"
        return None


def rules_of(item: pytest.Item, options: Options) -> Rules:
    """The rules of a test; the innermost marker decides, and what markers allow adds up.

    Raises
    ------
    pytest.UsageError
        A marker has arguments that mean nothing.
    """
    values: dict[str, Any] = {}
    allowed: list[str] = []
    for marker in item.iter_markers("ennead"):
        _check(item, marker.args, marker.kwargs)
        allowed += marker.kwargs.get("allow", ())
        for name, value in marker.kwargs.items():
            values.setdefault(name, value)
    values.setdefault("max_queries", options.max_queries)
    values.setdefault("threshold", options.threshold)
    own_files = frozenset() if options.counts_own_loops else _files_of(item)
    return Rules(**{**values, "allow": tuple(dict.fromkeys(allowed)), "own_files": own_files})


def _files_of(item: pytest.Item) -> frozenset[str]:
    """The file that pytest collected the test from, and the one that it is written in, which a base class may be in."""
    function: Any = getattr(item, "function", None)  # a doctest has none
    code = getattr(inspect.unwrap(function), "__code__", None)
    return frozenset({str(item.path), *([code.co_filename] if code else ())})


def _check(item: pytest.Item, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    unknown = [*map(repr, args), *(name for name in kwargs if name not in _ARGUMENTS)]
    if unknown:
        wrong = f"does not know {unknown[0]}; it takes {', '.join(_ARGUMENTS)}, each by name"
    elif isinstance(kwargs.get("allow", ()), str) or not all(isinstance(each, str) for each in kwargs.get("allow", ())):
        wrong = f"takes a list of texts as allow, got {kwargs['allow']!r}"
    else:
        counts = {name: kwargs[name] for name in ("max_queries", "threshold") if kwargs.get(name) is not None}
        bad = [name for name, value in counts.items() if type(value) is not int or value < 0]
        if not bad:
            return
        wrong = f"takes a number of at least 0 as {bad[0]}, got {counts[bad[0]]!r}"
    message = f"{item.nodeid}: the marker ennead {wrong}"
    raise pytest.UsageError(message)
