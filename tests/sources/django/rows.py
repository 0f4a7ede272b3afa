"""Rows to query, and recording what is queried."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.db import connections

from ennead.agent.snapshot import snapshot
from ennead.agent.units import Recording
from ennead.sources.django import orm, queries
from tests.sources.django.shop import models

if TYPE_CHECKING:
    from ennead.kernel.records import RawQuery, RawUnitOfWork


def recorded(work: Callable[[], Any]) -> RawUnitOfWork:
    """Run ``work`` as one unit of work with the hooks of queries and ORM in place."""
    queries.install()
    orm.install()
    try:
        with Recording("test", "profile", explicit=True) as recording:
            work()
        assert recording.unit is not None
        return snapshot(recording.unit)
    finally:
        orm.uninstall()
        queries.uninstall()


def queries_of(work: Callable[[], Any]) -> tuple[RawQuery, ...]:
    """The queries that ``work`` ran."""
    return recorded(work).queries


def orders(count: int = 3) -> list[models.Order]:
    """Orders with a customer, two items, a tag and a note each."""
    made = []
    tag = models.Tag.objects.create(name="urgent")
    for number in range(count):
        customer = models.Customer.objects.create(name=f"customer {number}", biography="long")
        models.Profile.objects.create(customer=customer, phone=str(number))
        order = models.Order.objects.create(customer=customer, payer=customer, number=f"o{number}", total=number * 90)
        order.tags.add(tag)
        models.Item.objects.bulk_create([models.Item(order=order, name=name) for name in ("pen", "ink")])
        order.notes.create(text="call back")
        made.append(order)
    return made


def delete_all() -> None:
    """Empty the shop's tables and close connections, so that each test opens its own."""
    for model in (
        models.Note,
        models.Item,
        models.Order,
        models.Tag,
        models.Profile,
        models.Customer,
        models.Warehouse,
    ):
        for alias in ("default", "archive"):
            model._base_manager.using(alias).all().delete()  # type: ignore[attr-defined,unused-ignore]
    User.objects.all().delete()
    connections.close_all()
