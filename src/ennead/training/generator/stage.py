"""Plays blocks: writes the source that would have run them, and records their queries as an agent would have."""

from __future__ import annotations

import hashlib
import linecache
from collections import defaultdict, deque
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from ennead.domains.nplusone.observation import QueryExecutionContext, QueryRecord
from ennead.kernel.call_site import CallSite
from ennead.kernel.records import Supply
from ennead.training.generator.block import Block, Call, Header
from ennead.training.generator.schema import Select, Style, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from random import Random

_START = datetime(2026, 1, 1, tzinfo=UTC)
_MAX_SUPPLIES = 3
_HEADERS: dict[Header, str] = {
    "rows": "for row in rows:",
    "template": "for row in rows:",
    "comprehension": "for row in rows:",
    "range": "for number in range(count):",
    "while": "while rows:",
    "poll": "while True:",
    "constants": 'for value in ("a", "b", "c", "d", "e", "f"):',
}
_NOTHING = Call(Select(Table("", "", ())))


class Played(NamedTuple):
    """A context, and which of its queries belong to an N+1."""

    context: QueryExecutionContext
    n_plus_one: frozenset[int]


@dataclass
class _Draft:
    """A query that is not in its place yet."""

    call: Call
    path: tuple[CallSite, ...]
    starts_ms: float
    duration_ms: float
    control: str = ""


@dataclass
class _Lines:
    """Where the calls of one block stand."""

    before: list[CallSite]
    body: list[CallSite]


