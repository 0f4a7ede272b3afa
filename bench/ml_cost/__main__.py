"""`python -m bench.ml_cost`: the rules alone beside the learnt part, over 1,000 analyses, in time and memory.

Prints the tables and writes RESULTS.md. `--times 50` is quicker and writes nothing.
"""

from __future__ import annotations

import argparse
import sys
from itertools import product
from pathlib import Path

import ennead
from bench.analysis.measure import record_contexts
from bench.analysis.pages import PAGES
from bench.analysis.shop import open_shop
from bench.ml_cost.measure import Cost, Parts, measure, parts
from bench.ml_cost.report import parts_table, results, table
from bench.ml_cost.stand_in import ShippedOrStandIn
from ennead.domains.nplusone.levels import LEVELS, reduce_to

RESULTS = Path(__file__).with_name("RESULTS.md")
SIZES = (100, 1_000)
TIMES = 1_000
SHARES = {100: 1.0, 1_000: 0.3}
"""Of the analyses, by size: a large context says as much with fewer."""


def main() -> None:
    arguments = _parse()
    database = open_shop(SIZES[-1])
    recorded = {(pages, size): record_contexts(database, pages, size) for pages, size in product(PAGES, SIZES)}
    ennead.uninstall()
    costs: list[Cost] = []
    told: list[Parts] = []
    for pages, level, size in product(PAGES, LEVELS, SIZES):
        print(f"{pages}, {level}, {size} queries ...", file=sys.stderr)
        contexts = [reduce_to(context, level) for context in recorded[pages, size]]
        times = max(round(arguments.times * SHARES[size]), len(contexts))
        costs += measure(contexts, pages, size, times)
        told.append(parts(contexts, pages, size, max(times // 10, len(contexts))))
    print(table(costs), parts_table(told), sep="\n\n")
    if arguments.times == TIMES:
        RESULTS.write_text(results(costs, told, ShippedOrStandIn().names), encoding="utf-8")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=TIMES, help="analyses of each sort (default %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
