"""Look-ups in a loop become one query in front of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixes.django.projects import Project

HEAD = "from django.db.models import Avg\nfrom shop.models import Customer, Line, Order\n\n\n"


def _added(body: str, read: str, *calls: str, function: str = "page", **evidence: Any) -> list[str]:
    project = Project(HEAD + body)
    finding = project.finding(
        kind="lookup",
        access=project.site(read, function),
        path=tuple(project.site(call) for call in calls),
        evidence=evidence,
    )
    found = project.candidates(finding)
    return project.added(found[0]) if found else []


def _loop(read: str, rows: str = "numbers = [1, 2]", header: str = "for number in numbers") -> str:
    return f"def page():\n    {rows}\n    {header}:\n        print({read})\n"


FORMS: dict[str, tuple[str, list[str], str, dict[str, Any]]] = {
    "get": (
        "Customer.objects.get(number=number)",
        ["customer_by_number = {", "item.number: item for item in Customer.objects.filter(number__in=list(numbers))"],
        "customer_by_number[number]",
        {},
    ),
    "get by key": (
        "Customer.objects.get(pk=number)",
        ["customer_by_pk = Customer.objects.in_bulk(list(numbers))"],
        "customer_by_pk[number]",
        {},
    ),
    "exists": (
        "Customer.objects.filter(number=number).exists()",
        ["known_numbers = set("],
        "number in known_numbers",
        {},
    ),
    "rows": (
        "list(Customer.objects.filter(number=number))",
        ["customers_by_number = defaultdict(list)", "customers_by_number[item.number].append(item)"],
        "list(customers_by_number[number])",
        {},
    ),
    "count": (
        "Customer.objects.filter(number=number, open=True).count()",
        ["customer_counts = dict("],
        "customer_counts.get(number, 0)",
        {},
    ),
    "aggregate": (
        'Customer.objects.filter(number=number).aggregate(Avg("age"))',
        ['Customer.objects.filter(number__in=list(numbers)).order_by().values_list("number").annotate(Avg("age"))'],
        '{"age__avg": customer_age__avg.get(number)}',
        {},
    ),
    "value": (
        'Customer.objects.values_list("name", flat=True).get(number=number)',
        ["customer_by_number = dict("],
        "customer_by_number[number]",
        {},
    ),
    "raw": (
        'list(Customer.objects.raw("SELECT * FROM customer WHERE number = %s", [number]))',
        ["for item in Customer.objects.filter(number__in=list(numbers)):"],
        "list(customers_by_number[number])",
        {},
    ),
    "one of in_bulk": (
        "Customer.objects.in_bulk([number])[number]",
        ["customer_by_pk = Customer.objects.in_bulk(list(numbers))"],
        "customer_by_pk[number]",
        {},
    ),
}


@pytest.mark.parametrize(("read", "setup", "instead", "evidence"), FORMS.values(), ids=FORMS)
def test_asks_once(read: str, setup: list[str], instead: str, evidence: dict[str, Any]) -> None:
    inner = read.removeprefix("list(")
    added = _added(_loop(read), inner.removesuffix(")") if inner != read else read, **evidence)

    assert f"print({instead})" in added
    assert [line for line in setup if line not in added] == []


def test_the_first_of_each_is_numbered_by_the_database() -> None:
    read = "Line.objects.filter(order_id=number).order_by('-day').first()"
    added = _added(_loop(read), read, method="first", order=["-day"])

    assert "print(line_by_order_id.get(number))" in added
    assert any('Window(RowNumber(), partition_by="order_id", order_by="-day")' in line for line in added)
    assert "from django.db.models.functions import RowNumber" in added


def test_what_cannot_be_gone_over_twice_is_kept_in_a_list() -> None:
    body = "def page(rows):\n    for number in read(rows):\n        print(Customer.objects.get(number=number))\n"

    added = _added(body, "Customer.objects.get(number=number)")

    assert "items = list(read(rows))" in added
    assert "for number in items:" in added


CHUNKS = """def page(ids):
    ids = list(ids)
    for start in range(0, 9, 3):
        for pk in ids[start : start + 3]:
            print(Customer.objects.get(pk=pk))
"""


def test_chunks_are_asked_for_as_a_whole() -> None:
    added = _added(CHUNKS, "Customer.objects.get(pk=pk)")

    assert added == ["customer_by_pk = Customer.objects.in_bulk(list(ids))", "print(customer_by_pk[pk])"]


def test_two_loops_make_a_key_of_two() -> None:
    body = (
        "def page():\n    orders, days = list(load()), [1, 2]\n    customers = [1]\n    for customer in customers:\n"
        "        for day in [1, 2]:\n"
        "            print(Line.objects.filter(order__customer_id=customer, day=day).count())\n"
    )

    added = _added(body, "Line.objects.filter(order__customer_id=customer, day=day).count()")

    assert "print(line_counts.get((customer, day), 0))" in added
    assert any("row[:-1]: row[-1] for row in" in line for line in added)


def test_an_object_is_compared_by_its_key() -> None:
    read = "Line.objects.filter(order=order).exists()"

    added = _added(_loop(read, "orders = [1]", "for order in orders"), "Line.objects.filter(order=order).exists()")

    assert "print(order.pk in known_orders)" in added
    assert any("order__in=[order.pk for order in orders]" in line for line in added)


CALLED = """def page(numbers):
    numbers = list(numbers)
    for number in numbers:
        print(name_of(number))


