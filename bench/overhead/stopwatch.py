"""One sample: the CPU and wall time of a short piece of work, without garbage collection in it."""

import gc
from collections.abc import Callable
from time import perf_counter_ns, process_time_ns
from typing import NamedTuple


class Sample(NamedTuple):
    """Nanoseconds; CPU time is that of all threads of the process."""

    cpu_ns: int
    wall_ns: int


def settle() -> None:
    """Put everything that lives by now out of the collector's sight, so that a collection before a sample is cheap."""
    gc.collect()
    gc.freeze()


def sample(run: Callable[[], object], *, collecting: bool = False) -> Sample:
    """Run once and tell what it took.

    Parameters
    ----------
    run
        The work.
    collecting
        Leave the garbage collector on, as it is in an application.
    """
    gc.collect()
    if not collecting:
        gc.disable()
    try:
        wall, cpu = perf_counter_ns(), process_time_ns()
        run()
        cpu, wall = process_time_ns() - cpu, perf_counter_ns() - wall
    finally:
        gc.enable()
    return Sample(cpu, wall)