class Stage:
    """One unit of work that is being played.

    Parameters
    ----------
    random
        Every choice comes out of it.
    style
        How the statements are written.
    database
        Its name in the records.
    name
        Of the unit of work, and of its source: different for each.
    """

    def __init__(self, random: Random, style: Style, database: str, name: str) -> None:
        self._random = random
        self._style = style
        self._database = database
        self.name = name
        self.file = f"<generated {name}>"
        self._source: list[str] = []
        self._drafts: list[_Draft] = []
        self._clock_ms = random.uniform(0.2, 20.0)
        self._latency_ms = random.choice((0.05, 0.2, 0.8, 3.0))
        self._thinking_ms = random.choice((0.05, 0.3, 1.0, 5.0))
        self._outer = [self._write_outer(f"view{depth}") for depth in range(random.randint(0, 5))]

    def play(self, blocks: Sequence[Block]) -> Played:
        """Run the blocks one after the other, scattered ones in between."""
        written = [(block, self._write_block(block, number)) for number, block in enumerate(blocks)]
        turns = [
            (block, lines, turn) for block, lines in written if not block.is_scattered for turn in self._parts(block)
        ]
        for block, lines in written:
            for turn in self._parts(block) if block.is_scattered else ():
                turns.insert(self._random.randint(0, len(turns)), (block, lines, turn))
        for block, lines, turn in turns:
            self._run(block, lines, turn)
        return self._recorded()

    def forget(self) -> None:
        """Take the source away again."""
        linecache.cache.pop(self.file, None)

    @staticmethod
    def _parts(block: Block) -> Iterable[Sequence[Sequence[Call]]]:
        """Turn by turn what is scattered, and all of it at once what is not."""
        return [[turn] for turn in block.turns] if block.is_scattered else [block.turns]

    # -------------------------------------------------------------------------------------------- source

    def _write_outer(self, name: str) -> CallSite:
        """A function that only calls the next one further in."""
        self._source += [f"def {name}():", "    return inner()", ""]
        return self._site(len(self._source) - 1, name)

    def _write_block(self, block: Block, number: int) -> _Lines:
        name = f"{self._random.choice(('load', 'show', 'export', 'sync'))}_{number}"
        self._source += [f"def {name}(rows, count):"]
        before = [self._line(1, f"rows = ask({position})", name) for position, _ in enumerate(block.before)]
        header = _HEADERS.get(block.header)
        depth = 1
        if header:
            self._line(1, header, name)
            depth = 2
        if block.header == "poll":
            self._line(2, "sleep(1)", name)
        body = []
        line_count = 1 + max((call.line for turn in block.turns for call in turn), default=0)
        for line in range(line_count):
            if line == block.inner_from:
                self._line(depth, "for item in row.items:", name)
                depth += 1
            body.append(self._line(depth, f"use(row.part{line})", name))
        self._source.append("")
        return _Lines(before, body)

    def _line(self, depth: int, text: str, function: str) -> CallSite:
        self._source.append("    " * depth + text)
        return self._site(len(self._source), function, text)

    def _site(self, line: int, function: str, source: str | None = None) -> CallSite:
        return CallSite(self.file, line, function, source, module=self.name)

    # -------------------------------------------------------------------------------------------- queries

    def _run(self, block: Block, lines: _Lines, turns: Sequence[Sequence[Call]]) -> None:
        inside = self._inside(block)
        if not block.is_scattered:
            for call, site in zip(block.before, lines.before, strict=True):
                self._ask(call, (site, *self._outer))
        clocks = [self._clock_ms] * max(block.worker_count, 1)
        for turn in turns:
            worker = clocks.index(min(clocks))
            self._clock_ms = clocks[worker]
            self._control(block.controls[:1], inside)
            for call in turn:
                self._ask(call, (lines.body[call.line], *inside, *self._outer))
            self._control(block.controls[1:], inside)
            clocks[worker] = self._clock_ms
        self._clock_ms = max(clocks)

    def _inside(self, block: Block) -> tuple[CallSite, ...]:
        """The frames between a line and the loop, where that is not in the same function."""
        if block.header != "template":
            return ()
        site = CallSite("page.html", self._random.randint(3, 90), "page.html", language="django-template")
        return (replace(site, note="for row in rows"),)

    def _control(self, statements: Iterable[str], inside: tuple[CallSite, ...]) -> None:
        for statement in statements:
            self._note(_Draft(_NOTHING, (*inside, *self._outer), self._clock_ms, 0.0, statement))

    def _ask(self, call: Call, path: tuple[CallSite, ...]) -> None:
        self._clock_ms += call.pause_ms + self._random.expovariate(1.0 / self._thinking_ms)
        self._note(_Draft(call, path, self._clock_ms, 0.0))

    def _note(self, draft: _Draft) -> None:
        slow = 10.0 if self._random.random() < 0.01 else 1.0  # noqa: PLR2004 -- a lock or a pause of the collector
        draft.duration_ms = self._latency_ms * slow * self._random.lognormvariate(0.0, 0.35)
        self._clock_ms += draft.duration_ms
        self._drafts.append(draft)

    # -------------------------------------------------------------------------------------------- records

    def _recorded(self) -> Played:
        text = "\n".join(self._source) + "\n"
        linecache.cache[self.file] = (len(text), None, text.splitlines(keepends=True), self.file)
        drafts = sorted(self._drafts, key=lambda draft: draft.starts_ms)
        suppliers = _Suppliers()
        queries = []
        for index, draft in enumerate(drafts):
            queries.append(self._record(draft, suppliers))
            suppliers.add(index, draft.call.rows)
        context = QueryExecutionContext(
            self.name, None, None, _START, self._clock_ms + self._thinking_ms, tuple(queries)
        )
        return Played(context, frozenset(index for index, draft in enumerate(drafts) if draft.call.is_n_plus_one))

    def _record(self, draft: _Draft, suppliers: _Suppliers) -> QueryRecord:
        call, statement = draft.call, draft.control or self._text(draft.call)
        is_read = isinstance(call.statement, Select)
        values = [each for value in call.values for each in (value if isinstance(value, tuple) else (value,))]
        hashes = tuple(map(_hash, values))
        orm = call.orm
        return QueryRecord(
            statement=statement,
            statement_fingerprint=_hash(statement),
            parameters_hash=_hash("\n".join(values)) if values else None,
            started_at=_START + timedelta(milliseconds=draft.starts_ms),
            offset_ms=draft.starts_ms,
            duration_ms=draft.duration_ms,
            row_count=len(call.rows) if is_read and not draft.control and not call.error else None,
            call_path=draft.path,
            relation=orm.relation if orm else None,
            lazy_load=orm.lazy_load if orm else False,
            connection=call.connection,
            database=self._database,
            transaction=None,
            batch_size=1,
            error=call.error,
            operation=_operation(draft),
            tables=(call.statement.table.name,) if not draft.control else (),
            parameter_hashes=hashes,
            list_sizes=tuple(len(value) for value in call.values if isinstance(value, tuple)),
            orm=orm,
            supplied_by=suppliers.of(values),
        )

    def _text(self, call: Call) -> str:
        statement = call.statement
        return self._style.select(statement) if isinstance(statement, Select) else self._style.write(statement)


class _Suppliers:
    """Which earlier rows hold a value, the nearest query first."""

    def __init__(self) -> None:
        self._columns: defaultdict[str, deque[tuple[int, int]]] = defaultdict(lambda: deque(maxlen=_MAX_SUPPLIES))

    def add(self, index: int, rows: Iterable[Sequence[str]]) -> None:
        for row in rows:
            for column, value in enumerate(row):
                if (index, column) not in self._columns[value]:
                    self._columns[value].appendleft((index, column))

    def of(self, values: Sequence[str]) -> tuple[Supply, ...]:
        return tuple(
            Supply(query, column, parameter)
            for parameter, value in enumerate(values)
            for query, column in self._columns.get(value, ())
        )


def _operation(draft: _Draft) -> str:
    if draft.control:
        return draft.control.split(" ", maxsplit=1)[0].lower()
    return "select" if isinstance(draft.call.statement, Select) else draft.call.statement.operation


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
