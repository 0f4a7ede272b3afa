"""``setUp`` and ``tearDown`` of test cases run in the test's own phase of pytest: here they are told apart from it."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any
from unittest.case import TestCase

from ennead.agent.patching import PatchSet

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.agent.patching import Patch
    from ennead.pytest_plugin.recorded_test import RecordedTest


class TestCasePhases:
    """Tells the running test when its set-up is over and its tear-down begins."""

    __test__ = False

    def __init__(self) -> None:
        self._patches = PatchSet()
        self._running: Callable[[], RecordedTest | None] = lambda: None

    def tell(self, running: Callable[[], RecordedTest | None]) -> None:
        """Begin; ``running`` answers which test runs."""
        self._running = running
        self._patches.add(TestCase, "_callSetUp", self._setting_up)
        self._patches.add(TestCase, "_callTearDown", self._tearing_down)
        # Asynchronous test cases have methods of their own that do not call these.
        from unittest.async_case import IsolatedAsyncioTestCase

        self._patches.add(IsolatedAsyncioTestCase, "_callSetUp", self._setting_up)
        self._patches.add(IsolatedAsyncioTestCase, "_callTearDown", self._tearing_down)

    def undo(self) -> None:
        """Leave no trace."""
        self._patches.undo()

    def _setting_up(self, original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
        @wraps(original)
        def set_up(case: TestCase, *args: Any, **kwargs: Any) -> Any:
            test = self._running() if patch.active else None
            if test is None:
                return original(case, *args, **kwargs)
            test.begin_set_up()
            try:
                return original(case, *args, **kwargs)
            finally:
                test.end_set_up()

        return set_up

    def _tearing_down(self, original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
        @wraps(original)
        def tear_down(case: TestCase, *args: Any, **kwargs: Any) -> Any:
            test = self._running() if patch.active else None
            if test is not None:
                test.tear_down()
            return original(case, *args, **kwargs)

        return tear_down


TEST_CASE_PHASES = TestCasePhases()
