"""Whatever fails in Ennead, the host's results and exceptions stay the same."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import AsyncClient, Client

from ennead.agent import call_path, concurrency, unit_of_work
from ennead.agent.statements import StatementMemo
from ennead.agent.units import AGENT, Recording
from ennead.sources import asgiref, rest_framework
from ennead.sources.django import (
    admin,
    build_sites,
    commands,
    connections,
    evidence,
    loops,
    orm,
    queries,
    relations,
    requests,
    streaming,
    templates,
)
from tests.sources.django.rows import orders
from tests.sources.django.shop.forms import PickForm
from tests.sources.django.shop.models import Customer, Order, Tag
from tests.sources.django.shop.serializers import OrderSerializer

SOURCES: tuple[Any, ...] = (queries, orm, templates, admin, requests, commands, asgiref, rest_framework)


def host() -> list[object]:
    """A bit of everything that is hooked, and all that the host can see of it."""
    seen: list[object] = []
    for order in Order.objects.order_by("pk"):
        seen += [
            order.customer.name,
            order.item_set.count(),
            list(order.tags.values_list("name")),
            order.notes.exists(),
        ]
    seen.append([len(order.item_set.all()) for order in Order.objects.prefetch_related("item_set")])
    seen += [list(Customer.objects.only("name").values("biography")), Tag.objects.get_or_create(name="urgent")[1]]
    seen += [Client().get("/orders/").content, Client().get("/api/orders/").content]
    seen += [b"".join(Client().get("/export/").streaming_content), str(PickForm().as_p())]
    seen.append(changelist().status_code)
    seen.append(OrderSerializer(Order.objects.order_by("pk"), many=True).data)
    seen.append(asyncio.run(async_page()))
    out = io.StringIO()
    call_command("remind", stdout=out)
    seen.append(out.getvalue())
    for failing in (duplicate, nowhere, broken):
        try:
            failing()
        except Exception as error:  # noqa: BLE001 -- the exception is the result
            seen.append((type(error), str(error)))
    return seen


def changelist() -> Any:
    client = Client()
    client.force_login(User.objects.get_or_create(username="controller", is_staff=True, is_superuser=True)[0])
    return client.get("/admin/shop/order/")


async def async_page() -> bytes:
    response = await AsyncClient().get("/async-orders/", {"pk": await first_key()})
    return bytes(response.content)


async def first_key() -> Any:
    return (await Order.objects.order_by("pk").afirst()).pk  # type: ignore[union-attr,unused-ignore]


def duplicate() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany("INSERT INTO shop_tag (name) VALUES (%s)", [("urgent",)])


def nowhere() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM nowhere")


def broken() -> None:
    Client().get("/broken/")


FAULTS: dict[str, tuple[Any, str]] = {
    "text of a statement": (queries, "statement_text"),
    "connection": (queries, "connection_of"),
    "connection's record": (connections, "AliasConnection"),
    "batch": (queries, "_batch"),
    "recorder": (unit_of_work.UnitOfWork, "record"),
    "statements": (StatementMemo, "get"),
    "rows": (unit_of_work.Hit, "capture_rows"),
    "mark": (build_sites, "mark"),
    "build site": (evidence, "build_site_of"),
    "walk": (unit_of_work, "walk_path"),
    "known path": (unit_of_work, "known_path"),
    "path to hand on": (concurrency, "walk_path"),
    "inspection": (call_path.Walk, "add_evidence"),
    "added site": (call_path.Walk, "add_site"),
    "facts": (orm, "facts_of"),
    "conclusion": (evidence, "_relation"),
    "models": (evidence, "_models"),
    "shape": (evidence, "_shape"),
    "descriptor": (relations, "of_descriptor"),
    "prefetch": (relations, "of_prefetch"),
    "label": (relations, "label_of"),
    "template": (templates, "_stands_out"),
    "library's loop": (loops, "_mark"),
    "declaration": (admin, "declaration_of"),
    "declared field": (rest_framework, "declaration_of"),
    "request": (requests, "trace_id_of"),
    "route": (requests, "_name_by_route"),
    "stream": (requests, "stream_inside"),
    "parts of a stream": (streaming, "Body"),
    "command": (commands, "_is_own"),
    "sampling": (AGENT, "samples"),
    "unit of work": (unit_of_work.UnitOfWork, "__init__"),
}


class Fault:
    """Fails whenever it is called."""

    def __init__(self) -> None:
        self.call_count = 0

    def __call__(self, *_args: Any, **_kwargs: Any) -> Any:
        self.call_count += 1
        raise RuntimeError("a fault of Ennead's own")


def hooked(work: Callable[[], list[object]]) -> list[object]:
    concurrency.install()
    for source in SOURCES:
        source.install()
    try:
        return work()
    finally:
        for source in reversed(SOURCES):
            source.uninstall()
        concurrency.uninstall()


def in_a_unit() -> list[object]:
    with Recording("test", "test"):
        return host()


@pytest.mark.parametrize(("owner", "name"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_not_seen_by_the_host(owner: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    orders(3)
    expected = host()
    call_path.forget_paths()
    fault = Fault()
    monkeypatch.setattr(owner, name, fault)
    assert hooked(in_a_unit) == expected
    assert fault.call_count > 0


def test_without_a_fault_nothing_changes_either() -> None:
    orders(3)
    expected = host()
    assert hooked(in_a_unit) == expected
    assert hooked(host) == expected
    assert host() == expected


def test_the_host_of_these_tests_meets_errors() -> None:
    orders(1)
    kinds = [entry[0] for entry in host()[-3:] if isinstance(entry, tuple)]
    assert kinds[0] is IntegrityError
    assert [kind.__name__ for kind in kinds[1:]] == ["OperationalError", "LookupError"]


def test_a_fault_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    orders(1)
    call_path.forget_paths()
    monkeypatch.setattr(evidence, "_models", Fault())

    def work() -> list[object]:
        with Recording("test", "profile", explicit=True) as recording:
            list(Order.objects.all())
        assert recording.unit is not None
        return [recording.unit.internal_error_count]

    assert hooked(work) == [1]
