"""What processes read in common, merged."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ennead.reporting.report import AskedAgain
from ennead.runs.asked_again import asked_again
from ennead.runs.shared_reads_record import SharedRead, SharedReadsRecord
from tests.reporting.findings import STARTED
from tests.runs.units import shared_read


def _record(*reads: SharedRead, process: str = "1", requests: int = 12, **changes: Any) -> SharedReadsRecord:
    return SharedReadsRecord(process=process, unit_counts={"request": requests}, reads=reads, **changes)


def _told(read: SharedRead, **record: Any) -> list[AskedAgain]:
    return list(asked_again([_record(read, **record)]))


def test_a_read_of_every_request_is_told_with_key_time_and_code() -> None:
    (asked,) = _told(shared_read())
    assert (asked.unit_count, asked.unit_total, asked.execution_count, asked.row_count) == (12, 12, 13, 3)
    assert (asked.cache_key, asked.ttl_seconds, asked.change_count) == ("shop.TaxRate:all:v1", 300, 0)
    assert asked.recommendations[0].code == (
        'return cache.get_or_set("shop.TaxRate:all:v1", lambda: list(TaxRate.objects.all()), 300)'
    )
    assert {recommendation.status for recommendation in asked.recommendations} == {"advice"}


@pytest.mark.parametrize(("units", "told"), [(5, 1), (4, 0)])
def test_a_few_units_of_work_show_nothing(units: int, told: int) -> None:
    assert len(_told(shared_read(unit_count=units), requests=units)) == told


@pytest.mark.parametrize(("total", "told"), [(20, 1), (41, 0)])
def test_it_must_be_read_by_a_good_share_of_them(total: int, told: int) -> None:
    assert len(_told(shared_read(), requests=total)) == told


def test_a_single_page_shows_nothing() -> None:
    assert _told(shared_read(places=("orders/",))) == []


def test_what_is_ruled_out_in_one_process_is_ruled_out() -> None:
    one, other = _record(shared_read()), _record(shared_read(is_ruled_out=True), process="2")
    assert len(asked_again([one])) == 1
    assert asked_again([one, other]) == ()


def test_processes_add_up_and_the_last_record_of_each_counts() -> None:
    few = shared_read(unit_count=3, execution_count=3, duration_ms=1.0)
    other = replace(few, places=("about/",), first_at=STARTED - timedelta(seconds=1))
    records = [
        _record(few, requests=3),
        _record(replace(few, unit_count=4), requests=4),
        _record(other, process="2", requests=5),
    ]
    (asked,) = asked_again(records)
    assert (asked.unit_count, asked.unit_total, asked.execution_count, asked.duration_ms) == (7, 9, 6, 2.0)
    assert asked.places == ("orders/", "basket/", "about/")
    assert asked_again(records[:1]) == ()


@pytest.mark.parametrize(
    "change",
    [{"parameters_hash": "other"}, {"statement_fingerprint": "other"}, {"connection": "other"}, {"kind": "job"}],
    ids=lambda change: next(iter(change)),
)
def test_another_question_is_counted_for_itself(change: dict[str, Any]) -> None:
    few = shared_read(unit_count=3)
    assert len(asked_again([_record(few, replace(few))])) == 1
    assert asked_again([_record(few, replace(few, **change))]) == ()


def test_writes_make_it_shorter() -> None:
    at = tuple(STARTED + timedelta(seconds=seconds) for seconds in (-5, 20, 40, 500))
    (asked,) = _told(shared_read(), changes={"tax_rate": at, "order": at * 9})
    assert (asked.change_count, asked.ttl_seconds) == (2, 16)
    assert "written 2 times" in asked.recommendations[0].text


def test_what_changes_all_the_time_is_not_told() -> None:
    at = tuple(STARTED + timedelta(seconds=seconds) for seconds in range(4))
    assert len(_told(shared_read(), changes={"tax_rate": at[:3]})) == 1
    assert _told(shared_read(), changes={"tax_rate": at}) == []


def test_the_dearest_first() -> None:
    cheap, dear = shared_read(), shared_read(statement_fingerprint="dear", duration_ms=99.0)
    assert [asked.duration_ms for asked in asked_again([_record(cheap, dear)])] == [99.0, 6.5]
