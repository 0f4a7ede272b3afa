"""From what single processes read in common to what is worth keeping: merged over processes, with the advice."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from ennead.domains.nplusone.advice_caching import RepeatedAcrossUnits, caching_advice
from ennead.reporting.report import AskedAgain
from ennead.runs.shared_reads import MOST_CHANGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from ennead.runs.shared_reads_record import SharedRead, SharedReadsRecord

_FEWEST_UNITS = 5
_SMALLEST_SHARE = 0.3
_FEWEST_PLACES = 2
"""Whatever a page shows is the same each time that this page alone is asked for."""
_MOST_CHANGES_SHARE = 0.25
_SHOWN_PLACES = 8


def asked_again(records: Iterable[SharedReadsRecord]) -> tuple[AskedAgain, ...]:
    """Reads that many units of work asked with the same parameters, those that took most time first.

    At least five units of work and 30 % of those of their kind, from two routes; their tables were written in a quarter
    as many units of work at most.
    """
    latest = list({record.process: record for record in records}.values())
    totals: Counter[str] = Counter()
    changes: defaultdict[str, list[datetime]] = defaultdict(list)
    reads: defaultdict[tuple[object, ...], list[SharedRead]] = defaultdict(list)
    for record in latest:
        totals.update(record.unit_counts)
        for table, times in record.changes.items():
            changes[table] += times
        for read in record.reads:
            reads[read.question].append(read)
    told = (asked for group in reads.values() for asked in _asked(group, totals, changes))
    return tuple(sorted(told, key=lambda asked: (-asked.duration_ms, asked.statement)))


def _asked(
    reads: Sequence[SharedRead], totals: Mapping[str, int], changes: Mapping[str, Sequence[datetime]]
) -> Iterator[AskedAgain]:
    """Nothing, or what is told of one read in all processes."""
    first = min(reads, key=lambda read: read.first_at)
    unit_count = sum(read.unit_count for read in reads)
    total = max(totals.get(first.kind, 0), unit_count)
    places = tuple(dict.fromkeys(place for read in reads for place in read.places))
    last_at = max(read.last_at for read in reads)
    seen = [at for table in first.tables for at in changes.get(table, ()) if first.first_at <= at <= last_at]
    is_common = unit_count >= _FEWEST_UNITS and unit_count >= total * _SMALLEST_SHARE
    is_steady = len(seen) <= unit_count * _MOST_CHANGES_SHARE and len(seen) < MOST_CHANGES
    if not is_common or not is_steady or len(places) < _FEWEST_PLACES or any(read.is_ruled_out for read in reads):
        return
    seconds = (last_at - first.first_at).total_seconds()
    advice = caching_advice(
        RepeatedAcrossUnits(
            statement=first.statement,
            tables=first.tables,
            library=first.library,
            model=first.model,
            access=first.call_site,
            built_at=first.built_at,
            change_count=len(seen),
            seconds_between_changes=seconds / (len(seen) + 1),
        )
    )
    yield AskedAgain(
        kind=first.kind,
        statement=first.statement,
        statement_fingerprint=first.statement_fingerprint,
        call_site=first.call_site,
        unit_count=unit_count,
        unit_total=total,
        execution_count=sum(read.execution_count for read in reads),
        duration_ms=sum(read.duration_ms for read in reads),
        row_count=max(read.row_count for read in reads),
        places=places[:_SHOWN_PLACES],
        change_count=len(seen),
        cache_key=advice.key,
        ttl_seconds=advice.ttl_seconds,
        recommendations=advice.recommendations,
    )
