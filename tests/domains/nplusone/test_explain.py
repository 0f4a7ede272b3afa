"""Findings in one or two sentences."""

from dataclasses import replace

import pytest

from ennead.domains.nplusone.explain import explain_identical, explain_repeats
from ennead.domains.nplusone.origins import Origin
from tests.domains.nplusone.traces import ACCESS, LOOP, ORIGIN

FED = Origin(ORIGIN, 50, (0,), 1.0, matches_owner=True)


def _told(kind: str = "relation", *, loop: bool = True, access: bool = True, origin: Origin | None = FED) -> str:
    return explain_repeats(
        kind=kind,
        what="Order.customer",
        query_count=50,
        queries_needed=1,
        access=ACCESS if access else None,
        loop=LOOP if loop else None,
        origin=origin,
    )


def test_the_whole_story_in_the_order_things_happen() -> None:
    assert _told() == (
        "The query at shop/views.py:10 returned 50 rows. The loop at shop/views.py:11 loads Order.customer at "
        "shop/views.py:12 once per item: 50 queries where 1 would do."
    )


@pytest.mark.parametrize(
    ("origin", "beginning"),
    [
        (None, "The loop at"),
        (FED._replace(site=None), "The loop at"),
        (FED._replace(row_count=None), "The rows come from the query at shop/views.py:10. The loop at"),
    ],
)
def test_says_of_the_origin_what_is_known(origin: Origin | None, beginning: str) -> None:
    assert _told(origin=origin).startswith(beginning)


def test_without_a_loop_and_without_a_place() -> None:
    assert _told(loop=False, origin=None) == (
        "Each step loads Order.customer with a query of its own at shop/views.py:12: 50 queries where 1 would do."
    )
    assert _told(loop=False, access=False, origin=None) == (
        "Each step loads Order.customer with a query of its own: 50 queries where 1 would do."
    )


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("relation", "loads Order.customer"),
        ("deferred", "loads the deferred column Order.customer"),
        ("lookup", "looks up Order.customer"),
        ("aggregate", "counts or aggregates Order.customer"),
        ("raw-sql", "queries Order.customer"),
        ("insert", "inserts into Order.customer"),
        ("update", "updates Order.customer"),
        ("delete", "deletes from Order.customer"),
        ("upsert", "gets or creates Order.customer"),
        ("a kind of tomorrow", "queries Order.customer"),
    ],
)
def test_each_kind_has_its_verb(kind: str, words: str) -> None:
    assert f" {words} at " in _told(kind)


def test_what_a_framework_calls_a_place_is_told() -> None:
    noted = replace(ACCESS, note="serializer field OrderSerializer.customer")
    told = explain_identical(what="setting", query_count=3, access=noted)
    assert "(last at shop/views.py:12 (serializer field OrderSerializer.customer))" in told


@pytest.mark.parametrize("note", ["for", "iterates"])
def test_notes_for_the_rules_are_not(note: str) -> None:
    assert note not in explain_identical(what="setting", query_count=3, access=replace(ACCESS, note=note)).split()


def test_an_identical_query() -> None:
    assert explain_identical(what="setting", query_count=3, access=ACCESS) == (
        "The same query on setting ran 3 times with the same parameters (last at shop/views.py:12): "
        "ask once and keep the answer."
    )
