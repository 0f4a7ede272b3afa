"""The setting: off unless asked for, from the argument, the environment or pyproject.toml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

import ennead
from ennead.agent.places import PROJECT
from ennead.agent.settings import AgentSettings
from ennead.agent.units import AGENT
from ennead.kernel.errors import EnneadError
from tests.sources.sqlalchemy.shop import Customer, Order


@pytest.fixture(autouse=True)
def uninstalled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr(AGENT, "settings", AgentSettings())
    monkeypatch.setattr(PROJECT, "path", str(tmp_path))
    ennead.uninstall()
    yield
    ennead.uninstall()


def query_count(engine: Engine) -> int:
    statements: list[str] = []

    def note(*details: object) -> None:
        statements.append(str(details[2]))

    event.listen(engine, "before_cursor_execute", note)
    with Session(engine) as session:
        assert [len(customer.orders) for customer in session.scalars(select(Customer))] == [2, 2, 2]
    event.remove(engine, "before_cursor_execute", note)
    return len(statements)


def test_off_by_default(engine: Engine) -> None:
    ennead.install()
    assert query_count(engine) == 4


def test_argument(engine: Engine) -> None:
    ennead.install(auto_batch=True)
    assert query_count(engine) == 3
    ennead.install(auto_batch=False)
    assert query_count(engine) == 4
    ennead.install(auto_batch=True)
    ennead.install()  # changes nothing
    assert query_count(engine) == 3
    ennead.uninstall()
    assert query_count(engine) == 4


def test_environment(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENNEAD_AUTO_BATCH", "1")
    ennead.install()
    assert query_count(engine) == 3


def test_pyproject(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.ennead]\nauto_batch = true\n", encoding="utf-8")
    ennead.install()
    assert query_count(engine) == 3


def test_kill_switch(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENNEAD_DISABLED", "1")
    ennead.install(auto_batch=True)
    assert query_count(engine) == 4


def test_bad_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENNEAD_AUTO_BATCH", "perhaps")
    with pytest.raises(EnneadError, match="ENNEAD_AUTO_BATCH"):
        ennead.install()


def orders_and_tags(engine: Engine) -> list[str]:
    """What the detector finds in nested loops."""
    with ennead.profile("page") as profile, Session(engine) as session:
        for customer in session.scalars(select(Customer)):
            for order in customer.orders:
                _ = [tag.name for tag in order.tags]
    return sorted(finding.relation or "" for finding in profile.findings)


def test_batched_loads_are_no_n_plus_one(engine: Engine) -> None:
    ennead.install(auto_batch=True)
    assert orders_and_tags(engine) == []


def test_without_batching_they_are(engine: Engine) -> None:
    ennead.install()
    assert orders_and_tags(engine) == ["Customer.orders", "Order.tags"]


def test_what_is_refused_is_found(engine: Engine) -> None:
    ennead.install(auto_batch=True)
    with ennead.profile("job") as profile, Session(engine) as session:
        for order in session.scalars(select(Order)):
            order.total = len(order.tags)
    assert "Order.tags" in [finding.relation for finding in profile.findings]
