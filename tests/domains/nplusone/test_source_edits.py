"""Advice written into the user's own line, and only where that line can be read."""

import ast
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.domains.nplusone.source_edits import add_options, append_to_query, query_in
from ennead.kernel.call_site import CallSite, Language

HERE = "«here»"


def _at(line: str | None, language: Language = "python") -> CallSite:
    return CallSite("shop/views.py", 3, "order_list", line, language)


def _append(line: str) -> str:
    return append_to_query(_at(line), HERE)


def _options(line: str) -> str:
    return add_options(_at(line), "load").replace(".options(load)", HERE)


@pytest.mark.parametrize(
    "expected",
    [
        "for order in Order.objects.all()«here»:",
        "async for order in Order.objects.filter(paid=True)«here»:",
        "orders = Order.objects.filter(paid=True).order_by('day')«here»",
        "orders = list(Order.objects.all()«here»)",
        "orders = Order.objects.all()«here»[:10]",
        "orders = customer.order_set.all()«here»",
        "orders = Order.objects«here»",
        "orders = Order.objects.recent()«here»",
        "return render(request, 'orders.html', {'orders': Order.objects.all()«here»})",
        "return [order.total for order in Order.objects.all()«here»]",
        "return sorted(Order.objects.all()«here», key=lambda order: order.day)",
        "orders = await sync_to_async(list)(Order.objects.all()«here»)",
        "yield from Order.objects.all()«here»",
        "return super().get_queryset(request)«here»",
        "return super().get_queryset().order_by('day')«here»",
        "for order in Order.objects.all()«here»: print(order)",
        "orders = Order.objects.filter(customer__in=Customer.objects.filter(new=True))«here»",
        "print('Käse €', Order.objects.all()«here», 'größer')",
        # before what ends a query set
        "order = Order.objects.filter(paid=True)«here».first()",
        "for order in Order.objects.all()«here».iterator():",
        "async for order in Order.objects.all()«here».aiterator():",
        "orders = Order.objects«here».in_bulk(keys)",
        "order = await Order.objects«here».aget(pk=1)",
        # a block's header and a comprehension's part with a comment behind
        "for order in Order.objects.all()«here»:  # every one",
        "for order in Order.objects.all()«here»",
        "for order in Order.objects.all()«here»  # every one",
    ],
)
def test_appends_to_the_query_set(expected: str) -> None:
    assert _append(expected.replace(HERE, "")) == expected


@pytest.mark.parametrize(
    "line",
    [
        "orders = (Order.objects",
        "    .all())",
        "elif Order.objects.all():",
        "for order in orders:",
        "pairs = zip(Order.objects.all(), Line.objects.all())",
        "return Order.objects.all() if full else Order.objects.none()",
        "lines = Order.objects.get(pk=1).lines.all()",
        "name = Order.objects.first().customer",
        "sql = Order.objects.all().query",
        "orders = Order.objects.raw('SELECT * FROM shop_order')",
        "x = 'Order.objects.all()'",
        "",
    ],
)
def test_gives_the_bare_call_where_the_line_does_not_say(line: str) -> None:
    assert _append(line) == HERE


@pytest.mark.parametrize(
    "expected",
    [
        "orders = session.scalars(select(Order)«here»).all()",
        "orders = session.scalars(sa.select(Order)«here».where(Order.paid)).all()",
        "statement = select(Order)«here»",
        "for order in session.query(Order)«here».filter_by(paid=True):",
        "async for order in await session.stream_scalars(select(Order)«here»):",
        "orders = (await session.scalars(select(Order)«here»)).all()",
        "statement = select(Order)«here».where(Order.id.in_(select(Line.order_id)))",
        "orders = Order.query«here».filter_by(paid=True).all()",
        "print('Käse €', session.query(Order)«here».all(), 'größer')",
    ],
)
def test_adds_options_to_the_select(expected: str) -> None:
    assert _options(expected.replace(HERE, "")) == expected


