"""One question is asked once."""

from __future__ import annotations

import pytest

from tests.fixes.django.projects import Project

QUERY = 'Preference.objects.get(key="currency")'


def _added(body: str, *pieces: str) -> list[list[str]]:
    project = Project(body)
    sites = [project.site(piece) for piece in pieces]
    finding = project.finding(
        code="repeated-query", kind="same-parameters", access=sites[0], path=tuple(sites[1:]), evidence={}
    )
    return [project.added(candidate) for candidate in project.candidates(finding)]


def test_in_front_of_the_outermost_loop() -> None:
    body = f"def page(rows):\n    for row in rows:\n        for part in row:\n            print({QUERY}.value)\n"

    assert _added(body, QUERY) == [[f"preference = {QUERY}", "print(preference.value)"]]


def test_the_call_of_a_function_that_asks_is_taken_out() -> None:
    body = f"def currency():\n    return {QUERY}\n\n\ndef page(rows):\n    return [currency() for row in rows]\n"

    assert _added(body, QUERY, "currency() for")[0][0] == "known_currency = currency()"


def test_a_condition_of_while_counts_as_a_part_of_the_loop() -> None:
    body = "def page():\n    at = 0\n    while at < Order.objects.count():\n        at += 1\n"

    assert _added(body, "Order.objects.count()")[0] == [
        "order_count = Order.objects.count()",
        "while at < order_count:",
    ]


def test_a_query_set_that_the_loop_gives_a_name_moves_along() -> None:
    body = f"def page(rows):\n    for row in rows:\n        wanted = {QUERY}\n        print(wanted.exists())\n"

    assert f"known_exists = {QUERY}.exists()" in _added(body, "wanted.exists()")[0]


@pytest.mark.parametrize(
    "body",
    [
        "def page(rows):\n    for row in rows:\n        print(Preference.objects.get(key=row))\n",
        "def page(rows):\n    return Preference.objects.get(key='x')\n",
        "def page(rows):\n    for row in Preference.objects.get(key='x'):\n        print(row)\n",
    ],
    ids=["depends on the row", "no loop", "the loop's own iterable"],
)
def test_leaves_alone_what_is_not_the_same_question_in_a_loop(body: str) -> None:
    piece = body[body.index("Preference") :].split(")", maxsplit=1)[0] + ")"

    assert _added(body, piece) == []
