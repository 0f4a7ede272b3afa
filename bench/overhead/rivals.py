"""Every tool in its own environment, by turns with the same environment without the tool."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from bench.detection.environment import interpreter_of, version_of
from bench.detection.scenario import ROOT
from bench.overhead.spread import Spread, ratios
from bench.overhead.stopwatch import Sample

NO_TOOL = "bench.detection.tools.none"


class Peer(NamedTuple):
    """A tool and what it watches."""

    environment: str
    library: str
    adapter: str
    remark: str = ""

    @property
    def name(self) -> str:
        """With its version."""
        version = version_of(self.environment)
        return f"{version}, {self.remark}" if self.remark else version


def _rival(tool: str, library: str) -> Peer:
    return Peer(tool, library, f"bench.detection.tools.{tool}")


PEERS = tuple(
    peer
    for library, tools in {
        "django": ("tracepanel", "zeal", "query_doctor"),
        "sqlalchemy": ("tracepanel", "queryspy", "pytest_queryguard"),
    }.items()
    for peer in (
        Peer("ennead", library, "bench.overhead.request", "in a request"),
        Peer("ennead", library, "bench.detection.tools.ennead", "in a profile"),
        *(_rival(tool, library) for tool in tools),
    )
)


class PeerCost(NamedTuple):
    """Ratios to the same environment without the tool."""

    case: str
    peer: str
    cpu: Spread
    wall: Spread


class Worker:
    """A process that gives samples when asked."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._asked, self._answers = process.stdin, process.stdout
        self.cases: list[str] = json.loads(self._line())

    def sample(self, case: int) -> Sample:
        """Ask for one."""
        self._asked.write(f"{case}\n")
        self._asked.flush()
        return Sample(*json.loads(self._line()))

    def _line(self) -> str:
        line = self._answers.readline()
        if not line:
            raise RuntimeError("a worker has ended before its time; what it wrote is above")
        return line


def measure(peer: Peer, round_count: int, launch_count: int) -> list[PeerCost]:
    """Rounds over several pairs of processes: a process as a whole may be a little faster or slower than another."""
    bare: dict[str, list[Sample]] = {}
    observed: dict[str, list[Sample]] = {}
    for _ in range(launch_count):
        with _started(peer, NO_TOOL) as without, _started(peer, peer.adapter) as under:
            for number in range(round_count):
                turns = ((without, bare), (under, observed))
                for worker, samples in turns if number % 2 else reversed(turns):
                    for case, name in enumerate(worker.cases):
                        samples.setdefault(name, []).append(worker.sample(case))
    return [_cost(peer, name, observed[name], bare[name]) for name in bare]


def _cost(peer: Peer, case: str, observed: list[Sample], bare: list[Sample]) -> PeerCost:
    cpu = ratios([each.cpu_ns for each in observed], [each.cpu_ns for each in bare])
    wall = ratios([each.wall_ns for each in observed], [each.wall_ns for each in bare])
    return PeerCost(case, peer.name, cpu, wall)


@contextmanager
def _started(peer: Peer, adapter: str) -> Iterator[Worker]:
    python = str(interpreter_of(peer.environment))
    command = [python, "-m", "bench.overhead.worker", "--library", peer.library, "--tool", adapter]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield Worker(process)
        finally:
            if process.stdin is not None:
                process.stdin.close()  # the worker's loop ends, and with it what its tool has started
            process.wait(timeout=60)
