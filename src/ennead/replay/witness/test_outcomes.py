"""How each test ended, noted on its unit of work."""

from __future__ import annotations

import sys
from functools import wraps
from typing import TYPE_CHECKING, Any

from ennead.agent.patching import PatchSet
from ennead.agent.unit_of_work import CURRENT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ennead.agent.import_hook import ImportWatcher
    from ennead.agent.patching import Patch

_patches = PatchSet()


def note_test_outcomes(watcher: ImportWatcher) -> None:
    """Watch pytest and unittest, inside of the unit of work."""
    watcher.when_imported(
        "_pytest.runner", lambda: _patches.add(sys.modules["_pytest.runner"], "call_and_report", _pytest)
    )
    watcher.when_imported(
        "unittest.case", lambda: _patches.add(sys.modules["unittest.case"].TestCase, "run", _unittest)
    )


def _note(status: str) -> None:
    unit = CURRENT.get()
    if unit is not None and unit.kind == "test":
        unit.outcome = {"kind": "test", "status": status}


def _pytest(original: Callable[..., Any], _patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def call_and_report(item: Any, when: Any, *arguments: Any, **options: Any) -> Any:
        report = original(item, when, *arguments, **options)
        if when == "call":
            crash = getattr(getattr(report, "longrepr", None), "reprcrash", None)
            why = f": {crash.message.splitlines()[0]}" if crash and crash.message else ""
            _note(report.outcome + why)
        return report

    return call_and_report


def _unittest(original: Callable[..., Any], _patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def run(self: Any, result: Any = None) -> Any:
        before = {name: len(getattr(result, name, ())) for name in _ENDINGS}
        outcome = original(self, result)
        _note(_ending(outcome if outcome is not None else result, before))
        return outcome

    return run


_ENDINGS = {
    "failures": "failed",
    "errors": "failed",
    "unexpectedSuccesses": "passed unexpectedly",
    "expectedFailures": "failed as expected",
    "skipped": "skipped",
}
"""Lists of a test result, and what it means that one has become longer."""
_WITHOUT_WORDS = ("unexpectedSuccesses", "expectedFailures")


def _ending(result: Any, before: Mapping[str, int]) -> str:
    for name, word in _ENDINGS.items():
        entries: list[Any] = getattr(result, name, [])
        if len(entries) > before[name]:
            words = "" if name in _WITHOUT_WORDS else str(entries[-1][1]).strip().rpartition("\n")[2]
            return f"{word}: {words}" if words else word
    return "passed"
