"""Ennead as in production: a request's unit of work. An adapter like those of `bench.detection.tools`."""

from collections.abc import Callable

from bench.detection.observation import Observation
from bench.overhead.variants import in_unit


def prepare(suite: str) -> None:  # noqa: ARG001 -- the hooks find the library by themselves
    return


def observe(run: Callable[[], object]) -> Observation:
    with in_unit():
        run()
    return Observation()
