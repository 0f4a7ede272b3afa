"""Analyses with the rules alone and with the learnt part, in turn over the same contexts: a busy machine is fair."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle, islice
from math import ceil
from statistics import fmean
from time import thread_time_ns
from typing import Any

from bench.ml_cost.stand_in import ShippedOrStandIn
from ennead.domains.nplusone import NPlusOneDetectionEngine, NPlusOneSettings, QueryExecutionContext
from ennead.domains.nplusone.group_features import features_of
from ennead.domains.nplusone.groups import group_queries
from ennead.domains.nplusone.levels import Level, level_of
from ennead.domains.nplusone.model import judge
from ennead.domains.nplusone.profile import Analysis

_NS_PER_MS = 1_000_000
_PROBES = 25
WAYS = ("rules only", "findings with ML", "everything with ML")
"""The last one also asks for the whole analysis: all groups, the features of the context, the baselines."""


@dataclass(frozen=True)
class Cost:
    """What analyses of one way took."""

    way: str
    pages: str
    """Which kind; see :data:`~bench.analysis.pages.PAGES`."""
    level: Level
    query_count: int
    cpu_ms: Sequence[float]
    """CPU time of the analysing thread, sorted."""
    peak_kib: float
    """The most memory beyond what was there before, of a few analyses in a pass of their own."""

    @property
    def mean_ms(self) -> float:
        return fmean(self.cpu_ms)

    def quantile_ms(self, share: float) -> float:
        """Nearest rank."""
        return self.cpu_ms[ceil(share * len(self.cpu_ms)) - 1]


@dataclass(frozen=True)
class Parts:
    """Where the time of the learnt part goes, in microseconds a group."""

    pages: str
    level: Level
    query_count: int
    group_count: int
    """Of all contexts."""
    features_us: float
    model_us: float


def measure(contexts: Sequence[QueryExecutionContext], pages: str, query_count: int, times: int) -> list[Cost]:
    """Analyse the contexts in turn, each in every way before the next."""
    engines = {way: _engine(way) for way in WAYS}
    for way in WAYS:
        for context in contexts:
            _analyse(way, engines[way], replace(context))
    taken: dict[str, list[float]] = {way: [] for way in WAYS}
    for context in islice(cycle(contexts), times):
        for way in WAYS:
            taken[way].append(_timed(partial(_analyse, way, engines[way], replace(context))))
    level = level_of(contexts[0])
    peaks = {way: max(_peaks(way, engines[way], contexts)) for way in WAYS}
    return [Cost(way, pages, level, query_count, sorted(taken[way]), peaks[way]) for way in WAYS]


def parts(contexts: Sequence[QueryExecutionContext], pages: str, query_count: int, times: int) -> Parts:
    """Features and model of every repeated read, apart from everything else."""
    level = level_of(contexts[0])
    model = ShippedOrStandIn().at(level)
    assert model is not None
    features_ms = model_ms = 0.0
    count = 0
    for context in islice(cycle(contexts), times):
        groups = [group for group in group_queries(replace(context)) if group.count > 1 and group.first.is_read]
        vectors = [features_of(group) for group in groups]
        fresh = [group for group in group_queries(replace(context)) if group.count > 1 and group.first.is_read]
        features_ms += _timed(partial(_all, features_of, fresh))
        model_ms += _timed(partial(_all, partial(judge, model), vectors))
        count += len(groups)
    total = sum(
        group.count > 1 and group.first.is_read for context in contexts for group in group_queries(replace(context))
    )
    return Parts(pages, level, query_count, total, features_ms * 1e3 / count, model_ms * 1e3 / count)


def _engine(way: str) -> NPlusOneDetectionEngine:
    return NPlusOneDetectionEngine(NPlusOneSettings(ml_enabled=way != WAYS[0]), model=ShippedOrStandIn())


def _analyse(way: str, engine: NPlusOneDetectionEngine, context: QueryExecutionContext) -> object:
    analysis = Analysis(context, engine)
    if way == WAYS[2]:
        return analysis.ml_analysis, analysis.findings
    return analysis.findings


def _all(work: Callable[[Any], object], items: Sequence[Any]) -> None:
    for item in items:
        work(item)


def _timed(work: Callable[[], object]) -> float:
    started = thread_time_ns()
    work()
    return (thread_time_ns() - started) / _NS_PER_MS


def _peaks(way: str, engine: NPlusOneDetectionEngine, contexts: Sequence[QueryExecutionContext]) -> Iterator[float]:
    tracemalloc.start()
    for context in islice(cycle(contexts), _PROBES):
        fresh = replace(context)
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        result = _analyse(way, engine, fresh)
        _, peak = tracemalloc.get_traced_memory()
        del result
        yield (peak - before) / 1024
    tracemalloc.stop()
