"""What a query costs above the empty hook by how well its call site is known, and how high the stack is."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from bench.overhead import django_cases, sqlalchemy_cases
from bench.overhead.spread import Spread, spread
from bench.overhead.stacks import stack
from bench.overhead.stopwatch import sample
from bench.overhead.variants import empty_django_hook, empty_listeners, outside
from ennead.agent.call_path import forget_paths
from ennead.agent.units import Recording, call_inside

FIRST, SECOND, KNOWN, NEW_UNIT = "first hit", "second hit", "known", "known, first in its unit"
USER_DEPTHS = (1, 4, 8)
LIBRARY_DEPTHS = (10, 40)
PLACES = 50
ORM_PLACES = 12
"""Of one statement: fewer than the agent remembers for each."""


class SiteCost(NamedTuple):
    """Microseconds of CPU time a query above the empty hook, by how well the site is known."""

    what: str
    costs: dict[str, Spread]


class Work(NamedTuple):
    """Queries at several places; ``run`` is what ``make`` returned."""

    what: str
    query_count: int
    make: Callable[[], Callable[[], object]]
    empty_hook: Callable[[], Any]


def raw_queries(user_depth: int, library_depth: int) -> Work:
    """`SELECT 1` on Django's cursor, another text at each place."""
    cursor = django_cases.cursor()
    texts = [f"SELECT 1 AS c{number}" for number in range(PLACES)]
    names = {"cursor": cursor, "texts": texts}
    run = stack("cursor.execute(texts[number])", names, user_depth, library_depth, PLACES)
    what = f"raw cursor, {user_depth} user frames, {library_depth} library frames"
    return Work(what, PLACES, lambda: run, empty_django_hook)


def django_loads() -> Work:
    """Lazy loads of one relation at several places, with the ORM's evidence."""
    rows: list[Any] = []
    run = stack("rows[number].customer", {"rows": rows}, 1, 1, ORM_PLACES)

    def make() -> Callable[[], object]:
        rows[:] = django_cases.shipments(ORM_PLACES)
        return run

    return Work("Django lazy load", ORM_PLACES, make, empty_django_hook)


def sqlalchemy_loads() -> Work:
    """The same in SQLAlchemy."""
    rows: list[Any] = []
    sessions: list[Any] = []
    run = stack("rows[number].customer", {"rows": rows}, 1, 1, ORM_PLACES)

    def make() -> Callable[[], object]:
        while sessions:
            sessions.pop().close()
        session, rows[:] = sqlalchemy_cases.accounts(ORM_PLACES)
        sessions.append(session)
        return run

    return Work("SQLAlchemy lazy load", ORM_PLACES, make, empty_listeners)


def measure(work: Work, round_count: int) -> SiteCost:
    """Interleaved: one run under the empty hook in each round."""
    found: dict[str, list[float]] = {name: [] for name in (FIRST, SECOND, KNOWN, NEW_UNIT)}
    for _ in range(round_count):
        hook = _under_empty_hook(work)
        for name, nanoseconds in zip(found, _in_units(work), strict=True):
            found[name].append((nanoseconds - hook) / work.query_count / 1_000.0)
    return SiteCost(work.what, {name: spread(values) for name, values in found.items()})


def _under_empty_hook(work: Work) -> float:
    with work.empty_hook():
        call_inside(work.make())
        run = work.make()
        return sample(lambda: call_inside(run)).cpu_ns


def _in_units(work: Work) -> Sequence[float]:
    with outside():
        with Recording("bench", "request"):
            call_inside(work.make())
        with Recording("bench", "request"):
            forget_paths()
            nanoseconds = [_sampled(work) for _ in range(3)]
        with Recording("bench", "request"):
            return [*nanoseconds, _sampled(work)]


def _sampled(work: Work) -> float:
    run = work.make()
    return sample(lambda: call_inside(run)).cpu_ns
