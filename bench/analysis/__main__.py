"""`python -m bench.analysis`: rules alone and with ML, on contexts of 100 and of 1,000 queries, in time and memory.

Prints one table and writes RESULTS.md. `--times 50` is quicker and writes nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path

import ennead
from bench.analysis.measure import Cost, measure, record_contexts
from bench.analysis.pages import PAGES
from bench.analysis.report import results, table
from bench.analysis.shop import open_shop
from ennead.domains.nplusone import QueryExecutionContext

RESULTS = Path(__file__).with_name("RESULTS.md")
SIZES = (100, 1_000)
TIMES = 1_000
FIRST_SIGHTS = 200
PROBES = 25


def main() -> None:
    arguments = _parse()
    database = open_shop(SIZES[-1])
    contexts = {(pages, size): record_contexts(database, pages, size) for pages, size in product(PAGES, SIZES)}
    ennead.uninstall()
    costs = list(_measure(contexts, arguments.times))
    print(table(costs))
    if arguments.times == TIMES:
        RESULTS.write_text(results(costs, contexts, "python -m bench.analysis"), encoding="utf-8")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=TIMES, help="analyses of each sort (default %(default)s)")
    return parser.parse_args()


def _measure(contexts: Mapping[tuple[str, int], Sequence[QueryExecutionContext]], times: int) -> Iterator[Cost]:
    for (pages, size), known, with_ml in product(contexts, (True, False), (False, True)):
        print(f"{pages}, {size} queries, known {known}, ML {with_ml} ...", file=sys.stderr)
        count = times if known else min(times, FIRST_SIGHTS)
        recorded, probes = contexts[pages, size], min(count, PROBES)
        yield measure(recorded, pages, size, known=known, with_ml=with_ml, times=count, probes=probes)


if __name__ == "__main__":
    main()
