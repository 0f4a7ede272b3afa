"""Running analyses over recorded contexts, and measuring them."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice
from math import ceil
from statistics import fmean
from time import perf_counter_ns, thread_time_ns

from sqlalchemy import Engine
from sqlalchemy.orm import Session

import ennead
from bench.analysis.pages import PAGES
from ennead.domains.nplusone import NPlusOneDetectionEngine, NPlusOneSettings, QueryExecutionContext

_NS_PER_MS = 1_000_000


@dataclass(frozen=True)
class Cost:
    """What the analyses of one sort took."""

    pages: str
    """Which kind; see :data:`~bench.analysis.pages.PAGES`."""
    query_count: int
    known: bool
    """Statements and source files were seen before."""
    with_ml: bool
    cpu_ms: Sequence[float]
    """CPU time of the analysing thread, sorted."""
    wall_ms: Sequence[float]
    """Sorted."""
    peak_kib: Sequence[float]
    """Memory beyond what was there before; of fewer analyses, in a pass of its own. Sorted."""

    @property
    def mean_ms(self) -> float:
        return fmean(self.cpu_ms)

    def quantile_ms(self, share: float) -> float:
        """Nearest rank."""
        return self.cpu_ms[ceil(share * len(self.cpu_ms)) - 1]


def record_contexts(engine: Engine, pages: str, query_count: int) -> list[QueryExecutionContext]:
    """One context of each page of a kind, recorded while it really runs."""
    contexts = []
    for page in PAGES[pages]:
        with Session(engine) as session, ennead.profile(page.__name__) as profile:
            page(session, query_count)
        contexts.append(profile.context)
    return contexts


def measure(
    contexts: Sequence[QueryExecutionContext],
    pages: str,
    query_count: int,
    *,
    known: bool,
    with_ml: bool,
    times: int,
    probes: int,
) -> Cost:
    """Analyse the contexts in turn: ``times`` for the clock and ``probes`` for the memory."""
    detection = NPlusOneDetectionEngine(NPlusOneSettings(ml_enabled=with_ml))
    prepare: Callable[[], object] = _nothing if known else forget_everything
    for context in contexts:
        _analyse(detection, replace(context))
    timed = [_timed(detection, replace(context), prepare) for context in islice(cycle(contexts), times)]
    peaks = list(_peaks(detection, islice(cycle(contexts), probes), prepare))
    cpu, wall = zip(*timed, strict=True)
    return Cost(pages, query_count, known, with_ml, sorted(cpu), sorted(wall), sorted(peaks))


def forget_everything() -> None:
    """Empty the memory of statements and source files: the next analysis sees them for the first time."""
    for name, module in list(sys.modules.items()):
        if name.startswith("ennead.domains.nplusone"):
            for value in vars(module).values():
                clear = getattr(value, "cache_clear", None)
                if clear is not None:
                    clear()


def _nothing() -> None:
    return


def _analyse(detection: NPlusOneDetectionEngine, context: QueryExecutionContext) -> object:
    return detection.find_by_rules(context), detection.analyze(context)


def _timed(
    detection: NPlusOneDetectionEngine, context: QueryExecutionContext, prepare: Callable[[], object]
) -> tuple[float, float]:
    prepare()
    wall, cpu = perf_counter_ns(), thread_time_ns()
    _analyse(detection, context)
    return (thread_time_ns() - cpu) / _NS_PER_MS, (perf_counter_ns() - wall) / _NS_PER_MS


def _peaks(
    detection: NPlusOneDetectionEngine, contexts: Iterator[QueryExecutionContext], prepare: Callable[[], object]
) -> Iterator[float]:
    tracemalloc.start()
    for context in contexts:
        prepare()
        fresh = replace(context)
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        result = _analyse(detection, fresh)
        _, peak = tracemalloc.get_traced_memory()
        del result
        yield (peak - before) / 1024
    tracemalloc.stop()
