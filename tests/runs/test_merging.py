from dataclasses import replace
from datetime import timedelta

from ennead.runs.merging import merge, report_of
from ennead.runs.reading import RunRecords
from ennead.runs.records import EndRecord, Sighting
from tests.reporting.findings import STARTED, finding
from tests.runs.test_folder import FACTS
from tests.runs.test_records import LOOK_ALIKE, PROCESS
from tests.runs.units import unit

AA, BB = "f1:00000000000000aa", "f1:00000000000000bb"


def test_one_finding_in_many_units_of_work_is_one_entry() -> None:
    units = [
        unit(finding(query_count=10, wasted_ms=2.0)),
        unit(finding(query_count=50, wasted_ms=9.0, severity="critical")),
        unit(sightings=(Sighting(AA, 40, 8.0),), route="export/"),
    ]
    (entry,) = merge(units)
    assert (entry.finding.query_count, entry.finding.severity) == (50, "critical")
    assert (entry.occurrence_count, entry.total_query_count, entry.total_wasted_ms) == (3, 100, 19.0)
    assert entry.routes == {"orders/": 2, "export/": 1}


def test_two_findings_stay_two() -> None:
    assert [entry.finding.id for entry in merge([unit(finding(), finding(id=BB))])] == [AA, BB]


def test_a_finding_that_is_suppressed_halfway_has_two_entries() -> None:
    entries = merge([unit(finding()), unit(finding(suppressed="fine"))])
    assert [(entry.finding.suppressed, entry.occurrence_count) for entry in entries] == [(None, 1), ("fine", 1)]


def test_sightings_of_a_finding_that_was_lost_make_no_entry() -> None:
    assert merge([unit(sightings=(Sighting(AA, 4, 1.0),))]) == []


def test_the_report_of_a_run() -> None:
    records = RunRecords(
        processes=(PROCESS,),
        units=(
            unit(finding(), finding(id=BB, severity="critical", wasted_ms=1.0)),
            unit(sightings=(Sighting(AA, 100, 10.0),)),
            unit(finding(id="f1:cc", suppressed="fine"), route=None, name="import", kind="command", query_count=5),
        ),
        ends=(EndRecord(pid=7, ended_at=STARTED, hooked={"flask": "3.1"}),),
    )
    facts_ended = FACTS.ended_at
    assert facts_ended is not None
    report = report_of("run-1", FACTS, records)
    assert (report.title, report.exit_code, report.duration_seconds) == ("python manage.py check", 0, 0.0)
    assert [entry.finding.id for entry in report.entries] == [BB, AA]
    assert [entry.finding.id for entry in report.suppressed] == ["f1:cc"]
    assert (report.unit_counts, report.query_count) == ({"request": 2, "command": 1}, 207)
    assert report.wasted_ms == 1.0 + 49.5 + 10.0
    assert report.versions == {"ennead": "0.1.0", "django": "5.2.8", "flask": "3.1"}
    assert [
        (load.route, load.unit_count, load.query_count, load.max_query_count, load.finding_count)
        for load in report.routes
    ] == [
        ("orders/", 2, 202, 101, 2),
        ("import", 1, 5, 5, 0),
    ]
    assert report.routes[0].wasted_ms == 1.0 + 49.5 + 10.0


def test_a_run_that_goes_on_has_no_duration() -> None:
    report = report_of("run-1", replace(FACTS, ended_at=None), RunRecords())
    assert report.duration_seconds is None
    assert (
        report_of("run-1", replace(FACTS, ended_at=STARTED + timedelta(seconds=2)), RunRecords()).duration_seconds == 2
    )


def test_a_look_alike_of_several_processes_is_one_with_most_queries() -> None:
    small, large = LOOK_ALIKE, replace(LOOK_ALIKE, query_count=9)
    other = replace(LOOK_ALIKE, veto="pages", query_count=5)
    records = RunRecords(units=(unit(look_alikes=(small, other)), unit(look_alikes=(large,))))
    assert report_of("run-1", FACTS, records).look_alikes == (large, other)
