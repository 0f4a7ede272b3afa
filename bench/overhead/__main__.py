"""`python -m bench.overhead`: what recording costs, beside bare libraries, an empty hook and the peers.

Prints one table and writes RESULTS.md. `--part variants` measures one part only and writes nothing.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import ennead
from bench.overhead import call_sites, dbapi_cases, django_cases, rivals, sqlalchemy_cases
from bench.overhead.case import BARE, BARE_AGAIN, EMPTY_HOOK, Case, Variant
from bench.overhead.pairing import Comparison, compare, rounds
from bench.overhead.report import Run, results, table
from bench.overhead.stopwatch import settle
from bench.overhead.variants import django_variants, ennead_variants, sqlalchemy_variants

RESULTS = Path(__file__).with_name("RESULTS.md")
PARTS = ("variants", "sites", "peers")
LAUNCHES = 2


def main() -> None:
    arguments = _parse()
    parts = arguments.part or PARTS
    comparisons: list[Comparison] = []
    sites: list[call_sites.SiteCost] = []
    with django_cases.set_up(), sqlalchemy_cases.set_up():
        settle()
        if "variants" in parts:
            comparisons = [row for each in _variants(arguments.rounds) for row in each]
        if "sites" in parts:
            sites = list(_sites(arguments.rounds))
    run = Run(comparisons, sites, list(_peers(arguments.rounds)) if "peers" in parts else [])
    print(table(run))
    if not arguments.part:
        RESULTS.write_text(results(run, "python -m bench.overhead"), encoding="utf-8")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", action="append", choices=PARTS, help="this part only (may be given again)")
    parser.add_argument("--rounds", type=int, default=120, help="of each comparison (default %(default)s)")
    return parser.parse_args()


def _variants(round_count: int) -> Iterator[list[Comparison]]:
    work = [(case, django_variants()) for case in django_cases.cases()]
    work += [(case, sqlalchemy_variants()) for case in sqlalchemy_cases.cases()]
    work.append((dbapi_cases.case(), _dbapi_variants()))
    for case, variants in work:
        _tell(case.name)
        yield compare(case, rounds(case, variants, _fewer_if_long(case, round_count)))


def _fewer_if_long(case: Case, round_count: int) -> int:
    """A page takes ten times as long as any other sample."""
    return max(round_count // 3, 2) if "template" in case.name else round_count


def _dbapi_variants() -> tuple[Variant, ...]:
    plain, empty = dbapi_cases.unwrapped, dbapi_cases.EmptyConnection
    return (
        Variant(BARE, lambda: dbapi_cases.wrapping(plain)),
        Variant(EMPTY_HOOK, lambda: dbapi_cases.wrapping(empty)),
        *(_wrapped(variant) for variant in ennead_variants()),
        Variant(BARE_AGAIN, lambda: dbapi_cases.wrapping(plain)),
    )


def _wrapped(variant: Variant) -> Variant:
    return Variant(variant.name, lambda: dbapi_cases.wrapping(ennead.wrap_connection, variant.active))


def _sites(round_count: int) -> Iterator[call_sites.SiteCost]:
    for user_depth in call_sites.USER_DEPTHS:
        for library_depth in call_sites.LIBRARY_DEPTHS:
            yield _site(call_sites.raw_queries(user_depth, library_depth), round_count)
    yield _site(call_sites.django_loads(), round_count)
    yield _site(call_sites.sqlalchemy_loads(), round_count)


def _site(work: call_sites.Work, round_count: int) -> call_sites.SiteCost:
    _tell(work.what)
    return call_sites.measure(work, round_count)


def _peers(round_count: int) -> Iterator[rivals.PeerCost]:
    for peer in rivals.PEERS:
        _tell(f"{peer.name} on {peer.library}")
        yield from rivals.measure(peer, max(round_count // 6, 2), LAUNCHES)


def _tell(what: str) -> None:
    print(what, file=sys.stderr)


if __name__ == "__main__":
    main()
