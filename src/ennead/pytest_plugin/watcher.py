"""Stopping a test at the access: after a repeat the recording so far is analysed, and an N+1 raised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.domains.nplusone.profile import story_of
from ennead.kernel.errors import NPlusOneError
from ennead.pytest_plugin.verdict import excused, n_plus_ones

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.agent.call_path import CallPath
    from ennead.agent.unit_of_work import Hit, UnitOfWork
    from ennead.pytest_plugin.recorded_test import RecordedTest
    from ennead.pytest_plugin.verdict import Knows
    from ennead.runs.analysis import UnitAnalysis

_MOMENTS = frozenset({2, 3, 4, 6, 12, 48, 192, 768})
"""Repeats of a place at which the rules are asked."""
_MOST_ANALYSES = 50
"""In one test: where nothing is certain by then, or everything is known already, the end of the test tells it."""


class AccessWatcher:
    """Counts the queries of each place, and asks the rules when one is repeated.

    Parameters
    ----------
    analysis
        Analyses.
    knows
        Whether the baseline has a finding.
    running
        Answers which test runs.
    """

    def __init__(self, analysis: UnitAnalysis, knows: Knows, running: Callable[[], RecordedTest | None]) -> None:
        self._analysis = analysis
        self._knows = knows
        self._running = running
        self._test: RecordedTest | None = None
        self._counts: dict[tuple[UnitOfWork, CallPath], int] = {}
        self._analysis_count = 0
        self._has_raised = False

    def __call__(self, unit: UnitOfWork, hit: Hit) -> None:
        """Look at a query that has just been run.

        Raises
        ------
        NPlusOneError
            The unit of work has an N+1; once in a test.
        """
        __tracebackhide__ = True
        test = self._running()
        if test is None or not test.is_running:
            return
        if test is not self._test:
            self._test, self._has_raised, self._analysis_count = test, False, 0
            self._counts.clear()
        place = (unit, hit.site.path)
        count = self._counts[place] = self._counts.get(place, 0) + 1
        if count not in _MOMENTS or self._has_raised or self._analysis_count == _MOST_ANALYSES:
            return
        self._analysis_count += 1
        examined = excused(self._analysis.examine(test.part_of(unit)), test.rules)
        bad = n_plus_ones(examined.findings, self._knows)
        if bad:
            self._has_raised = True
            raise NPlusOneError(story_of(bad))