def name_of(number):
    return find(number).name


def find(number):
    return Customer.objects.get(number=number)
"""


def test_the_result_is_handed_down_to_the_function_that_looks_up() -> None:
    read = "Customer.objects.get(number=number)"

    added = _added(CALLED, read, "find(number).name", "name_of(number))", function="find")

    assert "print(name_of(number, customer_by_number=customer_by_number))" in added
    assert "def find(number, customer_by_number=None):" in added
    assert "return find(number, customer_by_number=customer_by_number).name" in added
    assert any("if customer_by_number is not None else Customer.objects.get(number=number)" in line for line in added)


ANNOTATED = CALLED.replace("def find(number):", "def find(number: int) -> Customer:").replace(
    "def name_of(number):", "def name_of(number: int, full: bool = False):"
)


def test_the_parameter_is_put_behind_annotations_and_defaults() -> None:
    read = "Customer.objects.get(number=number)"

    added = _added(ANNOTATED, read, "find(number).name", "name_of(number))", function="find")

    hinted = "customer_by_number: dict[Any, Customer] | None = None"
    assert f"def find(number: int, {hinted}) -> Customer:" in added
    assert f"def name_of(number: int, full: bool = False, {hinted}):" in added
    assert "from typing import Any" in added


@pytest.mark.parametrize(
    ("read", "hint"),
    [
        ("Customer.objects.get(pk=number)", "dict[Any, Customer]"),
        ("Customer.objects.annotate(age=Avg('day')).get(number=number)", "dict[Any, Any]"),
        ("Customer.objects.filter(number=number).exists()", "set[Any]"),
        ("list(Customer.objects.filter(number=number))", "dict[Any, list[Customer]]"),
        ("list(Customer.objects.filter(number=number).values_list('name', 'number'))", "dict[Any, list[Any]]"),
        ("Customer.objects.filter(number=number).count()", "dict[Any, int]"),
        ('Customer.objects.values_list("name", flat=True).get(number=number)', "dict[Any, Any]"),
    ],
)
def test_the_annotation_tells_what_the_result_is(read: str, hint: str) -> None:
    body = ANNOTATED.replace("Customer.objects.get(number=number)", read)

    added = _added(body, read, "find(number).name", "name_of(number))", function="find")

    assert any(f": {hint} | None = None) -> Customer:" in line for line in added), added


MAPPED = """def page(numbers):
    def name_of(number):
        return Customer.objects.get(number=number).name

    numbers = list(numbers)
    return list(map(name_of, numbers))
"""


def test_an_inner_function_sees_the_result() -> None:
    added = _added(
        MAPPED, "Customer.objects.get(number=number)", "map(name_of, numbers)", function="page.<locals>.name_of"
    )

    assert "return customer_by_number[number].name" in added
    assert not any("=None" in line for line in added)


ASYNCHRONOUS = """async def page(numbers):
    numbers = [number async for number in numbers]
    return [await Customer.objects.aget(number=number) for number in numbers]
"""


def test_a_coroutine_asks_asynchronously() -> None:
    added = _added(ASYNCHRONOUS, "Customer.objects.aget(number=number)")

    assert "item.number: item async for item in Customer.objects.filter(number__in=list(numbers))" in added
    assert "return [customer_by_number[number] for number in numbers]" in added


CAUGHT = """def page(numbers):
    numbers = list(numbers)
    for number in numbers:
        try:
            print(Customer.objects.get(number=number))
        except Customer.DoesNotExist:
            print("nobody")
"""


def test_a_missing_row_is_a_missing_key() -> None:
    added = _added(CAUGHT, "Customer.objects.get(number=number)")

    assert "except KeyError:" in added


UNKNOWN = {
    "value of the last answer": (
        "def page(number):\n    while number:\n        number = Customer.objects.get(number=number).next\n"
    ),
    "no equality": _loop("Customer.objects.filter(age__gt=number)"),
    "conditions of Q": _loop("Customer.objects.filter(Q(number=number))"),
    "another value changes in the loop": (
        "def page():\n    numbers = [1]\n    for number in numbers:\n        day = now()\n"
        "        print(Customer.objects.filter(number=number, day=day).count())\n"
    ),
}


@pytest.mark.parametrize("body", UNKNOWN.values(), ids=UNKNOWN)
def test_leaves_alone_what_no_list_can_ask_for(body: str) -> None:
    start = body.index("Customer.objects")
    read = body[start:].split(")\n", maxsplit=1)[0].removesuffix(".next")

    assert _added(body, read, set_columns=["number"]) == []
