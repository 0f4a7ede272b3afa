"""Columns of the admin's lists, and choices of form fields, as call sites."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ennead.kernel.call_site import CallSite
from ennead.kernel.records import RawQuery
from ennead.sources.django import admin, templates
from tests.sources.django.rows import orders, queries_of
from tests.sources.django.shop.forms import PickForm
from tests.sources.django.shop.models import Customer, Order

Place = tuple[str, str, str | None]


@pytest.fixture(autouse=True)
def _hooked() -> Iterator[None]:
    admin.install()
    templates.install()
    yield
    templates.uninstall()
    admin.uninstall()


def place(site: CallSite) -> Place:
    """The file's name, the line's text, the note."""
    return (site.file.rsplit("/", 1)[-1], site.source or "", site.note)


def changelist() -> tuple[RawQuery, ...]:
    client = Client()
    client.force_login(User.objects.create_superuser("controller"))

    def page() -> None:
        assert client.get("/admin/shop/order/").status_code == 200

    return queries_of(page)


def by_relation(found: tuple[RawQuery, ...], relation: str) -> list[Place]:
    (path,) = {query.call_path for query in found if query.orm and query.orm.relation == relation}
    return [place(site) for site in path]


CLASS_LINE = "class OrderAdmin(admin.ModelAdmin):  # type: ignore[type-arg,unused-ignore]"


def test_a_column_is_blamed_at_its_entry_and_the_rows_are_the_loop() -> None:
    orders(2)
    assert by_relation(changelist(), "shop.Order.payer")[:2] == [
        ("admin.py", '"payer",', "list_display OrderAdmin.payer"),
        ("admin.py", "list_display: ClassVar[list[str]] = [", "for"),
    ]


def test_a_method_of_the_admin_is_the_access() -> None:
    orders(2)
    assert by_relation(changelist(), "shop.Customer.profile")[:3] == [
        ("admin.py", "return str(order.customer.profile.phone)", None),
        ("admin.py", '"phone",', "list_display OrderAdmin.phone"),
        ("admin.py", "list_display: ClassVar[list[str]] = [", "for"),
    ]


def test_what_was_joined_needs_no_query() -> None:
    orders(2)
    relations = {query.orm.relation for query in changelist() if query.orm}
    assert "shop.Order.customer" not in relations


def test_the_rows_of_the_list_stand_at_the_admin() -> None:
    orders(1)
    rows = next(query for query in changelist() if query.orm and query.orm.target == "shop.Order")
    assert place(rows.call_path[0]) == ("admin.py", CLASS_LINE, "view OrderAdmin")


def test_the_call_that_renders_a_form_iterates_over_its_choices() -> None:
    orders(2)

    def render() -> Any:
        form = PickForm()
        return form.as_p()

    found = queries_of(render)
    assert [place(site) for site in found[1].call_path[:2]] == [
        ("forms.py", 'return f"{obj.number} for {obj.customer.name}"', None),
        ("test_admin.py", "return form.as_p()", "for"),
    ]
    assert found[0].call_path[0].note is None


@pytest.mark.parametrize(("page", "owner"), [("/sitemap.xml", "OrderSitemap"), ("/feed/", "OrderFeed")])
def test_the_items_of_a_sitemap_or_a_feed_are_a_loop(page: str, owner: str) -> None:
    orders(2)

    def visit() -> None:
        assert Client().get(page).status_code == 200

    found = [query for query in queries_of(visit) if query.orm and query.orm.relation == "shop.Order.customer"]
    assert len(found) == 2
    access, items = found[0].call_path[:2]
    assert place(access) == ("models.py", 'return f"/orders/{self.customer.name}/"', None)
    assert (items.function, items.source, items.note) == (owner, "def items(self) -> Any:", "for")


def test_a_loop_of_the_users_is_no_loop_of_the_librarys() -> None:
    orders(2)

    def loop() -> None:
        for order in Order.objects.all():
            _ = order.customer

    assert {site.note for query in queries_of(loop) for site in query.call_path} <= {None, "iterates"}
    assert Customer.objects.count() == 2
