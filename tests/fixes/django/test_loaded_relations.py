"""Relations are loaded where the rows are queried, however the rows got to the loop."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ennead.kernel.finding import Finding
from tests.fixes.django.projects import Project

HEAD = "from shop.models import Order\n\n\ndef page():\n"
TAIL = "    for order in orders:\n        print(order.customer.name)\n"


def _customers(views: str, origin: str, **evidence: object) -> tuple[Project, list[list[str]]]:
    project = Project(views)
    finding = project.relation(
        "shop.Order.customer",
        "shop.Customer",
        project.site(origin),
        project.site("order.customer"),
        evidence=evidence,
    )
    return project, [project.added(candidate) for candidate in project.candidates(finding)]


@pytest.mark.parametrize(
    ("query", "joined"),
    [
        ("Order.objects.all()", 'Order.objects.all().select_related("customer")'),
        ("Order.objects.all()[:50]", 'Order.objects.all().select_related("customer")[:50]'),
        ("list(Order.objects.filter(open=True))", 'list(Order.objects.filter(open=True).select_related("customer"))'),
        ("Order.objects.iterator()", 'Order.objects.select_related("customer").iterator()'),
        ('Order.objects.select_related("shop")', 'Order.objects.select_related("shop", "customer")'),
        ('Order.objects.only("number")', 'Order.objects.only("number", "customer").select_related("customer")'),
        ('Order.objects.only("customer_id")', 'Order.objects.only("customer_id").select_related("customer")'),
    ],
    ids=["plain", "sliced", "in list()", "iterator", "extended", "only", "only with the key"],
)
def test_joins_where_the_rows_are_queried(query: str, joined: str) -> None:
    _, added = _customers(f"{HEAD}    orders = {query}  # all\n{TAIL}", "Order.objects")

    assert added[0] == [f"orders = {joined}  # all"]


@pytest.mark.parametrize(
    "query",
    ['Order.objects.defer("customer")', "Order.objects.select_for_update()", "Order.objects.raw('SELECT 1')"],
    ids=["deferred key", "locked rows", "raw"],
)
def test_does_not_join_what_cannot_be_joined(query: str) -> None:
    project = Project(f"{HEAD}    orders = {query}\n{TAIL}")
    access = project.site("order.customer")
    finding = project.relation("shop.Order.customer", "shop.Customer", project.site("Order.objects"), access)

    strategies = [candidate.strategy for candidate in project.candidates(finding)]

    assert "select-related" not in strategies
    assert "prefetch" in strategies


def test_nothing_can_be_put_behind_a_union() -> None:
    _, added = _customers(f"{HEAD}    orders = Order.objects.union(other)\n{TAIL}", "Order.objects")

    assert added == []


def test_a_collection_is_prefetched_and_iterator_gets_its_chunks() -> None:
    project = Project(
        f"{HEAD}    for order in Order.objects.iterator():\n        print([line.day for line in order.lines.all()])\n"
    )
    finding = project.relation(
        "shop.Order.lines",
        "shop.Line",
        project.site("Order.objects"),
        project.site("order.lines.all()"),
        evidence={"cardinality": "many", "method": "all"},
    )

    added = [project.added(candidate) for candidate in project.candidates(finding)]

    assert added[0] == ['for order in Order.objects.prefetch_related("lines").iterator(chunk_size=2000):']


def test_all_paths_of_the_tree_are_one_edit_and_a_longer_path_takes_the_place_of_a_shorter() -> None:
    project = Project(f'{HEAD}    orders = Order.objects.select_related("customer")\n{TAIL}')
    finding = project.relation(
        "shop.Customer.region", "shop.Region", project.site("Order.objects"), project.site("order.customer")
    )
    steps = [
        [{"relation": "shop.Customer.region", "cardinality": "one", "target": "shop.Region"}],
        [{"relation": "shop.Customer.tags", "cardinality": "many", "target": "shop.Tag"}],
    ]
    finding = replace(
        finding,
        evidence={**finding.evidence, "relation_paths": steps, "root_prefix": "customer__", "root_model": "shop.Order"},
    )

    added = project.added(project.candidates(finding)[0])

    assert added == [
        'orders = Order.objects.select_related("customer__region").prefetch_related("customer__tags")',
    ]


def test_an_unknown_way_to_the_owner_is_one_that_the_query_loads() -> None:
    _, added = _customers(
        f'{HEAD}    orders = Bill.objects.select_related("first", "second")\n{TAIL}',
        "Bill.objects",
        root_model="shop.Bill",
        root_prefix=None,
    )

    assert 'orders = Bill.objects.select_related("first__customer", "second")' in [lines[0] for lines in added]
    assert 'orders = Bill.objects.select_related("first", "second__customer")' in [lines[0] for lines in added]


def test_applied_once_is_enough() -> None:
    project = Project(f"{HEAD}    orders = Order.objects.all()\n{TAIL}")

    def first() -> list[str]:
        origin, access = project.site("Order.objects"), project.site("order.customer")
        found = project.candidates(project.relation("shop.Order.customer", "shop.Customer", origin, access))
        return [candidate.strategy for candidate in found]

    assert first()[0] == "select-related"
    project = project.applied(project.candidates(_finding(project))[0])
    assert "select-related" not in first()


def _finding(project: Project) -> Finding:
    origin, access = project.site("Order.objects"), project.site("order.customer")
    return project.relation("shop.Order.customer", "shop.Customer", origin, access)


SEVERAL_LINES = """
def page():
    orders = (
        Order.objects.filter(open=True)
        .order_by("day")  # old first
    )
    for order in orders:
        print(order.customer.name)
