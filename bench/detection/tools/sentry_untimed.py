"""Sentry's rule without its 50 ms: on a local SQLite file hardly any loop takes as long."""

from collections.abc import Callable

from bench.detection.observation import Observation
from bench.detection.tools import sentry

prepare = sentry.prepare


def observe(run: Callable[[], object]) -> Observation:
    return sentry.judged(run, min_seconds=0)
