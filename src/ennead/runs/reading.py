"""Reading records back, from a run that has ended or one that still goes on. A broken line costs itself only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ennead.kernel.errors import EnneadError
from ennead.runs.records import EndRecord, ProcessRecord, Record, UnitRecord, record_from_dict
from ennead.runs.shared_reads_record import SharedReadsRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.runs.folder import RunFolder


class Problem(NamedTuple):
    """A line that could not be read."""

    file: str
    line: int
    """1-based."""
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class PythonProcess:
    """A Python process that was started during a run, and whether it could be observed."""

    pid: int
    executable: str
    python: str
    problem: str | None
    """Why it is not observed."""


class RecordFile:
    """A file of records, read piece by piece as it grows.

    Parameters
    ----------
    path
        The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self._offset = 0
        self._line = 0

    def read(self, *, to_the_end: bool = True) -> Iterator[Record]:
        """The records since the last time.

        Parameters
        ----------
        to_the_end
            The file does not grow any more: a last line without an end was cut off, and is a problem.
        """
        for number, line in self._new_lines(to_the_end=to_the_end):
            record = self._parse(number, line)
            if record is not None:
                yield record

    def _new_lines(self, *, to_the_end: bool) -> Iterator[tuple[int, bytes]]:
        with self.path.open("rb") as file:
            file.seek(self._offset)
            for line in file:
                whole = line.endswith(b"\n")
                if not whole and not to_the_end:
                    return
                self._offset += len(line)
                self._line += 1
                yield self._line, line

    def _parse(self, number: int, line: bytes) -> Record | None:
        if not line.strip():
            return None
        try:
            data = json.loads(line)
            if not isinstance(data, dict):
                raise TypeError("a record is a JSON object")  # noqa: TRY301 -- told like every other broken line
            return record_from_dict(data)
        except json.JSONDecodeError:
            reason = "no valid JSON" if line.endswith(b"\n") else "cut off in the middle of the line"
        except EnneadError as error:
            reason = str(error)
        except KeyError as error:
            reason = f"{error} is missing"
        except (ValueError, TypeError, AttributeError, IndexError) as error:
            reason = f"{type(error).__name__}: {error}"
        self.problems.append(Problem(self.path.name, number, reason))
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecords:
    """Everything that the processes of a run wrote."""

    processes: tuple[ProcessRecord, ...] = ()
    units: tuple[UnitRecord, ...] = ()
    ends: tuple[EndRecord, ...] = ()
    shared_reads: tuple[SharedReadsRecord, ...] = ()
    """The last one of a process tells all that it saw."""
    started: tuple[PythonProcess, ...] = ()
    """Every Python process, those that recorded nothing included."""
    problems: tuple[Problem, ...] = ()


def read_run(folder: RunFolder) -> RunRecords:
    """Read all records of a run.

    Raises
    ------
    EnneadError
        A file cannot be opened.
    """
    records: list[Record] = []
    problems: list[Problem] = []
    for path in folder.record_files:
        file = RecordFile(path)
        try:
            records.extend(file.read())
        except OSError as error:
            message = f"{path} cannot be read: {error.strerror or error}"
            raise EnneadError(message) from error
        problems += file.problems
    return RunRecords(
        processes=tuple(record for record in records if isinstance(record, ProcessRecord)),
        units=tuple(record for record in records if isinstance(record, UnitRecord)),
        ends=tuple(record for record in records if isinstance(record, EndRecord)),
        shared_reads=tuple(record for record in records if isinstance(record, SharedReadsRecord)),
        started=tuple(read_processes(folder)),
        problems=tuple(problems),
    )


def read_processes(folder: RunFolder) -> Iterator[PythonProcess]:
    """The Python processes that were started; lines that cannot be read are passed over."""
    try:
        lines = folder.processes_file.read_bytes().splitlines()
    except OSError:
        return
    for line in lines:
        try:
            data: dict[str, Any] = json.loads(line)
            yield PythonProcess(data["pid"], data["executable"] or "", data["python"], data["problem"])
        except (ValueError, KeyError, TypeError):
            continue
