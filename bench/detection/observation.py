"""What one tool said about one run of a scenario."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.detection.scenario import ROOT, Place

N_PLUS_ONE = "n-plus-one"


@dataclass(frozen=True)
class Advice:
    """What a tool tells its user to do about an N+1, in its own words, and the place that it names."""

    text: str
    place: Place | None = None


@dataclass(frozen=True)
class Observation:
    """A tool's answer, in our words.

    `codes` holds one entry a finding: ``n-plus-one`` for whatever the tool itself calls an N+1, and the
    tool's own word for everything else (a duplicate, a slow query). The places are (file, line) pairs with
    the file relative to the repository root, see `relative`.
    """

    codes: tuple[str, ...] = ()
    loop: tuple[Place, ...] = ()
    origin: tuple[Place, ...] = ()
    access: tuple[Place, ...] = ()
    advice: tuple[Advice, ...] = ()
    error: str | None = None
    """Why the tool could not look at the run at all; the scenario then counts as not flagged."""

    @property
    def flagged(self) -> bool:
        return N_PLUS_ONE in self.codes


class Tool(Protocol):
    """What a module of `bench.detection.tools` offers.

    `prepare` is called once a process before the suite is set up (to add an application to the Django
    settings, to import a library early). `observe` calls `run` once under the tool and never swallows what
    the scenario itself raises.
    """

    def prepare(self, suite: str) -> None: ...
    def observe(self, run: Callable[[], object]) -> Observation: ...


def relative(file: str) -> str:
    """Return `file` relative to the repository root, or as it is when it lies elsewhere.

    >>> relative("/usr/lib/python3/json/__init__.py")
    '/usr/lib/python3/json/__init__.py'
    """
    path = Path(file)
    path = path if path.is_absolute() else ROOT / path
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else file
