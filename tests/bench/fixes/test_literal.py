"""Advice put where a literal-minded user would put it."""

import pytest

from bench.fixes.literal import Wanted, applied, wanted

JOIN = Wanted("select_related", "customer", "Shipment", None)
LOADER = Wanted("selectinload", "parcels", "Shipment", None)


@pytest.mark.parametrize(
    ("text", "relations", "expected"),
    [
        ("Add .select_related('ship') to your Shipment queryset", [], ("select_related", "ship", "Shipment")),
        ("add `prefetch_related()` for this relation", ["freight.Ship.crew"], ("prefetch_related", "crew", "Ship")),
        ("add `selectinload()` for this relationship", ["Shipment.parcels"], ("selectinload", "parcels", "Shipment")),
    ],
)
def test_an_advice_that_names_a_call_is_read(text: str, relations: list[str], expected: tuple[str, str, str]) -> None:
    asked = wanted(text, ("a.py", 3), relations)
    assert asked is not None
    assert (asked.call, asked.relation, asked.model, asked.place) == (*expected, ("a.py", 3))


@pytest.mark.parametrize("text", ["Fetch the rows in one query: Ship.objects.in_bulk(ids)", "add `select_related()`"])
def test_an_advice_without_a_call_or_a_relation_is_not(text: str) -> None:
    assert wanted(text, None, ()) is None


def test_the_call_goes_behind_the_manager() -> None:
    text = "rows = [s.customer for s in Shipment.objects.filter(weight=1)]\n"
    assert applied(text, 1, JOIN) == (
        'rows = [s.customer for s in Shipment.objects.select_related("customer").filter(weight=1)]\n'
    )


def test_a_query_of_another_model_stays() -> None:
    assert applied("rows = Invoice.objects.all()\n", 1, JOIN) is None


def test_a_related_manager_is_taken_only_if_it_may_be() -> None:
    text = "rows = ship.shipments.all()\n"
    assert applied(text, 1, JOIN) is None
    assert applied(text, 1, JOIN, related=True) == 'rows = ship.shipments.select_related("customer").all()\n'


def test_a_loader_goes_into_the_select_of_the_function_and_is_imported() -> None:
    text = (
        "from sqlalchemy import select\n"
        "\n"
        "def shipments(session):\n"
        "    query = select(Shipment).order_by(Shipment.id)\n"
        "    return session.scalars(query).all()\n"
    )
    assert applied(text, 5, LOADER) == (
        "from sqlalchemy.orm import selectinload\n"
        "from sqlalchemy import select\n"
        "\n"
        "def shipments(session):\n"
        "    query = select(Shipment).options(selectinload(Shipment.parcels)).order_by(Shipment.id)\n"
        "    return session.scalars(query).all()\n"
    )
    assert applied(text.replace("select(Shipment)", "select(Customer)"), 5, LOADER) is None