@pytest.mark.parametrize(
    "line",
    [
        "statement = (",
        "order = session.get(Order, 1)",
        "for order in orders:",
        "queries = [select, query]",
        "request.query",
    ],
)
def test_gives_the_bare_options_where_the_line_does_not_say(line: str) -> None:
    assert _options(line) == HERE


@pytest.mark.parametrize(
    "place", [None, _at(None), _at("{{ Order.objects.all }}", "django-template"), _at("Order.objects.all()", "jinja2")]
)
def test_a_place_that_is_no_python_line_is_left_alone(place: CallSite | None) -> None:
    assert append_to_query(place, HERE) == HERE
    assert add_options(place, "load") == ".options(load)"


@pytest.mark.parametrize(
    ("line", "model", "relation", "expected"),
    [
        ("orders = Order.published.all()", "Order", None, "orders = Order.published.all()«here»"),
        ("orders = Order.published.all()", None, None, HERE),
        ("orders = Order.objects.all()", "Line", None, HERE),
        (
            "pairs = zip(Order.objects.all(), Line.objects.all())",
            "Line",
            None,
            "pairs = zip(Order.objects.all(), Line.objects.all()«here»)",
        ),
        ("for line in order.lines.all():", "Line", "lines", "for line in order.lines.all()«here»:"),
        ("for line in order.lines.all():", "Line", None, HERE),
        ("both = Order.objects.all().union(Order.objects.none())", "Order", None, HERE),
        ("orders = self.model.objects.all()", "Order", None, "orders = self.model.objects.all()«here»"),
    ],
)
def test_the_query_set_has_to_load_the_model(line: str, model: str | None, relation: str | None, expected: str) -> None:
    assert append_to_query(_at(line), HERE, model, relation) == expected


@pytest.mark.parametrize(
    ("line", "model", "expected"),
    [
        ("session.scalars(select(Order))", "Order", "session.scalars(select(Order)«here»)"),
        ("session.scalars(select(shop.Order, Line))", "Order", "session.scalars(select(shop.Order, Line)«here»)"),
        ("session.scalars(select(Line))", "Order", HERE),
        ("orders = session.scalars(query).all()", "Order", "orders = session.scalars(query«here»).all()"),
        ("orders = session.scalars(build()).all()", "Order", HERE),
        ("orders = Order.query.all()", "Line", HERE),
    ],
)
def test_the_select_has_to_be_on_the_model(line: str, model: str, expected: str) -> None:
    assert add_options(_at(line), "load", model).replace(".options(load)", HERE) == expected


@pytest.mark.parametrize(
    ("line", "method", "arguments", "expected"),
    [
        ("Order.objects.only('day').all()", "only", ["day", "note"], 'Order.objects.only("day", "note").all()'),
        ("Order.objects.all().defer('note')", "defer", [], "Order.objects.all()"),
        ("Order.objects.defer('note')", "defer", [], "Order.objects.all()"),
    ],
)
def test_arguments_of_a_call_are_replaced(line: str, method: str, arguments: list[str], expected: str) -> None:
    query = query_in(_at(line), "Order")
    assert query is not None
    assert query.with_arguments(method, arguments) == expected


WORDS = "Order .objects .all() .filter( ) [ ] select( session for o in : = , 'ä' await .first() .order_set ( \x00 €"


@given(st.lists(st.sampled_from(WORDS.split(" ")), max_size=9).map("".join) | st.text(max_size=40))
def test_never_raises_and_never_breaks_a_line(line: str) -> None:
    for edited in (append_to_query(_at(line), ".all()"), add_options(_at(line), "x")):
        if edited not in (".all()", ".options(x)"):
            assert len(edited) > len(line)
            assert _is_whole(edited)


def _is_whole(line: str) -> bool:
    for text in (line, f"{line}\n    pass", re.sub(r"#.*", "", line) + ": pass"):
        try:
            ast.parse(text)
        except SyntaxError:
            continue
        return True
    return False
