"""A comparison with everything in it, harmless or not."""

from ennead.kernel.call_site import CallSite
from ennead.reporting.comparison import ComparedRun, Comparison, FindingChange, RouteChange, StatementChange, Status
from tests.reporting.findings import STARTED, finding
from tests.reporting.reports import EVIL

SQL = 'SELECT "t"."id" FROM "tax_rate" "t" WHERE "t"."id" = ?'
CHANGES: tuple[tuple[Status, str, int | None, int | None, str], ...] = (
    ("new", "shop.Order.coupon", None, 40, "what it was found in did not run before"),
    ("grown", "shop.Order.customer", 10, 1_000, ""),
    ("shrunk", "shop.Order.lines", 50, 5, ""),
    ("gone", "shop.Order.notes", 7, None, ""),
    ("suppressed", "shop.Order.tags", 3, None, "never more than three"),
    ("not-run", "shop.Order.payment", 9, None, ""),
    ("same", "shop.Order.address", 12, 12, ""),
)


def side(**changes: object) -> ComparedRun:
    values: dict[str, object] = {
        "run_id": "20261102T093000Z-abcdef",
        "command": "pytest tests",
        "started_at": STARTED,
        "unit_count": 3,
        "query_count": 1_234,
        "finding_count": 6,
    }
    return ComparedRun(**{**values, **changes})  # type: ignore[arg-type]


def comparison(**changes: object) -> Comparison:
    findings = [
        FindingChange(
            status=status,
            finding=finding(id=f"f1:{number:016x}", relation=relation),
            before=before,
            after=after,
            routes=("orders/", "basket/"),
            note=note,
        )
        for number, (status, relation, before, after, note) in enumerate(CHANGES)
    ]
    values: dict[str, object] = {
        "before": side(),
        "after": side(run_id="20261103T093000Z-123456", finding_count=4),
        "project_root": "/srv",
        "findings": tuple(findings),
        "routes": (RouteChange(route="orders/", kind="request", before=123, after=4),),
        "statements": (
            StatementChange(route="orders/", statement=SQL, statement_fingerprint="abc", before=1, after=30),
        ),
        "notes": ("only the second run did basket/",),
    }
    return Comparison(**{**values, **changes})  # type: ignore[arg-type]


def evil_comparison() -> Comparison:
    """Whatever a program may put into it, it puts there what hurts most."""
    site = CallSite(f"shop/{EVIL}.py", 3, EVIL, EVIL)
    bad = finding(relation=f"{EVIL}|@me", call_site=site, loop=site, origin=site, statement=EVIL, code=EVIL, kind=EVIL)
    return comparison(
        before=side(command=EVIL, run_id=EVIL),
        findings=(FindingChange(status="new", finding=bad, before=None, after=3, routes=(EVIL,), note=EVIL),),
        routes=(RouteChange(route=EVIL, kind=EVIL, before=1, after=2),),
        statements=(StatementChange(route=EVIL, statement=EVIL, statement_fingerprint=EVIL, before=1, after=2),),
        notes=(EVIL,),
    )
