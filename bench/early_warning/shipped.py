"""The early warning as it ships, played on recorded contexts: the rules alone, and with a sequence model.

As a test would be watched: after a repeat of a place the rules are asked with what was recorded so far, the rows of the
last query not yet fetched; what they let pass is let pass. Nothing is stopped, so that each group has its first alarm.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from time import perf_counter

from bench.early_warning.folds import LARGEST
from bench.early_warning.measure import GroupCourse, Run
from bench.ml.corpus.applications import Truths, actions
from bench.ml.corpus.recording import is_recorded
from bench.real_apps.environment import releases
from bench.real_apps.labels import labels_of
from ennead.domains.nplusone.dependencies import dependencies_of, fed_by_order
from ennead.domains.nplusone.early_warning import EarlyWarning
from ennead.domains.nplusone.engine import NPlusOneDetectionEngine
from ennead.domains.nplusone.groups import QueryGroup, group_queries
from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.kernel.finding import Finding
from ennead.training.derive import site_of

MOMENTS = frozenset({2, 3, 4, 6, 12})


def play(application: str, model: str | None) -> Run | None:
    """All units of work of an application that was recorded here; `None` if it was not."""
    settings = NPlusOneSettings(early_warning_model=model) if model else NPlusOneSettings()
    watch = _Watch(settings, EarlyWarning(2, settings) if model else None)
    courses: list[GroupCourse] = []
    steps = units = 0
    started = perf_counter()
    for context, truths in _contexts(application):
        steps += context.query_count
        alarms = watch.alarms(context)
        courses += _courses(application, units, context, truths, alarms)
        units += 1
    return Run(tuple(courses), units, steps, 0, 0.0, 0, perf_counter() - started) if units else None


def _contexts(application: str) -> Iterator[tuple[QueryExecutionContext, Truths]]:
    for release in releases([application]):
        if is_recorded(release):
            for recorded in actions(release):
                truths = Truths(recorded, labels_of(release.application))
                yield from ((each.context, truths) for each in recorded if each.rows == LARGEST)


def order_agrees(application: str) -> tuple[int, int]:
    """Of the repeated groups whose feeder is known by provenance, those that order alone is right about; and all."""
    right = known = 0
    for context, _ in _contexts(application):
        groups = group_queries(context)
        for told in dependencies_of(context):
            if told.fed_by is not None and told.query_count > 1:
                known += 1
                right += fed_by_order(groups[told.group], groups) == told.fed_by
    return right, known


class _Watch:
    """Looks at each moment, and notes at which execution each group was first told of."""

    def __init__(self, settings: NPlusOneSettings, early: EarlyWarning | None) -> None:
        self._engine = NPlusOneDetectionEngine(settings)
        self._early = early

    def alarms(self, context: QueryExecutionContext) -> dict[int, int]:
        """Group number to the execution, from 1."""
        groups = {(group.first.statement_fingerprint, group.call_path): group for group in group_queries(context)}
        first: dict[int, int] = {}
        for index in _moments(list(groups.values())):
            for finding in self._told(context, index):
                group = groups.get((finding.statement_fingerprint, finding.call_path))
                if group is not None:
                    first.setdefault(group.number, sum(position <= index for position in group.indexes))
        return first

    def _told(self, context: QueryExecutionContext, index: int) -> list[Finding]:
        last = context.queries[index]._replace(row_count=None)
        so_far = replace(context, queries=(*context.queries[:index], last))
        found = self._engine.find_by_rules(so_far)
        findings: Sequence[Finding] = (*found.shown, *found.suppressed)
        if self._early is not None:
            findings = self._early.of(so_far, findings, found.vetoed)
        return [each for each in findings if each.code == "n-plus-one" and each.suppressed is None]


def _moments(groups: list[QueryGroup]) -> list[int]:
    indexes = {group.indexes[moment - 1] for group in groups for moment in MOMENTS if moment <= group.count}
    return sorted(indexes)


def _courses(
    application: str, unit: int, context: QueryExecutionContext, truths: Truths, first: dict[int, int]
) -> Iterator[GroupCourse]:
    for group in group_queries(context):
        truth = truths.truth(group) if group.first.is_read else None
        if group.first.is_read and truth is None:
            continue
        alarm = first.get(group.number, group.count + 1)
        told = tuple(float(number >= alarm) for number in range(1, group.count + 1))
        site = (application, site_of(application, group))
        yield GroupCourse(unit, site, int(truth is not None and truth.is_n_plus_one), group.indexes, told)
