"""Memories to test with: a SQLite file or a PostgreSQL database, and runs to be remembered."""

import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ennead.kernel.call_site import CallSite
from ennead.kernel.finding import Finding, finding_id
from ennead.store.database import Database
from ennead.store.finished_run import FinishedRun, SeenFinding, SeenRoute
from ennead.store.memory import Memory

BEGIN = datetime(2026, 11, 2, 9, tzinfo=UTC)
FEATURES = {"varies_by_key": 1.0, "lazy_load_ratio": 1.0, "supplied_ratio": 0.9, "log_count": 2.5}


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tables, for copies: migrations take a while."""
    path = tmp_path_factory.mktemp("memory") / "memory.sqlite"
    Database(f"sqlite:///{path}").write(lambda _connection: None)
    return path


@pytest.fixture
def memory(empty_file: Path, tmp_path: Path) -> Memory:
    path = tmp_path / "memory.sqlite"
    shutil.copy(empty_file, path)
    return Memory(Database(f"sqlite:///{path}"), ".")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def either(request: pytest.FixtureRequest) -> Iterator[Memory]:
    """A memory in a file, and one on a server under a project of its own."""
    if request.param == "sqlite":
        yield request.getfixturevalue("memory")
    else:
        url = request.getfixturevalue("postgresql_url")
        yield Memory(Database(url), f"project {uuid.uuid4().hex}")


def finding(
    relation: str = "shop.Order.customer", *, count: int = 12, confidence: float = 90.0, **more: object
) -> Finding:
    values: dict[str, object] = {
        "id": finding_id([relation]),
        "domain": "nplusone",
        "code": "n-plus-one",
        "kind": "relation",
        "severity": "low",
        "confidence": confidence,
        "query_count": count,
        "queries_needed": 1,
        "duration_ms": float(count),
        "wasted_ms": float(count - 1),
        "statement": "SELECT name FROM customer WHERE id = ?",
        "statement_fingerprint": relation,
        "explanation": "",
        "relation": relation,
        "route": "orders/",
        "call_site": CallSite(file="shop/views.py", line=9, function="order_list"),
        "evidence": {"weak_id": finding_id(["weak", relation])},
    }
    return Finding(**(values | more))  # type: ignore[arg-type]


def seen(
    found: Finding, *, places: tuple[str, ...] = ("orders/",), units: int = 2, features: dict[str, float] | None = None
) -> SeenFinding:
    return SeenFinding(
        finding=found,
        unit_count=units,
        total_query_count=found.query_count * units,
        total_wasted_ms=found.wasted_ms * units,
        places=places,
        features=FEATURES if features is None else features,
    )


def run(
    day: int, *found: SeenFinding, places: tuple[str, ...] = ("orders/",), queries: int = 30, is_whole: bool = True
) -> FinishedRun:
    """The run of a day after the first one, two units of work a place."""
    at = BEGIN + timedelta(days=day)
    return FinishedRun(
        run_id=f"{at:%Y%m%dT%H%M%SZ}-{day:06x}",
        started_at=at,
        command="manage.py test",
        is_whole=is_whole,
        findings=found,
        routes=tuple(
            SeenRoute(place=place, unit_count=2, query_count=queries, database_ms=8.0, wasted_ms=0.0)
            for place in places
        ),
    )
