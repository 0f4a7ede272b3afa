"""Stopping a test at the access: after a repeat the recording so far is analysed, and an N+1 raised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.agent.repeat_moments import RepeatMoments
from ennead.agent.units import AGENT
from ennead.domains.nplusone.profile import story_of
from ennead.kernel.errors import NPlusOneError
from ennead.pytest_plugin.verdict import excused, n_plus_ones

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ennead.agent.unit_of_work import Hit, UnitOfWork
    from ennead.domains.nplusone.early_warning import EarlyWarning
    from ennead.kernel.finding import Finding
    from ennead.pytest_plugin.recorded_test import RecordedTest
    from ennead.pytest_plugin.verdict import Knows
    from ennead.runs.analysis import ExaminedUnit, UnitAnalysis


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
    early
        Tells of what has only begun; without it the rules decide alone.
    """

    def __init__(
        self,
        analysis: UnitAnalysis,
        knows: Knows,
        running: Callable[[], RecordedTest | None],
        early: EarlyWarning | None = None,
    ) -> None:
        self._analysis = analysis
        self._knows = knows
        self._running = running
        self._early = early
        self._test: RecordedTest | None = None
        self._moments = RepeatMoments(early.at) if early else RepeatMoments()
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
            self._test, self._has_raised = test, False
            self._moments.begin()
        if self._has_raised or not self._moments.is_now(unit, hit):
            return
        try:
            examined = self._with_what_emerges(self._analysis.examine(test.part_of(unit)))
            bad = n_plus_ones(excused(examined, test.rules).findings, self._knows)
        except Exception:  # noqa: BLE001 -- it was asked to raise for an N+1, and for nothing else
            AGENT.internal_error_count += 1
            return
        if bad:
            self._has_raised = True
            raise NPlusOneError(self._story(bad))

    def _with_what_emerges(self, examined: ExaminedUnit) -> ExaminedUnit:
        if self._early is None:
            return examined
        findings = self._early.of(examined.context, examined.findings, examined.vetoed)
        return examined._replace(findings=findings)

    def _story(self, bad: Sequence[Finding]) -> str:
        if self._early is None:
            return story_of(bad)
        from ennead.domains.nplusone.early_warning import early_story_of

        return early_story_of(bad)
