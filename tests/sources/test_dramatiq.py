"""Dramatiq, hooked: messages that a worker's threads process."""

from __future__ import annotations

from collections.abc import Iterator

import dramatiq
import pytest
from dramatiq.brokers.stub import StubBroker
from dramatiq.worker import _WorkerThread

from ennead.sources import dramatiq as source
from tests.sources.listening import units_of_work, wait_for
from tests.sources.queued import Books

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture(autouse=True)
def hooked() -> Iterator[None]:
    source.install()
    yield
    source.uninstall()


@pytest.fixture
def broker(books: Books) -> Iterator[StubBroker]:
    broker = StubBroker()

    @dramatiq.actor(broker=broker, actor_name="titles")
    def titles(count: int) -> None:
        books.titles(count)

    @dramatiq.actor(broker=broker, actor_name="broken", max_retries=0)
    def broken() -> None:
        books.titles(1)
        raise LookupError("mine")

    worker = dramatiq.Worker(broker, worker_threads=2, worker_timeout=50)
    worker.start()
    yield broker
    worker.stop()
    broker.close()


def test_each_message_is_a_unit_of_work(broker: StubBroker) -> None:
    with units_of_work() as units:
        for count in (2, 3):
            broker.get_actor("titles").send_with_options(args=(count,), traceparent=PARENT)
        broker.join("default")
        wait_for(units, 2)
    assert {(unit.name, unit.kind, unit.route, unit.trace_id) for unit in units} == {
        ("titles", "job", "titles", "4bf92f3577b34da6a3ce929d0e0e4736")
    }
    assert sorted(len(unit.hits) for unit in units) == [2, 3]


def test_an_actor_that_fails_ends_its_unit(broker: StubBroker) -> None:
    with units_of_work() as units:
        broker.get_actor("broken").send()
        broker.join("default", fail_fast=False)
        wait_for(units, 1)
    assert [len(unit.hits) for unit in units] == [1]


def test_an_actor_that_is_called_as_a_function_is_no_job(broker: StubBroker) -> None:
    with units_of_work() as units:
        broker.get_actor("titles")(2)
    assert not units


def test_uninstalled_it_leaves_no_trace(broker: StubBroker) -> None:
    source.uninstall()
    with units_of_work() as units:
        broker.get_actor("titles").send(1)
        broker.join("default")
    assert not units
    assert not hasattr(_WorkerThread.process_message, "__wrapped__")
