"""Celery, hooked: eager tasks, a worker in a thread, a worker with child processes over Redis."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import celery.app.trace as tracing
import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker

from ennead.agent.unit_of_work import CURRENT
from ennead.agent.units import Recording
from ennead.sources import celery as source
from tests.runs.project import ENNEAD, Project
from tests.sources.listening import texts, units_of_work, wait_for
from tests.sources.queued import Books

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture(autouse=True)
def hooked() -> Iterator[None]:
    source.install()
    yield
    source.uninstall()


@pytest.fixture
def app(books: Books) -> Celery:
    app = Celery("shop", broker="memory://", backend="cache+memory://", set_as_current=False)
    app.conf.worker_hijack_root_logger = False

    @app.task(name="shop.titles", shared=False)
    def titles(count: int) -> list[str]:
        return books.titles(count)

    @app.task(name="shop.broken", shared=False)
    def broken() -> None:
        books.titles(1)
        raise LookupError("mine")

    @app.task(name="shop.again", shared=False, bind=True, max_retries=1)
    def again(self: Any) -> int:
        books.titles(1)
        if self.request.retries == 0:
            raise self.retry(countdown=0)
        return int(self.request.retries)

    return app


def test_an_eager_task_is_a_unit_of_work(app: Celery) -> None:
    with units_of_work() as units:
        assert app.tasks["shop.titles"].apply(args=(3,)).get() == ["title 0", "title 1", "title 2"]
    (unit,) = units
    assert (unit.name, unit.kind, unit.route) == ("shop.titles", "job", "shop.titles")
    assert len(texts(unit)) == 3


def test_an_eager_task_is_no_part_of_the_request_that_calls_it(app: Celery) -> None:
    with units_of_work() as units, Recording("GET /", "request") as request:
        for _ in range(2):
            app.tasks["shop.titles"].apply(args=(1,))
        assert CURRENT.get() is request.unit
    assert [(unit.kind, len(unit.hits)) for unit in units] == [("job", 1), ("job", 1), ("request", 0)]


def test_an_exception_stays_the_tasks_own_and_ends_the_unit(app: Celery) -> None:
    with units_of_work() as units, pytest.raises(LookupError, match="mine"):
        app.tasks["shop.broken"].apply().get()
    assert [unit.name for unit in units] == ["shop.broken"]
    assert CURRENT.get() is None


def test_each_attempt_of_a_task_that_is_retried_is_one_unit(app: Celery) -> None:
    with units_of_work() as units:
        assert app.tasks["shop.again"].apply().get() == 1
    assert [unit.name for unit in units] == ["shop.again", "shop.again"]


def test_the_trace_of_the_message(app: Celery) -> None:
    with units_of_work() as units:
        app.tasks["shop.titles"].__trace__ = None
        tracing.trace_task(app.tasks["shop.titles"], str(uuid.uuid4()), (1,), {}, {"traceparent": PARENT}, app=app)
    assert units[0].trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"


def test_a_worker_in_a_thread(app: Celery) -> None:
    with units_of_work() as units, start_worker(app, perform_ping_check=False, pool="threads", loglevel="ERROR"):
        answers = [app.tasks["shop.titles"].delay(count) for count in (2, 3)]
        assert [len(answer.get(timeout=120)) for answer in answers] == [2, 3]
        wait_for(units, 2)
    assert sorted(len(unit.hits) for unit in units) == [2, 3]


def test_uninstalled_it_leaves_no_trace(app: Celery) -> None:
    source.uninstall()
    with units_of_work() as units:
        assert app.tasks["shop.titles"].apply(args=(1,)).get() == ["title 0"]
    assert not units
    assert tracing.build_tracer.__module__ == "celery.app.trace"
    assert not hasattr(tracing.build_tracer, "__wrapped__")


TASKS = """
import os
from celery import Celery
from lookups import look_up

app = Celery("tasks", broker=os.environ["REDIS_URL"], backend=os.environ["REDIS_URL"])
app.conf.task_default_queue = os.environ["QUEUE"]
app.conf.broker_connection_retry_on_startup = True


@app.task(name="shop.report")
def report(count):
    return len(look_up(count))
"""
SEND = "import sys, tasks; print([tasks.report.delay(7).get(timeout=60) for _ in range(3)])"


@pytest.mark.redis
@pytest.mark.slow
def test_a_worker_with_child_processes(tmp_path: Path, redis_url: str) -> None:
    project = Project(tmp_path)
    project.write("tasks.py", TASKS)
    environment = {**os.environ, "REDIS_URL": redis_url, "QUEUE": f"ennead-{uuid.uuid4().hex}"}
    worker = subprocess.Popen(
        [
            *ENNEAD,
            "run",
            "--quiet",
            "--",
            "-m",
            "celery",
            "-A",
            "tasks",
            "worker",
            "-c",
            "1",
            "-P",
            "prefork",
            "-l",
            "ERROR",
        ],
        cwd=tmp_path,
        env=environment,
    )
    try:
        sent = subprocess.run(
            [sys.executable, "-c", SEND],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert sent.stdout.strip() == "[7, 7, 7]", sent.stderr
        time.sleep(0.5)
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(timeout=60)
    jobs = [unit for unit in project.units if unit.kind == "job"]
    assert [(unit.route, unit.query_count) for unit in jobs] == [("shop.report", 7)] * 3
    assert all(unit.findings or unit.sightings for unit in jobs)
