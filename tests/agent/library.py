"""A small database library whose frames count as a library's, and an oracle for what the recorder ought to see."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from types import FrameType, ModuleType
from typing import Any, NamedTuple

from ennead.agent.places import PROJECT
from ennead.agent.unit_of_work import CURRENT, Connection, Hit, UnitOfWork
from ennead.agent.units import Recording, await_inside, call_inside

FOLDER = "/opt/python/lib/python3/site-packages/fakedb"

_SOURCE = '''
from time import perf_counter_ns

def execute(sql, parameters=(), seen=None):
    """The hook: as a source's wrapper of a driver's call."""
    unit = CURRENT.get()
    started = perf_counter_ns()
    if seen is not None:
        seen()
    if unit is None:
        return None
    return unit.record(sql, parameters, started, connection)

def run(function, *args, **kwargs):
    return function(*args, **kwargs)

def run_deep(levels, function, *args):
    if levels <= 0:
        return function(*args)
    return run_deep(levels - 1, function, *args)

def run_each(function, items):
    return [function(item) for item in items]

async def await_it(function, *args):
    return await function(*args)
'''


def make_library(source: str = _SOURCE, name: str = "driver") -> ModuleType:
    """A module whose code seems to lie in site-packages."""
    module = ModuleType(f"fakedb.{name}")
    vars(module).update(CURRENT=CURRENT, connection=Connection("default", "sqlite"))
    exec(compile(source, f"{FOLDER}/{name}.py", "exec"), vars(module))  # noqa: S102 -- a library made for the test
    return module


library: Any = make_library()
execute: Callable[..., Hit | None] = library.execute


class Place(NamedTuple):
    """One user frame as the interpreter itself reports it."""

    file: str
    line: int
    function: str
    column: int | None


def true_path() -> tuple[Place, ...]:
    """The user's frames outwards to the boundary, by :mod:`inspect` and not by our own code."""
    places = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code not in _BOUNDARIES:
        filename = frame.f_code.co_filename
        if "site-packages" not in filename and "/lib/python3" not in filename and filename != __file__:
            positions = inspect.getframeinfo(frame, context=0).positions
            assert positions is not None
            assert positions.lineno is not None
            file = PROJECT.relative(filename)
            places.append(Place(file, positions.lineno, frame.f_code.co_qualname, positions.col_offset))
        frame = frame.f_back
    return tuple(places)


_BOUNDARIES = (call_inside.__code__, await_inside.__code__)


class Oracle:
    """Handed to the hook: notes the true path of every execution."""

    def __init__(self) -> None:
        self.paths: list[tuple[Place, ...]] = []

    def __call__(self) -> None:
        self.paths.append(true_path())


def path_of(hit: Hit | None) -> tuple[Place, ...]:
    """What the recorder says of one hit."""
    assert hit is not None
    return tuple(Place(site.file, site.line, site.function, site.column) for site in hit.site.path.sites)


def inner_functions(hit: Hit | None, count: int) -> list[str]:
    """The innermost user functions of one hit, without the names of what they are nested in."""
    return [place.function.rpartition(".")[2] for place in path_of(hit)[:count]]


def paths_of(unit: UnitOfWork | None) -> list[tuple[Place, ...]]:
    """What the recorder says of every hit of a unit of work."""
    assert unit is not None
    return [path_of(hit) for hit in unit.hits]


def record(function: Callable[..., object], *args: Any) -> UnitOfWork:
    """The unit of work of one call; call paths end where it is called."""
    with Recording("test", "profile", explicit=True) as recording:
        call_inside(function, *args)
    assert recording.unit is not None
    assert recording.unit.internal_error_count == 0
    return recording.unit
