"""What a line asks of a relation is read from its text, and where that means the same elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.domains.nplusone.access_chain import argument_of, calls_of, chain_from, executed
from ennead.kernel.call_site import CallSite


def _at(line: str, function: str = "page") -> CallSite:
    return CallSite("shop/views.py", 3, function, line)


@pytest.mark.parametrize(
    ("line", "owner", "calls"),
    [
        ("n = order.lines.filter(sent=True).count()", "order", ["filter(sent=True)", "count()"]),
        ("for line in self.lines.order_by('-day'):  # all", "self", ["order_by('-day')"]),
        ("if s.lines.filter(sent=True).exists()", "s", ["filter(sent=True)", "exists()"]),
        ("total += len(orders[0].lines.all())", "orders[0]", ["all()"]),
    ],
)
def test_the_chain_behind_a_relation(line: str, owner: str, calls: list[str]) -> None:
    chain = chain_from(_at(line), "lines")
    assert chain is not None
    assert (chain.owner, [call.text for call in chain.calls]) == (owner, calls)


@pytest.mark.parametrize(
    "line", ["n = unsent.count()", "n = a.lines.count() + b.lines.count()", "x = (order.lines", ""]
)
def test_a_line_without_one_chain_has_none(line: str) -> None:
    assert chain_from(_at(line), "lines") is None


@pytest.mark.parametrize(
    ("arguments", "is_constant"),
    [
        ("sent=True", True),
        ("day__in=(1, 2)", True),
        ("-1", True),
        ("Q(sent=True)", True),
        ("sent=sent", False),
        ("sent=self.sent", False),
        ("day=today()", False),
        ("**wanted", False),
        ("Q(sent=sent)", False),
    ],
)
def test_arguments_that_mean_the_same_everywhere(arguments: str, is_constant: bool) -> None:  # noqa: FBT001
    chain = chain_from(_at(f"order.lines.filter({arguments})"), "lines")
    assert chain is not None
    assert chain.calls[0].is_constant is is_constant


@pytest.mark.parametrize(
    ("line", "expected", "taken"),
    [
        ("x = order.lines.count()  # Käse", "x = HERE  # Käse", None),
        ("'größer', await order.lines.acount()", "'größer', HERE", None),
        ("x = order.lines.order_by('day')[0].price", "x = HERE.price", 1),
        ("x = order.lines.order_by('day')[:3]", "x = HERE", 3),
        ("x = order.lines.order_by('day')[1:3]", "x = HERE", None),
        ("x = order.lines.order_by('day')[:size]", "x = HERE", None),
        ("x = (await order.lines.aaggregate(s=1))['s']", "x = HERE", None),
    ],
)
def test_the_chain_is_replaced_as_a_whole(line: str, expected: str, taken: int | None) -> None:
    chain = chain_from(_at(line), "lines")
    assert chain is not None
    assert (chain.replaced_by("HERE"), chain.taken) == (expected, taken)


@pytest.mark.parametrize(
    ("line", "function", "expected"),
    [
        ("total = self.session.scalar(query)", "page", "self.session.execute(x)"),
        ("total = self.session.scalar(query)", "elsewhere", "session.execute(x)"),
        ("total = await session.scalar(query)", "page", "(await session.execute(x))"),
        ("total = own.scalar(query)", "page", "session.execute(x)"),
        ("total = cached.get(key)", "page", "session.execute(x)"),
    ],
)
def test_a_session_is_named_where_its_name_is_known(line: str, function: str, expected: str) -> None:
    assert executed(_at(line), _at("for key in keys:", function), "execute", "x") == expected


def test_names_of_calls_and_of_a_models_argument() -> None:
    place = _at("session.execute(insert(Order).values(day=1))")
    assert calls_of(place) == {"execute", "insert", "values"}
    assert argument_of(place, "insert") == "Order"
    assert argument_of(place, "update") is None
    assert argument_of(_at("connection.execute(insert(orders))"), "insert") is None


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(["a", ".lines", ".x()", "[0]", "(", ")", " ", "ä", "await "])).map("".join)
)
def test_reading_never_raises(line: str) -> None:
    chain = chain_from(_at(line), "lines")
    if chain is not None:
        assert "ß" in chain.replaced_by("ß")
    calls_of(_at(line))
