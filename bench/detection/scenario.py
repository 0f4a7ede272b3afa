"""A scenario: a small piece of real application code, its label, and the places a good finding names.

The label says what the code is, by definition and not by what any tool makes of it. An N+1 is roughly one
query per row of an earlier result (or per item of a loop) where a set-based equivalent exists.

The places are comments in the code itself, so that they move with it::

    @scenario("n-plus-one", kind="relation", why="each invoice loads its customer")
    def customer_of_each_invoice() -> object:
        invoices = Invoice.objects.all()
        return [
            invoice.customer.name  # place: access
            for invoice in invoices  # place: loop origin
        ]

A mark belongs to the scenario function around it. Anywhere else (a model's method, another module, a
template) it names its scenario, or several: ``# place[customer_of_each_invoice]: access``. In a template
it is written ``{# place[...]: loop #}``.
"""

import asyncio
import importlib
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeVar, cast, get_args

Label = Literal["n-plus-one", "look-alike", "duplicate", "write-n-plus-one"]
PlaceName = Literal["loop", "origin", "access"]
Place = tuple[str, int]

ROOT = Path(__file__).resolve().parents[2]
MARKED_SUFFIXES = (".py", ".html", ".txt", ".jinja2")

MARK = re.compile(r"\bplace(?:\[(?P<names>[^\]]+)\])?:(?P<places>(?:[ ,]*\b(?:loop|origin|access)\b)+)")
COMMENT_START = re.compile(r"#\s*place\b")

Function = TypeVar("Function", bound=Callable[[], object])


@dataclass(frozen=True)
class Places:
    """Where a scenario's loop, origin and access are: (file relative to the repository root, line)."""

    loop: tuple[Place, ...] = ()
    origin: tuple[Place, ...] = ()
    access: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """One labelled piece of work."""

    name: str
    label: Label
    """By the definition above."""
    kind: str | None
    """The kind a finding of the right code should have, where the label has kinds."""
    why: str
    """One sentence: why the label is right."""
    function: Callable[[], object]
    file: str
    """Relative to the repository root."""
    lines: range
    """The function's own lines, decorator included."""
    constant: bool = False
    """The query count does not follow the suite's size: a loop over two or three rows, whatever the size."""

    def run(self) -> object:
        """Run the work once; a coroutine function runs in an event loop of its own."""
        result = self.function()
        return asyncio.run(result) if inspect.iscoroutine(result) else result


class Suite(Protocol):
    """What the module ``suite`` of each suite package offers to the probe.

    `set_up` is called once a process, before any scenario module is imported. `restore` puts the rows back
    between runs, so that scenarios that write do not disturb each other. `record` yields the list that the
    executed statements (their SQL text) are appended to, from every thread.
    """

    def set_up(self, directory: Path, size: int) -> None: ...
    def restore(self) -> None: ...
    def record(self) -> AbstractContextManager[list[str]]: ...


@dataclass
class _Marks:
    places: dict[str, dict[PlaceName, list[Place]]] = field(default_factory=dict)

    def add(self, scenario: str, name: PlaceName, place: Place) -> None:
        self.places.setdefault(scenario, {}).setdefault(name, []).append(place)

    def of(self, scenario: str) -> Places:
        found = self.places.get(scenario, {})
        return Places(**{name: tuple(found.get(name, ())) for name in get_args(PlaceName)})


REGISTRY: dict[str, dict[str, Scenario]] = {}
"""Suite package (``bench.detection.django_suite``) -> scenario name -> scenario."""


def scenario(
    label: Label, kind: str | None = None, *, why: str, constant: bool = False
) -> Callable[[Function], Function]:
    """Register the decorated function (plain or ``async def``, no arguments) as a scenario of its package."""

    def register(function: Function) -> Function:
        suite = REGISTRY.setdefault(function.__module__.rpartition(".")[0], {})
        if function.__name__ in suite:
            message = f"two scenarios are called {function.__name__!r}"
            raise ValueError(message)
        suite[function.__name__] = _describe(function, label, kind, why, constant=constant)
        return function

    return register


def load(package: str) -> Mapping[str, Scenario]:
    """Import every ``scenarios_*`` module of a suite package and return its scenarios by name."""
    for path in sorted(_directory(package).glob("scenarios_*.py")):
        importlib.import_module(f"{package}.{path.stem}")
    return REGISTRY[package]


def load_suite(package: str) -> Suite:
    """Import the module ``suite`` of a suite package."""
    return cast(Suite, importlib.import_module(f"{package}.suite"))


def read_places(package: str) -> Mapping[str, Places]:
    """Read the marks of a loaded suite: scenario name -> places.

    Raises
    ------
    ValueError
        A mark names no scenario, or stands outside every scenario function without naming one.
    """
    scenarios = REGISTRY[package]
    marks = _Marks()
    for path in sorted(_directory(package).rglob("*")):
        if path.suffix in MARKED_SUFFIXES:
            _read_file(path, scenarios.values(), marks)
    if unknown := set(marks.places) - set(scenarios):
        message = f"marks name unknown scenarios: {sorted(unknown)}"
        raise ValueError(message)
    return {name: marks.of(name) for name in scenarios}


def _describe(function: Callable[[], object], label: Label, kind: str | None, why: str, *, constant: bool) -> Scenario:
    lines, start = inspect.getsourcelines(function)
    file = Path(inspect.getfile(function)).resolve().relative_to(ROOT).as_posix()
    name = function.__name__
    return Scenario(name, label, kind, why, function, file, range(start, start + len(lines)), constant)


def _directory(package: str) -> Path:
    return ROOT.joinpath(*package.split("."))


def _read_file(path: Path, scenarios: Iterable[Scenario], marks: _Marks) -> None:
    file = path.relative_to(ROOT).as_posix()
    for line, names, places in _marks_in(path.read_text(encoding="utf-8")):
        owners = names or _enclosing(scenarios, file, line)
        if not owners:
            message = f"{file}:{line}: this mark stands outside every scenario and names none"
            raise ValueError(message)
        for owner in owners:
            for place in places:
                marks.add(owner, place, (file, line))


def _marks_in(text: str) -> Iterator[tuple[int, list[str], list[PlaceName]]]:
    for line, source in enumerate(text.splitlines(), start=1):
        comment = COMMENT_START.search(source)
        if comment is None:
            continue
        for mark in MARK.finditer(source, comment.start()):
            names = re.findall(r"\w+", mark["names"] or "")
            yield line, names, cast(list[PlaceName], re.findall(r"\w+", mark["places"]))


def _enclosing(scenarios: Iterable[Scenario], file: str, line: int) -> list[str]:
    return [each.name for each in scenarios if each.file == file and line in each.lines]
