"""A worker in a process of its own."""

import pytest

from bench.overhead.rivals import Peer, measure


@pytest.mark.slow
def test_a_tool_and_its_environment_without_it_take_turns() -> None:
    costs = measure(Peer("ennead", "sqlalchemy", "bench.overhead.request", "in a request"), 2, 1)
    assert [cost.case for cost in costs] == ["SQLAlchemy, lazy load in a loop", "SQLAlchemy, Core SELECT 1"]
    assert all(cost.peer.endswith("in a request") and cost.cpu.median > 0 for cost in costs)
