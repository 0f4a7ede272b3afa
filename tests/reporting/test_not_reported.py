"""The list of what is not reported, by what keeps it back."""

import io

from rich.console import Console

from ennead.domains.nplusone.look_alikes import LookAlike
from ennead.kernel.finding import Finding
from ennead.reporting.not_reported import NotReported
from ennead.reporting.places import Places
from ennead.reporting.report import Entry, Report
from tests.reporting.findings import ACCESS, finding
from tests.reporting.reports import EVIL

LOOK_ALIKE = LookAlike(
    code="n-plus-one",
    kind="raw-sql",
    veto="batches",
    confidence=0.0,
    statement="SELECT name FROM customer WHERE id IN (?)",
    statement_fingerprint="def",
    relation=None,
    query_count=1200,
    call_site=ACCESS,
)
UNSURE = LookAlike.from_dict({**LOOK_ALIKE.to_dict(), "veto": None, "confidence": 42.0, "relation": "shop.A.b"})


def _printed(report: Report, *, encoding: str = "utf-8") -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    NotReported(Console(file=file, width=200, color_system=None), Places("/srv", "/srv")).print_all(report)
    file.seek(0)
    return file.read()


def _suppressed(reason: str, by: str | None) -> Finding:
    return finding(suppressed=reason, evidence={"suppressed_by": by} if by else {})


def test_everything_under_its_title() -> None:
    report = Report(
        title="it",
        suppressed=tuple(
            map(
                Entry.of,
                (
                    _suppressed("few", "comment shop/pricing.py:7"),
                    _suppressed("rare", "comment shop/views.py:22"),
                    _suppressed("ignored by settings: shop.*", "ignore shop.*"),
                    _suppressed("below the threshold of job:* (200 queries)", "thresholds job:*"),
                    _suppressed("excused by the test", None),
                ),
            )
        ),
        known=(Entry.of(finding()),),
        look_alikes=(LOOK_ALIKE, UNSURE),
        unused_suppressions=("ignore 'legacy/*'",),
    )
    row = "  f1:00000000000000aa  shop.Order.customer  ×100  shop/pricing.py:7"
    assert _printed(report).splitlines() == [
        "By a comment",
        f"{row}  few",
        f"{row}  rare (comment at shop/views.py:22)",
        "Ignored by settings",
        f"{row}  ignored by settings: shop.*",
        "Below a threshold",
        f"{row}  below the threshold of job:* (200 queries)",
        "Suppressed",
        f"{row}  excused by the test",
        "Known in the baseline",
        row,
        "Look-alikes: they repeat, and are no N+1",
        f"  customer  ×1,200  shop/pricing.py:7  {LOOK_ALIKE.reason}",
        "Less sure than asked for",
        "  shop.A.b  ×1,200  shop/pricing.py:7  confidence 42 %, less than ENNEAD_MIN_CONFIDENCE asks for",
        "Suppressions that nothing was found for",
        "  ignore 'legacy/*'",
    ]


def test_nothing_is_said_in_one_line() -> None:
    assert _printed(Report(title="it")) == "nothing is suppressed\n"


def test_other_peoples_text_is_made_printable() -> None:
    bad = finding(suppressed=EVIL, relation=EVIL, evidence={"suppressed_by": f"comment {EVIL}"})
    printed = _printed(Report(title="it", suppressed=(Entry.of(bad),)), encoding="ascii")
    assert "\x1b" not in printed
    assert "x100" in printed
