"""Django, SQLAlchemy and Peewee on mysqlclient: their own sources record, the driver's is silent beneath."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sources.django import project  # isort: skip -- sets Django up

import peewee
from django.db import connections
from django.http import JsonResponse
from django.test import Client, override_settings
from django.urls import path
from sqlalchemy import create_engine
from sqlalchemy import select as sqlalchemy_select
from sqlalchemy.orm import Session, selectinload

import ennead
from ennead.agent.unit_of_work import UnitOfWork
from tests.sources.django.shop.models import Customer, Profile
from tests.sources.elsewhere import only_in
from tests.sources.peewee import shop as peewee_shop
from tests.sources.sqlalchemy import shop as sqlalchemy_shop
from tests.sources.stories import Story, observed, stories_of, story_of

__all__ = ["project"]

MySQLdb = pytest.importorskip("MySQLdb", reason=only_in("mysqlclient"))

ALIAS, PROFILES = "mariadb", 5

pytestmark = pytest.mark.mariadb


# ---------------------------------------------------------------------------------------------------- Django


def phones(_request: Any, name: str) -> JsonResponse:
    profiles = Profile.objects.using(ALIAS).order_by("pk")
    if name == "eager":
        profiles = profiles.select_related("customer")
    names = []
    for profile in profiles:
        names += [profile.customer.name]
    return JsonResponse(names, safe=False)


urlpatterns = [path("phones/<slug:name>/", phones)]


@pytest.fixture
def _django(settings: dict[str, Any]) -> Iterator[None]:
    names = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password", "NAME": "database"}
    connections.settings[ALIAS] = {
        **connections.settings["default"],
        "ENGINE": "django.db.backends.mysql",
        **{name: str(settings[key]) for name, key in names.items()},
    }
    models: tuple[Any, ...] = (Customer, Profile)
    try:
        with connections[ALIAS].schema_editor() as editor:
            for model in models:
                editor.create_model(model)
        for number in range(PROFILES):
            customer = Customer.objects.using(ALIAS).create(name=f"customer {number}")
            Profile.objects.using(ALIAS).create(customer=customer, phone=str(number))
        with override_settings(ROOT_URLCONF=__name__):
            yield
        with connections[ALIAS].schema_editor() as editor:
            for model in reversed(models):
                editor.delete_model(model)
    finally:
        connections[ALIAS].close()
        del connections[ALIAS]
        del connections.settings[ALIAS]


def _answered(name: str) -> UnitOfWork:
    with observed() as units:
        assert len(Client().get(f"/phones/{name}/").json()) == PROFILES
    (unit,) = units
    assert unit.name == "GET /phones/<slug:name>/"
    return unit


def test_django(_django: None) -> None:  # noqa: PT019 -- it has no value
    unit = _answered("lazy")
    assert {(hit.connection.name, hit.connection.database) for hit in unit.hits} == {(ALIAS, "mysql")}
    assert stories_of(unit) == [
        Story(
            "shop.Profile.customer",
            PROFILES,
            PROFILES,
            'profiles = Profile.objects.using(ALIAS).order_by("pk")',
            "for profile in profiles:",
            "names += [profile.customer.name]",
        )
    ]


def test_an_eager_load_of_djangos_is_silent(_django: None) -> None:  # noqa: PT019 -- it has no value
    unit = _answered("eager")
    assert [hit.row_count for hit in unit.hits] == [PROFILES]
    assert stories_of(unit) == []


# ------------------------------------------------------------------------------------------------ SQLAlchemy


@pytest.fixture
def engine(settings: dict[str, Any]) -> Iterator[Any]:
    engine = create_engine("mysql+mysqldb://", connect_args=settings)
    sqlalchemy_shop.create(engine)
    with Session(engine) as session:
        sqlalchemy_shop.fill(session)
    yield engine
    sqlalchemy_shop.Base.metadata.drop_all(engine)
    engine.dispose()


def test_sqlalchemy(engine: Any) -> None:
    with Session(engine) as session, ennead.profile("orders") as profile:
        orders = session.scalars(sqlalchemy_select(sqlalchemy_shop.Order)).all()
        for order in orders:
            assert order.customer.name
    assert [story_of(finding) for finding in profile.findings] == [
        Story(
            "Order.customer",
            3,
            6,
            "orders = session.scalars(sqlalchemy_select(sqlalchemy_shop.Order)).all()",
            "for order in orders:",
            "assert order.customer.name",
        )
    ]


def test_an_eager_load_of_sqlalchemys_is_silent(engine: Any) -> None:
    query = sqlalchemy_select(sqlalchemy_shop.Order).options(selectinload(sqlalchemy_shop.Order.customer))
    with Session(engine) as session, ennead.profile("orders") as profile:
        for order in session.scalars(query):
            assert order.customer.name
    assert profile.statistics["query_count"] == 2
    assert profile.findings == ()


# ---------------------------------------------------------------------------------------------------- Peewee


@pytest.fixture
def _peewee(settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(peewee, "mysql", MySQLdb)  # it takes PyMySQL where that is installed, too
    database = peewee.MySQLDatabase(**settings)
    with database.bind_ctx(peewee_shop.MODELS):
        database.create_tables(peewee_shop.MODELS)
        peewee_shop.fill()
        assert type(database.connection()).__module__.startswith("MySQLdb")
        yield
        database.drop_tables(peewee_shop.MODELS)
    database.close()


def test_peewee(_peewee: None) -> None:  # noqa: PT019 -- it has no value
    with ennead.profile("orders") as profile:
        for order in peewee_shop.Order.select():
            assert order.customer.name
    assert [story_of(finding) for finding in profile.findings] == [
        Story(
            "Order.customer",
            peewee_shop.ORDERS,
            peewee_shop.ORDERS,
            "for order in peewee_shop.Order.select():",
            "for order in peewee_shop.Order.select():",
            "assert order.customer.name",
        )
    ]


def test_a_join_of_peewees_is_silent(_peewee: None) -> None:  # noqa: PT019 -- it has no value
    order, customer = peewee_shop.Order, peewee_shop.Customer
    with ennead.profile("orders") as profile:
        for row in order.select(order, customer).join(customer, peewee.JOIN.LEFT_OUTER):
            assert row.customer.name
    assert profile.statistics["query_count"] == 1
    assert profile.findings == ()
