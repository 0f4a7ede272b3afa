"""RQ, hooked: jobs in this process, and in the child process that a worker forks for each."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from rq.job import Job

from ennead.agent.unit_of_work import CURRENT
from ennead.sources import rq as source
from tests.runs.project import ENNEAD, Project
from tests.sources.listening import units_of_work
from tests.sources.queued import Books

pytestmark = pytest.mark.redis

_BOOKS: list[Books] = []


def titles(count: int) -> list[str]:
    return _BOOKS[0].titles(count)


def broken() -> None:
    _BOOKS[0].titles(1)
    raise LookupError("mine")


@pytest.fixture(autouse=True)
def hooked(books: Books) -> Iterator[None]:
    _BOOKS[:] = [books]
    source.install()
    yield
    source.uninstall()


@pytest.fixture
def queue(redis_url: str) -> Iterator[Queue]:
    with Redis.from_url(redis_url) as connection:
        queue = Queue(f"ennead-{uuid.uuid4().hex}", connection=connection)
        yield queue
        queue.delete(delete_jobs=True)


def _work(queue: Queue) -> None:
    SimpleWorker([queue], connection=queue.connection).work(burst=True, logging_level="ERROR")


def test_each_job_is_a_unit_of_work(queue: Queue) -> None:
    jobs = [queue.enqueue(titles, count) for count in (2, 3)]
    with units_of_work() as units:
        _work(queue)
    assert [job.return_value() for job in jobs] == [["title 0", "title 1"], ["title 0", "title 1", "title 2"]]
    name = f"{__name__}.titles"
    assert [(unit.name, unit.kind, unit.route, len(unit.hits)) for unit in units] == [
        (name, "job", name, 2),
        (name, "job", name, 3),
    ]


def test_a_job_that_fails_ends_its_unit(queue: Queue) -> None:
    job = queue.enqueue(broken)
    with units_of_work() as units:
        _work(queue)
    assert job.get_status().value == "failed"
    assert [len(unit.hits) for unit in units] == [1]
    assert CURRENT.get() is None


def test_uninstalled_it_leaves_no_trace(queue: Queue) -> None:
    source.uninstall()
    queue.enqueue(titles, 1)
    with units_of_work() as units:
        _work(queue)
    assert not units
    assert not hasattr(Job.perform, "__wrapped__")


@pytest.mark.slow
def test_a_worker_that_forks_for_each_job(tmp_path: Path, redis_url: str) -> None:
    project = Project(tmp_path)
    name = f"ennead-{uuid.uuid4().hex}"
    send = f"""
import lookups
from redis import Redis
from rq import Queue

queue = Queue({name!r}, connection=Redis.from_url({redis_url!r}))
for _ in range(3):
    queue.enqueue(lookups.look_up, 7)
"""
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    subprocess.run([sys.executable, "-c", send], cwd=tmp_path, env=environment, check=True, timeout=60)
    worker = [*ENNEAD, "run", "--quiet", "--", "-m", "rq.cli", "worker", "--burst", "--url", redis_url, name]
    done = subprocess.run(
        worker, cwd=tmp_path, env=environment, check=False, timeout=120, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    jobs = [unit for unit in project.units if unit.kind == "job"]
    # Each child imports the module, which makes its table.
    assert [(unit.route, unit.query_count) for unit in jobs] == [("lookups.look_up", 2 + 7)] * 3, done.stderr
