"""From what the processes of a replay wrote to one trace."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from ennead.domains.nplusone import QueryExecutionContext
from ennead.fixes.trace import Outcome, ReplayTrace, StatementTrace, UnitTrace
from ennead.runs.folder import RunFolder
from ennead.runs.reading import read_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from ennead.domains.nplusone import QueryRecord
    from ennead.replay.scratch import Scratch
    from ennead.runs.records import UnitRecord

_ORDERED = re.compile(r"\border\s+by\b", re.IGNORECASE)
_TAIL = 4_000
_GROUPED = frozenset({"select", "insert", "update", "delete", "merge"})


def read_trace(folder: Path, scratch: Scratch, *, exit_code: int, duration_ms: float, size: int) -> ReplayTrace:
    """Everything that the processes of a replay wrote.

    Parameters
    ----------
    folder
        The replay's.
    scratch
        The copy of the project that it worked on.
    exit_code, duration_ms, size
        Of the replay as a whole.

    Raises
    ------
    EnneadError
        Records cannot be opened.
    """
    records = read_run(RunFolder(folder / "records"))
    notes = list(read_notes(folder))
    stdout = _text(folder / "stdout").replace(str(scratch.path), "<project>")
    return ReplayTrace(
        size=size,
        exit_code=exit_code,
        stdout=stdout,
        stderr_tail=_text(folder / "stderr").replace(str(scratch.path), "<project>")[-_TAIL:],
        units=tuple(_unit(unit) for unit in records.units),
        mails=tuple(note["text"] for note in notes if note["note"] == "mail"),
        egress=tuple(note["address"] for note in notes if note["note"] == "egress"),
        files_written=scratch.written(),
        line_counts=_line_counts(notes),
        peak_memory_bytes=max((note["peak_bytes"] for note in notes if note["note"] == "cost"), default=0),
        cpu_ms=sum(note["cpu_ms"] for note in notes if note["note"] == "cost"),
        duration_ms=duration_ms,
        problems=tuple(dict.fromkeys(_problems(notes, [str(problem) for problem in records.problems]))),
        scratch_root=str(scratch.path),
    )


def read_notes(folder: Path) -> Iterator[dict[str, Any]]:
    """The notes of all processes; a line that was cut off is passed over."""
    for path in sorted(folder.glob("witness-*.jsonl")):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                note = json.loads(line)
            except ValueError:
                continue
            if isinstance(note, dict) and "note" in note:
                yield note


def _unit(record: UnitRecord) -> UnitTrace:
    queries: Sequence[QueryRecord] = ()
    if record.context is not None:
        queries = QueryExecutionContext.from_dict(record.context).queries
    return UnitTrace(
        kind=record.kind,
        name=record.name,
        route=record.route,
        query_count=record.query_count,
        database_ms=record.database_ms,
        duration_ms=record.duration_ms,
        statements=tuple(_statements(queries)),
        outcome=Outcome(**record.outcome) if record.outcome else None,
        findings=record.findings,
        writing_transactions=_writing_transactions(queries),
    )


def _writing_transactions(queries: Sequence[QueryRecord]) -> int:
    writes = [query for query in queries if query.is_write and query.operation in _GROUPED]
    inside = {(query.connection, query.transaction) for query in writes if query.transaction is not None}
    return len(inside) + sum(query.transaction is None for query in writes)


def _statements(queries: Sequence[QueryRecord]) -> Iterator[StatementTrace]:
    groups: defaultdict[tuple[str, str], list[QueryRecord]] = defaultdict(list)
    for query in queries:
        if query.operation in _GROUPED:
            groups[query.statement_fingerprint, query.connection].append(query)
    for (fingerprint, connection), members in groups.items():
        first = members[0]
        counted = [query.row_count for query in members if query.row_count is not None]
        yield StatementTrace(
            fingerprint=fingerprint,
            statement=first.statement,
            connection=connection,
            count=len(members),
            row_count=sum(counted) if counted else None,
            is_write=first.is_write,
            tables=first.tables,
            is_ordered=_ORDERED.search(first.statement) is not None,
            access=first.call_path[0] if first.call_path else None,
        )


def _line_counts(notes: Sequence[Mapping[str, Any]]) -> dict[str, dict[int, int]]:
    total: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for note in notes:
        if note["note"] == "lines":
            for name, counts in note["counts"].items():
                total[name].update({int(line): count for line, count in counts.items()})
    return {name: dict(counts) for name, counts in total.items()}


def _problems(notes: Sequence[Mapping[str, Any]], broken: Sequence[str]) -> Iterator[str]:
    for note in notes:
        if note["note"] == "refused write":
            yield f"a write outside of the project was refused: {note['path']}"
        elif note["note"] == "refused program":
            yield f"a program that cannot be isolated was refused: {note['name']}"
        elif note["note"] == "program":
            yield f"a program that is not Python was started, and not isolated: {note['name']}"
        elif note["note"] == "original module":
            yield f"a module was imported from the project itself, not from its copy: {note['path']}"
    yield from (f"a record could not be read: {problem}" for problem in broken)


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")
