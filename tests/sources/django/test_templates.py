"""Template lines as call sites."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.template import engines
from django.template.loader import render_to_string

from ennead.agent.places import PROJECT
from ennead.kernel.call_site import CallSite
from ennead.sources.django import templates
from tests.sources.django.project import HERE
from tests.sources.django.rows import orders, queries_of
from tests.sources.django.shop.models import Order

Place = tuple[str, int, str | None]


@pytest.fixture(autouse=True)
def _hooked() -> Iterator[None]:
    templates.install()
    yield
    templates.uninstall()


def template_places(path: tuple[CallSite, ...]) -> list[Place]:
    return [(site.function, site.line, site.note) for site in path if site.language == "django-template"]


def paths_by_relation(template: str, **context: Any) -> dict[str | None, list[Place]]:
    """Template places of each relation's loads; each relation is loaded at one place only."""
    found: dict[str | None, list[Place]] = {}
    for query in queries_of(lambda: render_to_string(template, {"orders": Order.objects.order_by("pk"), **context})):
        places = template_places(query.call_path)
        relation = query.orm.relation if query.orm else None
        assert found.setdefault(relation, places) == places
    return found


def test_a_line_of_a_child_template_inside_a_loop_of_its_parent() -> None:
    orders(2)
    assert paths_by_relation("shop/inherited.html") == {
        None: [("shop/base.html", 2, None)],
        "shop.Order.customer": [("shop/inherited.html", 4, None), ("shop/base.html", 2, "for")],
    }


def test_nested_loops_includes_and_tags() -> None:
    orders(2)
    loop = ("shop/nested.html", 2, "for")
    assert paths_by_relation("shop/nested.html") == {
        None: [("shop/nested.html", 2, None)],
        "shop.Order.item_set": [("shop/nested.html", 4, None), loop],
        "shop.Order.tags": [("shop/nested.html", 7, None), loop],
        "shop.Order.customer": [("shop/nested.html", 9, None), loop],
        "shop.Order.payer": [("shop/nested.html", 9, None), loop],
        "shop.Order.notes": [("shop/row.html", 2, None), ("shop/nested.html", 10, None), loop],
        "shop.Customer.profile": [("shop/nested.html", 11, None), loop],
        "shop.Order.follows": [("shop/badge.html", 1, None), ("shop/nested.html", 12, None), loop],
    }


def test_a_tag_of_the_users_is_the_access_and_its_line_the_caller() -> None:
    orders(1)
    found = queries_of(lambda: render_to_string("shop/nested.html", {"orders": Order.objects.all()}))
    path = next(query.call_path for query in found if query.orm and query.orm.relation == "shop.Customer.profile")
    assert [(site.function, site.language) for site in path[:3]] == [
        ("profile_of", "python"),
        ("shop/nested.html", "django-template"),
        ("shop/nested.html", "django-template"),
    ]


def test_the_whole_call_site_of_a_line() -> None:
    orders(1)
    found = queries_of(lambda: render_to_string("shop/nested.html", {"orders": Order.objects.all()}))
    path = next(query.call_path for query in found if query.orm and query.orm.relation == "shop.Order.payer")
    file = PROJECT.relative(str(HERE / "shop/templates/shop/nested.html"))
    line = "{{ order.customer.name }} {{ order.payer.name }}"
    assert path[0].to_dict() == {
        "file": file,
        "line": 9,
        "function": "shop/nested.html",
        "source": line,
        "language": "django-template",
        "module": "shop/nested.html",
        "column": line.index("order.payer") + 2,
        "end_line": 9,
        "end_column": line.index("order.payer") + 2 + len("order.payer.name"),
    }


def test_two_tags_of_one_line_are_two_places() -> None:
    orders(1)
    found = queries_of(lambda: render_to_string("shop/nested.html", {"orders": Order.objects.all()}))
    paths = {
        query.orm.relation: query.call_path[0]
        for query in found
        if query.orm and query.orm.relation in ("shop.Order.customer", "shop.Order.payer")
    }
    assert paths["shop.Order.customer"] != paths["shop.Order.payer"]
    assert paths["shop.Order.customer"].line == paths["shop.Order.payer"].line


def test_a_query_set_built_in_the_view_and_run_by_the_template() -> None:
    orders(1)

    def view() -> None:
        shown = Order.objects.order_by("pk")
        render_to_string("shop/inherited.html", {"orders": shown})

    first = queries_of(view)[0]
    assert first.orm is not None
    assert first.orm.built_at is not None
    assert first.orm.built_at.source == 'shown = Order.objects.order_by("pk")'


def test_a_template_made_from_a_string() -> None:
    orders(1)
    template = engines["django"].from_string("{% for order in orders %}\n{{ order.customer.name }}\n{% endfor %}")
    found = queries_of(lambda: template.render({"orders": Order.objects.all()}))
    place = found[1].call_path[0]
    assert (place.file, place.line, place.source) == ("<template string>", 2, "{{ order.customer.name }}")
    assert template_places(found[1].call_path) == [("<template string>", 2, None), ("<template string>", 1, "for")]


def test_a_loop_over_rows_at_hand_has_no_place() -> None:
    orders(2)
    eager = list(Order.objects.select_related("customer"))
    assert queries_of(lambda: render_to_string("shop/inherited.html", {"orders": eager})) == ()


def test_templates_of_libraries_are_not_shown() -> None:
    def page() -> None:
        render_to_string("admin/filter.html", {"title": "x", "choices": Order.objects.order_by("pk"), "spec": "x"})

    orders(1)
    (query,) = queries_of(page)
    assert template_places(query.call_path) == []


def test_an_error_in_a_template_is_raised_as_it_is() -> None:
    class Failing:
        def fail(self) -> str:
            Order.objects.count()
            raise LookupError("nothing there")

    template = engines["django"].from_string("{{ failing.fail }}")
    with pytest.raises(LookupError, match="nothing there"):
        queries_of(lambda: template.render({"failing": Failing()}))
