"""Query sets that frameworks run are changed where classes declare them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ennead.kernel.call_site import CallSite
from ennead.kernel.finding import Finding
from tests.fixes.django.projects import VIEWS, Project

ADMIN = """
from django.contrib import admin


class OrderAdmin(admin.ModelAdmin):
    list_display = ["number", "buyer"]

    def buyer(self, order):
        return order.customer.name


class OtherAdmin(admin.ModelAdmin):
    pass
"""
TEMPLATE = CallSite("shop/templates/shop/orders.html", 2, "shop/orders.html", "{{ order.customer }}", "django-template")


def _finding(project: Project, origin: CallSite, access: CallSite) -> Finding:
    return project.relation("shop.Order.customer", "shop.Customer", origin, access)


def _class_line(project: Project, name: str) -> CallSite:
    site = project.site(f"class {name}", function=name)
    return replace(site, column=None, end_line=None, end_column=None)


def test_a_changelist_joins_by_its_own_setting_or_by_its_query_set() -> None:
    project = Project(ADMIN)
    access = project.site("order.customer", "OrderAdmin.buyer")

    added = [
        project.added(found)
        for found in project.candidates(_finding(project, _class_line(project, "OrderAdmin"), access))
    ]

    assert added[0] == ['list_select_related = ["customer"]']
    assert added[1] == [
        "def get_queryset(self, request):",
        'return super().get_queryset(request).select_related("customer")',
    ]


def test_a_changelist_setting_is_extended_once() -> None:
    project = Project(ADMIN.replace('"buyer"]', '"buyer"]\n    list_select_related = ["shop"]'))
    finding = _finding(project, _class_line(project, "OrderAdmin"), project.site("order.customer"))

    candidate = project.candidates(finding)[0]

    assert project.added(candidate) == ['list_select_related = ["shop", "customer"]']
    again = [found.strategy for found in project.applied(candidate).candidates(finding)]
    assert "admin" not in again


def test_a_changelist_setting_keeps_what_is_joined_without_it() -> None:
    project = Project(ADMIN.replace('["number", "buyer"]', '("number", "order", "shop")'))
    origin = _class_line(project, "OrderAdmin")
    finding = project.relation("shop.Line.shop", "shop.Shop", origin, project.site("order.customer"))

    assert project.added(project.candidates(finding)[0]) == ['list_select_related = ["order", "shop"]']


def test_a_figure_of_a_column_is_annotated_in_a_query_set_of_its_own() -> None:
    project = Project(ADMIN.replace("order.customer.name", "order.lines.count()"))
    finding = project.relation(
        "shop.Order.lines",
        "shop.Line",
        _class_line(project, "OrderAdmin"),
        project.site("order.lines.count()", "OrderAdmin.buyer"),
        evidence={"cardinality": "many", "method": "count"},
    )

    added = project.added(project.candidates(finding)[0])

    assert "def get_queryset(self, request):" in added
    assert 'lines_count=Count("lines", distinct=True)' in "".join(added)
    assert 'if hasattr(order, "lines_count")' in "".join(added)


VIEW = """
class OrderList(ListView):
    template_name = "shop/orders.html"
    queryset = Order.objects.all()


class CustomerList(ListView):
    template_name = "shop/customers.html"
    queryset = Customer.objects.all()
"""


def test_a_template_leads_to_the_view_that_renders_it() -> None:
    project = Project(VIEW)
    finding = _finding(project, TEMPLATE, TEMPLATE)

    added = [project.added(found) for found in project.candidates(finding)]

    assert added[0] == ['queryset = Order.objects.all().select_related("customer")']
    assert not any("Customer.objects" in line for lines in added for line in lines)


def test_a_template_that_no_view_names_leads_nowhere() -> None:
    project = Project(VIEW.replace("orders.html", "others.html"))

    assert project.candidates(_finding(project, TEMPLATE, TEMPLATE)) == []


BASE_VIEW = """
class Base(ListView):
    def get_queryset(self):
        return Order.objects.all()


class OrderList(Base):
    ordering = "day"
"""


def test_a_view_that_leaves_the_query_to_its_base_gets_a_method() -> None:
    project = Project(BASE_VIEW)
    origin = _class_line(project, "OrderList")

    added = project.added(project.candidates(_finding(project, origin, TEMPLATE))[0])

    assert added == ["def get_queryset(self):", 'return super().get_queryset().select_related("customer")']


def test_what_get_queryset_returns_is_changed() -> None:
    project = Project(BASE_VIEW)

    added = project.added(project.candidates(_finding(project, _class_line(project, "Base"), TEMPLATE))[0])

    assert added == ['return Order.objects.all().select_related("customer")']


FORM = """
class OrderField(ModelChoiceField):
    def label_from_instance(self, order):
        return order.customer.name


class BillForm(Form):
    first = OtherField(queryset=Order.objects.filter(open=True))
    order = OrderField(queryset=Order.objects.all())
