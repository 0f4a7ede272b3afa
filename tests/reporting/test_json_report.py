import json

from ennead.kernel.call_site import CallSite
from ennead.kernel.finding import Finding, Recommendation
from ennead.reporting.json_report import json_report
from tests.reporting.findings import finding
from tests.reporting.reports import ASKED_AGAIN, evil_report, report


def test_the_whole_document() -> None:
    document = json.loads(json_report(report()))
    findings, suppressed = document.pop("findings"), document.pop("suppressed")
    assert document.pop("asked_again") == []
    assert document == {
        "schema": 1,
        "run": {
            "id": "20261102T093000Z-abcdef",
            "command": "python manage.py runserver",
            "started_at": "2026-11-02T09:30:00+00:00",
            "duration_seconds": 12.5,
            "exit_code": 0,
            "project_root": "/srv",
            "versions": {"ennead": "0.1.0", "django": "5.2.8"},
            "process_count": 2,
        },
        "summary": {
            "unit_counts": {"request": 3, "script": 1},
            "query_count": 1234,
            "database_ms": 321.0,
            "finding_count": 2,
            "suppressed_count": 1,
            "known_count": 0,
            "wasted_ms": 151.5,
        },
        "known": [],
        "look_alikes": [],
        "unused_suppressions": [],
        "stories": [["f1:00000000000000aa", "f1:00000000000000bb"]],
        "routes": [
            {
                "route": "orders/",
                "kind": "request",
                "unit_count": 3,
                "query_count": 606,
                "max_query_count": 202,
                "database_ms": 200.0,
                "duration_ms": 400.0,
                "wasted_ms": 151.5,
                "finding_count": 2,
            }
        ],
        "notes": ["2 units of work were dropped"],
    }
    assert Finding.from_dict(findings[0].pop("finding")) == finding()
    assert findings[0] == {
        "occurrence_count": 3,
        "total_query_count": 300,
        "total_wasted_ms": 148.5,
        "routes": {"orders/": 3},
    }
    assert [entry["finding"]["suppressed"] for entry in suppressed] == ["at most three rows"]


def test_what_is_asked_again() -> None:
    (asked,) = json.loads(json_report(report(asked_again=(ASKED_AGAIN,))))["asked_again"]
    (recommendation,) = asked.pop("recommendations")
    assert Recommendation.from_dict(recommendation) == ASKED_AGAIN.recommendations[0]
    assert CallSite.from_dict(asked.pop("call_site")) == ASKED_AGAIN.call_site
    assert asked == {
        "kind": "request",
        "statement": 'SELECT "t"."percent" FROM "tax_rate" "t"',
        "statement_fingerprint": "abc",
        "unit_count": 12,
        "unit_total": 14,
        "execution_count": 13,
        "duration_ms": 6.5,
        "row_count": 3,
        "places": ["orders/", "basket/"],
        "change_count": 1,
        "cache_key": "shop.TaxRate:all:v1",
        "ttl_seconds": 60,
    }


def test_what_is_asked_again_is_no_finding() -> None:
    without = json.loads(json_report(report()))
    told = json.loads(json_report(report(asked_again=(ASKED_AGAIN,))))
    assert told.pop("asked_again") != without.pop("asked_again")
    assert told == without


def test_what_json_cannot_say_is_null() -> None:
    odd = finding(confidence=float("nan"), evidence={"ratios": [float("inf"), 1.5]})
    document = json.loads(json_report(report(entries=(report().entries[0].of(odd),))), parse_constant=_refuse)
    (entry,) = document["findings"]
    assert entry["finding"]["confidence"] is None
    assert entry["finding"]["evidence"] == {"ratios": [None, 1.5]}


def _refuse(name: str) -> None:
    raise AssertionError(name)


def test_any_text_survives() -> None:
    document = json.loads(json_report(evil_report()))
    assert document["run"]["command"] == evil_report().title