"""


def test_the_style_of_a_chain_over_several_lines_is_kept() -> None:
    project = Project(SEVERAL_LINES)

    (text,) = project.candidates(_finding(project))[0].files.values()

    assert '        .order_by("day")\n        .select_related("customer")  # old first\n' in text


ARGUMENT = """
def show(orders):
    for order in orders:
        print(order.customer)


def page():
    show(Order.objects.all())
"""
METHOD = """
class Page:
    def rows(self):
        return Order.objects.all()

    def show(self):
        for order in self.rows():
            print(order.customer)
"""
ATTRIBUTE = """
class Page:
    def __init__(self):
        self.rows = Order.objects.all()

    def show(self):
        for order in self.rows:
            print(order.customer)
"""
OTHER_MODULE = """
from shop.queries import rows


def show():
    for order in rows():
        print(order.customer)
"""
CALLERS = {
    "argument": (ARGUMENT, "orders:"),
    "method": (METHOD, "self.rows()"),
    "attribute": (ATTRIBUTE, "self.rows:"),
    "function of another module": (OTHER_MODULE, "rows():"),
}


@pytest.mark.parametrize(("views", "origin"), CALLERS.values(), ids=CALLERS)
def test_follows_the_rows_to_their_query(views: str, origin: str) -> None:
    project = Project(views, {"shop/queries.py": "def rows():\n    return Order.objects.all()\n"})
    finding = project.relation(
        "shop.Order.customer",
        "shop.Customer",
        project.site(origin.removesuffix(":"), function="show"),
        project.site("order.customer", function="show"),
        path=(project.site("show(Order", function="page"),) if "def page" in views else (),
    )

    added = project.added(project.candidates(finding)[0])

    assert len(added) == 1
    assert 'Order.objects.all().select_related("customer")' in added[0]


def test_rows_that_nobody_queries_here_are_loaded_in_front_of_the_loop() -> None:
    project = Project("def show(orders):\n    for order in orders:\n        print(order.customer)\n")
    finding = project.relation(
        "shop.Order.customer",
        "shop.Customer",
        project.site("orders:", function="show"),
        project.site("order.customer", function="show"),
        loop=project.site("for order", function="show"),
    )

    added = [project.added(candidate) for candidate in project.candidates(finding)]

    assert added == [
        [
            "from django.db.models import prefetch_related_objects",
            "rows = list(orders)",
            'prefetch_related_objects(rows, "customer")',
            "for order in rows:",
        ]
    ]


def test_a_path_behind_a_generic_relation_is_left_alone() -> None:
    project = Project(f"{HEAD}    orders = Order.objects.all()\n{TAIL}")
    finding = _finding(project)
    steps = [{"relation": "shop.Order.thing", "cardinality": "one", "generic": True}, {"relation": "shop.Box.lid"}]

    assert project.candidates(replace(finding, evidence={**finding.evidence, "relation_paths": [steps]})) == []


@pytest.mark.parametrize(
    ("read", "is_tried"), [("product.parent.kind", True), ("product.kind", False)], ids=["another row", "the row"]
)
def test_a_relation_of_another_row_of_the_same_model_is_loaded_through_it(read: str, *, is_tried: bool) -> None:
    project = Project(f"{HEAD}    for product in Product.objects.all():\n        print({read})\n")
    finding = project.relation("shop.Product.kind", "shop.Kind", project.site("Product.objects"), project.site(read))

    added = [project.added(candidate)[0] for candidate in project.candidates(finding)]

    assert any('select_related("kind")' in line for line in added)
    assert any('select_related("parent__kind")' in line for line in added) is is_tried


LOOP = """
def page():
    for order in load():
        shown = order
        for column in columns:
            print(shown.customer, column)
"""


@pytest.mark.parametrize(("loop", "is_tried"), [("for order in", True), ("for column in", False)])
def test_relations_are_loaded_in_front_of_a_loop_only_if_it_goes_through_the_rows(loop: str, *, is_tried: bool) -> None:
    project = Project(LOOP)
    finding = project.relation(
        "shop.Order.customer",
        "shop.Customer",
        project.site("load()"),
        project.site("shown.customer"),
        loop=project.site(loop),
    )

    strategies = [candidate.strategy for candidate in project.candidates(finding)]

    assert strategies == (["prefetch-objects"] if is_tried else [])
