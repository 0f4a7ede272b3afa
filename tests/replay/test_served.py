"""Commands of servers, and the requests that stand for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from ennead.kernel.errors import EnneadError
from ennead.replay.served import is_server, requests_instead
from ennead.runs.records import Sighting, UnitRecord

SERVERS = {
    "uvicorn shop:app --reload": ["--app", "shop:app"],
    "/srv/venv/bin/uvicorn --port 8000 shop.main:app": ["--app", "shop.main:app"],
    "python -m uvicorn --factory shop:create_app": ["--app", "shop:create_app"],
    "uvicorn --app-dir src shop:app": ["--app", "shop:app", "--app-dir", "src"],
    "uv run hypercorn --bind localhost:8000 shop:app": ["--app", "shop:app"],
    "gunicorn shop:create_app()": ["--app", "shop:create_app()"],
    "gunicorn -w 4 -b 0.0.0.0:8000 shop.wsgi": ["--app", "shop.wsgi"],
    "gunicorn shop.wsgi --worker-class gevent": ["--app", "shop.wsgi"],
    "gunicorn --reload shop.wsgi": ["--app", "shop.wsgi"],
    "gunicorn --chdir=web shop:app": ["--app", "shop:app", "--app-dir", "web"],
    "flask --app shop run": ["--app", "shop"],
    "flask --app=shop:make run --debug": ["--app", "shop:make"],
    "python -m flask -A shop run": ["--app", "shop"],
    "flask run": [],
    "python manage.py runserver 8000": [],
    "./manage.py runserver": [],
    "django-admin runserver": [],
    "python -m django runserver": [],
}
OTHERS = (
    "pytest -k runserver",
    "pytest tests/uvicorn",
    "pytest uvicorn",
    "python manage.py test runserver",
    "python manage.py migrate",
    "python report.py",
    "flask --app shop init-db",
    "-m pytest",
)


def unit(name: str, kind: str = "request", *findings: str) -> UnitRecord:
    return UnitRecord(
        name=name,
        kind=kind,
        route=None,
        trace_id=None,
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        duration_ms=1.0,
        query_count=1,
        database_ms=1.0,
        sightings=tuple(Sighting(finding, 5, 1.0) for finding in findings),
    )


def instead(command: str, units: Sequence[UnitRecord], **options: Any) -> list[str] | None:
    words = requests_instead(command.split(), units, **options)
    return None if words is None else list(words)


@pytest.mark.parametrize(("command", "arguments"), SERVERS.items(), ids=SERVERS)
def test_the_requests_of_a_server_stand_for_it(command: str, arguments: list[str]) -> None:
    assert is_server(command.split())
    units = [unit("GET /orders/", "request", "f1:a")]
    assert instead(command, units) == ["-m", "ennead.replay.requests", *arguments, "GET /orders/"]


@pytest.mark.parametrize("command", OTHERS)
def test_other_commands_are_replayed_themselves(command: str) -> None:
    assert not is_server(command.split())
    assert instead(command, [unit("GET /orders/", "request", "f1:a")]) is None


def test_each_request_that_had_a_finding_is_sent_once() -> None:
    units = [
        unit("GET /orders/", "request", "f1:a"),
        unit("GET /orders/", "request", "f1:a"),
        unit("HEAD /other/", "request", "f1:b"),
        unit("GET /fine/"),
        unit("job", "job", "f1:a"),
        unit("POST /orders/", "request", "f1:a"),
        unit("GET /orders/<int:pk>/", "request", "f1:a"),
        unit("GET /items/{id}", "request", "f1:a"),
        unit("GET /^old/(?P<pk>[0-9]+)$", "request", "f1:a"),
    ]
    words = instead("uvicorn shop:app", units)
    assert words is not None
    assert words[4:] == ["GET /orders/", "HEAD /other/"]
    assert instead("uvicorn shop:app", units, finding_id="f1:b") == [*words[:4], "HEAD /other/"]


@pytest.mark.parametrize(
    ("units", "why"),
    [
        ([], "no request with a finding was recorded"),
        ([unit("GET /fine/")], "no request with a finding was recorded"),
        ([unit("POST /orders/", "request", "f1:a")], r"\(POST /orders/\): they may change data"),
        ([unit("GET /orders/{id}", "request", "f1:a")], r"\(GET /orders/\{id\}\): paths with parameters"),
    ],
)
def test_a_server_without_requests_to_send_is_an_error(units: list[UnitRecord], why: str) -> None:
    with pytest.raises(EnneadError, match=why):
        instead("uvicorn shop:app", units)