"""


def test_a_label_leads_to_the_field_of_its_class() -> None:
    project = Project(FORM, {"shop/pages.py": "def page():\n    return BillForm().as_p()\n"})
    access = project.site("order.customer", "OrderField.label_from_instance")
    origin = project.site("BillForm().as_p()", file="shop/pages.py")

    added = [project.added(found) for found in project.candidates(_finding(project, origin, access))]

    assert added[0] == ['order = OrderField(queryset=Order.objects.all().select_related("customer"))']


def test_an_origin_that_shows_its_query_set_needs_no_search() -> None:
    project = Project(f"{VIEW}\n\ndef page():\n    orders = Order.objects.filter(x=1)\n")
    finding = _finding(project, project.site("Order.objects.filter"), TEMPLATE)

    texts = [found.files[VIEWS] for found in project.candidates(finding)]

    assert all("    queryset = Order.objects.all()\n" in text for text in texts)
    assert texts


COUNT = CallSite("shop/templates/shop/orders.html", 2, "shop/orders.html", "{{ order.lines.count }}", "django-template")


@pytest.mark.parametrize(("method", "is_prefetched"), [("count", True), ("exists", True), ("first", False)])
def test_what_a_template_asks_of_a_collection_is_prefetched_if_that_helps(method: str, *, is_prefetched: bool) -> None:
    project = Project(VIEW)
    finding = project.relation(
        "shop.Order.lines", "shop.Line", COUNT, COUNT, evidence={"cardinality": "many", "method": method}
    )

    added = [project.added(found) for found in project.candidates(finding)]

    assert added == ([['queryset = Order.objects.all().prefetch_related("lines")']] if is_prefetched else [])


def test_what_is_added_to_an_annotated_class_is_annotated() -> None:
    typed = ADMIN.replace("def buyer(self, order):", "def buyer(self, order: Order) -> str:")
    imports = (
        "from django.db.models import QuerySet\nfrom django.http import HttpRequest\nfrom shop.models import Order\n"
    )
    for text, header in (
        (imports + typed, "def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:"),
        (typed, "def get_queryset(self, request: Any) -> Any:"),
    ):
        project = Project(text)
        finding = _finding(project, _class_line(project, "OrderAdmin"), project.site("order.customer"))
        assert header in project.added(project.candidates(finding)[1])


LISTS = """
from django.views.generic import ListView


class AnyList(ListView):
    def base_rows(self):
        return self.model.objects.filter(is_shown=True)


class OrderList(AnyList):
    model = Order


class CustomerList(AnyList):
    model = Customer

    def get_queryset(self):
        rows = super().get_queryset()
        return rows.filter(name__gt="")
"""


def _of_any_model(project: Project, handler: str, code: str, function: str) -> Finding:
    finding = _finding(project, project.site(code, function), project.site("class OrderList"))
    told = {} if not handler else {"handler": _class_line(project, handler).to_dict()}
    return replace(finding, evidence={**finding.evidence, **told})


def test_a_query_for_any_model_is_completed_in_the_class_that_answered() -> None:
    project = Project(LISTS)
    finding = _of_any_model(project, "OrderList", "self.model.objects.filter", "AnyList.base_rows")

    assert project.added(project.candidates(finding)[0]) == [
        "def get_queryset(self):",
        'return super().get_queryset().select_related("customer")',
    ]


def test_a_query_for_any_model_is_completed_where_the_class_has_one_of_its_own() -> None:
    project = Project(LISTS)
    finding = _of_any_model(project, "CustomerList", "self.model.objects.filter", "AnyList.base_rows")

    assert project.added(project.candidates(finding)[0]) == [
        'return rows.filter(name__gt="").select_related("customer")',
    ]


POLICY = """
from django.views.generic import TemplateView


class Policy:
    def rows_for(self, user):
        return self.model.objects.all()


class Listing(TemplateView):
    def get_context_data(self, **kwargs):
        rows = policy.rows_for(self.request.user)
        rows = rows.order_by("number")
        return {**super().get_context_data(**kwargs), "rows": rows}


class OrderListing(Listing):
    template_name = "orders.html"
"""


def test_a_query_for_any_model_is_completed_where_the_view_narrows_it() -> None:
    project = Project(POLICY)
    finding = _finding(
        project, project.site("self.model.objects.all", "Policy.rows_for"), project.site("class OrderListing")
    )
    told = {"handler": _class_line(project, "OrderListing").to_dict()}
    finding = replace(finding, evidence={**finding.evidence, **told})

    assert project.added(project.candidates(finding)[0]) == [
        'rows = rows.order_by("number").select_related("customer")'
    ]


@pytest.mark.parametrize("handler", ["", "AnyList"])
def test_a_query_for_any_model_is_left_alone_where_nobody_else_answered(handler: str) -> None:
    project = Project(LISTS)

    assert not project.candidates(_of_any_model(project, handler, "self.model.objects.filter", "AnyList.base_rows"))
