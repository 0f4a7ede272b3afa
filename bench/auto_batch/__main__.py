"""`python -m bench.auto_batch`: queries and time with and without automatic batching, per loading situation.

Prints one table and writes RESULTS.md. `--rounds 3` is quicker and writes nothing.
"""

from __future__ import annotations

import argparse
import gc
import platform
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

import sqlalchemy
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.orm import Session

from bench.auto_batch.shop import create
from bench.auto_batch.situations import SITUATIONS, Situation
from ennead.sources.sqlalchemy.auto_batch import hooks
from tests import postgresql

RESULTS = Path(__file__).with_name("RESULTS.md")
ROW_COUNT = 100
ROUNDS = 9


class Cost(NamedTuple):
    """One situation on one database: queries, milliseconds, and the ratio of the times of each pair of runs."""

    database: str
    situation: str
    query_counts: tuple[int, int]
    milliseconds: tuple[float, float]
    ratio: float


def main() -> None:
    arguments = _parse()
    costs: list[Cost] = []
    with ExitStack() as stack:
        for engine in _engines(stack):
            create(engine, ROW_COUNT)
            for situation in SITUATIONS:
                print(f"{engine.dialect.name}: {situation.__name__} ...", file=sys.stderr)
                costs.append(_measure(engine, situation, arguments.rounds))
    print(_table(costs))
    if arguments.rounds == ROUNDS:
        RESULTS.write_text(_results(costs), encoding="utf-8")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="pairs of runs (default %(default)s)")
    return parser.parse_args()


def _engines(stack: ExitStack) -> Iterator[Engine]:
    """SQLite in a file, and PostgreSQL where a server is at hand or can be started."""
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    yield _disposed(stack, create_engine(f"sqlite:///{folder}/shop.db"))
    try:
        server = stack.enter_context(postgresql.running_server())
    except postgresql.NoServerError as error:
        print(error, file=sys.stderr)
        return
    url = make_url(stack.enter_context(postgresql.database(server))).set(drivername="postgresql+psycopg")
    yield _disposed(stack, create_engine(url))


def _disposed(stack: ExitStack, engine: Engine) -> Engine:
    stack.callback(engine.dispose)
    return engine


def _measure(engine: Engine, situation: Situation, rounds: int) -> Cost:
    """Runs without and with batching in turn; both must read the same."""
    assert _run(engine, situation, batched=False) == _run(engine, situation, batched=True)
    counts = tuple(_query_count(engine, situation, batched=batched) for batched in (False, True))
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        for batched in (False, True) if number % 2 else (True, False):
            gc.collect()
            started = perf_counter()
            _run(engine, situation, batched=batched)
            times[batched].append((perf_counter() - started) * 1000)
    ratio = median(with_it / without for without, with_it in zip(*times, strict=True))
    name = situation.__name__.replace("_", " ")
    return Cost(engine.dialect.name, name, (counts[0], counts[1]), (median(times[0]), median(times[1])), ratio)


def _run(engine: Engine, situation: Situation, *, batched: bool) -> object:
    if batched:
        hooks.install()
    try:
        with Session(engine) as session:
            return situation(session)
    finally:
        hooks.uninstall()


def _query_count(engine: Engine, situation: Situation, *, batched: bool) -> int:
    count = 0

    def note(*_details: Any) -> None:
        nonlocal count
        count += 1

    event.listen(engine, "before_cursor_execute", note)
    try:
        _run(engine, situation, batched=batched)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return count


def _table(costs: Sequence[Cost]) -> str:
    lines = ["| database | situation | queries | with batching | ms | with batching | ratio |"]
    lines.append("|---|---|---:|---:|---:|---:|---:|")
    for cost in costs:
        counts, times = cost.query_counts, cost.milliseconds
        cells = (cost.database, cost.situation, counts[0], counts[1], f"{times[0]:.1f}", f"{times[1]:.1f}")
        lines.append(f"| {' | '.join(map(str, cells))} | {cost.ratio:.2f} |")
    return "\n".join(lines)


def _results(costs: Sequence[Cost]) -> str:
    today = datetime.now(tz=UTC).date().isoformat()
    return f"""# What automatic batching spares and costs

Measured by `python -m bench.auto_batch` on {today}: SQLAlchemy {sqlalchemy.__version__}, Python
{platform.python_version()}, {platform.system()} {platform.machine()}; {ROW_COUNT} orders, {ROUNDS} pairs of runs.

{_table(costs)}

- Each run has a session of its own and ends with it; switching batching on and off is part of the run.
- The two runs of a pair follow each other in changing order; the ratio is the median of the pairs' ratios, below 1 is
  faster. Both runs of a situation read the same values, which is asserted.
- The machine was shared with other work: compare ratios, not times, and those of a few milliseconds not at all.
- Both databases are on this machine: there is no network to a server, whose delay each spared query spares, too.
- "changes in the loop" is refused (a flush lies between the loads), "left after the second row" loads for rows that are
  never read, and the last two show what it costs where there is nothing to batch.
"""


if __name__ == "__main__":
    main()
