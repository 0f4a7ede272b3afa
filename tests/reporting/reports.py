"""A report with everything in it, harmless or not."""

from dataclasses import replace

from ennead.kernel.call_site import CallSite
from ennead.kernel.finding import Recommendation
from ennead.reporting.report import AskedAgain, Entry, Report, RouteLoad
from tests.reporting.findings import STARTED, finding

EVIL = "</code><script>alert('x')</script>\x1b[31m&amp;"

RATES = CallSite("shop/tax.py", 4, "rates", "return list(TaxRate.objects.all())", module="shop.tax")
ASKED_AGAIN = AskedAgain(
    kind="request",
    statement='SELECT "t"."percent" FROM "tax_rate" "t"',
    statement_fingerprint="abc",
    call_site=RATES,
    unit_count=12,
    unit_total=14,
    execution_count=13,
    duration_ms=6.5,
    row_count=3,
    places=("orders/", "basket/"),
    change_count=1,
    cache_key="shop.TaxRate:all:v1",
    ttl_seconds=60,
    recommendations=(Recommendation("Keep the TaxRate answer for 60 s", "It may be old.", "cached()", place=RATES),),
)


def report(**changes: object) -> Report:
    first = finding()
    second = finding(id="f1:00000000000000bb", relation="shop.Order.coupon", severity="low", wasted_ms=3.0, evidence={})
    values: dict[str, object] = {
        "title": "python manage.py runserver",
        "run_id": "20261102T093000Z-abcdef",
        "started_at": STARTED,
        "duration_seconds": 12.5,
        "exit_code": 0,
        "project_root": "/srv",
        "versions": {"ennead": "0.1.0", "django": "5.2.8"},
        "process_count": 2,
        "unit_counts": {"request": 3, "script": 1},
        "query_count": 1234,
        "database_ms": 321.0,
        "entries": (
            Entry(
                finding=first, occurrence_count=3, total_query_count=300, total_wasted_ms=148.5, routes={"orders/": 3}
            ),
            Entry.of(second),
        ),
        "suppressed": (Entry.of(finding(id="f1:00000000000000cc", suppressed="at most three rows")),),
        "routes": (
            RouteLoad(
                route="orders/",
                kind="request",
                unit_count=3,
                query_count=606,
                max_query_count=202,
                database_ms=200.0,
                duration_ms=400.0,
                wasted_ms=151.5,
                finding_count=2,
            ),
        ),
        "notes": ("2 units of work were dropped",),
    }
    return Report(**{**values, **changes})  # type: ignore[arg-type]


def evil_report() -> Report:
    """Whatever a program may put into a report, it puts there what hurts most."""
    site = CallSite(f"shop/{EVIL}.py", 3, EVIL, EVIL, note=EVIL)
    bad = finding(
        statement=f"SELECT {EVIL} FROM t",
        relation=EVIL,
        models=(EVIL,),
        route=EVIL,
        call_site=site,
        call_path=(site,),
        loop=site,
        origin=site,
        explanation=EVIL,
        recommendations=(Recommendation(EVIL, EVIL, EVIL, place=site),),
        evidence={EVIL: EVIL, "list": [EVIL]},
    )
    asked = replace(
        ASKED_AGAIN, kind=EVIL, statement=bad.statement, call_site=site, places=(EVIL,), cache_key=f'"{EVIL}',
        recommendations=bad.recommendations,
    )  # fmt: skip
    entry = Entry(finding=bad, total_query_count=1, total_wasted_ms=1.0, routes={EVIL: 2})
    return report(
        title=EVIL,
        run_id=EVIL,
        versions={EVIL: EVIL},
        entries=(entry,),
        suppressed=(Entry.of(finding(suppressed=EVIL, relation=EVIL, call_site=site)),),
        notes=(EVIL,),
        asked_again=(asked,),
        routes=(RouteLoad(
            route=EVIL, kind=EVIL, unit_count=1, query_count=1, max_query_count=1,
            database_ms=1.0, duration_ms=1.0, wasted_ms=1.0, finding_count=1,
        ),),
    )  # fmt: skip
