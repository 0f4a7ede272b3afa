import json

from ennead.kernel.finding import Finding
from ennead.reporting.comparison import comparison_to_dict
from tests.reporting.comparisons import CHANGES, SQL, comparison


def test_the_whole_document() -> None:
    document = json.loads(json.dumps(comparison_to_dict(comparison())))
    findings = document.pop("findings")
    side = {
        "run_id": "20261102T093000Z-abcdef",
        "command": "pytest tests",
        "started_at": "2026-11-02T09:30:00+00:00",
        "unit_count": 3,
        "query_count": 1_234,
        "finding_count": 6,
    }
    assert document == {
        "schema": 1,
        "before": side,
        "after": side | {"run_id": "20261103T093000Z-123456", "finding_count": 4},
        "summary": {"new": 1, "grown": 1, "shrunk": 1, "gone": 1, "suppressed": 1, "not-run": 1, "same": 1},
        "routes": [{"route": "orders/", "kind": "request", "before": 123, "after": 4}],
        "statements": [
            {"route": "orders/", "statement": SQL, "statement_fingerprint": "abc", "before": 1, "after": 30},
        ],
        "notes": ["only the second run did basket/"],
    }
    assert [(each["status"], each["before"], each["after"], each["note"]) for each in findings] == [
        (status, before, after, note) for status, _relation, before, after, note in CHANGES
    ]
    assert findings[0]["routes"] == ["orders/", "basket/"]
    assert Finding.from_dict(findings[0]["finding"]).relation == "shop.Order.coupon"


def test_what_is_the_same_did_not_change() -> None:
    assert [change.status for change in comparison().changed] == [status for status, *_ in CHANGES if status != "same"]
    assert [change.finding.relation for change in comparison().of("new", "gone")] == [
        "shop.Order.coupon", "shop.Order.notes",
    ]  # fmt: skip
