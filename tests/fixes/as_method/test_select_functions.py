"""Loader options become functions beside the project's own queries; else they stay, with a sentence."""

from __future__ import annotations

import pytest

from tests.fixes.as_method.forms import MODELS, VIEWS, form_of

MODEL = """\
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"
"""
HEAD = """\
from sqlalchemy import select

from shop.models import Order
"""
FIXED_HEAD = """\
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from shop.models import Order
"""
OPTION = ".options(selectinload(Order.lines))"
VIEW = """

# All that is open.
def page(session):
    return session.scalars(select(Order).where(Order.open).order_by(Order.id)).all()
"""
FIXED_VIEW = VIEW.replace("Order.id)", f"Order.id){OPTION}")
REPOSITORY = """

class OrderRepository:
    def __init__(self, session):
        self.session = session
{neighbour}
    def newest(self){hint}:{docstring}
        return self.session.scalars(select(Order).limit(5)).all()
{added}"""
METHOD = """
    def orders_with_lines(self):
        return select(Order).options(selectinload(Order.lines))
"""
HINTED_METHOD = '''
    def orders_with_lines(self) -> Select[tuple[Order]]:
        """Orders with lines, loaded at once."""
        return select(Order).options(selectinload(Order.lines))
'''


def repository(added: str = "", hint: str = "", docstring: str = "", neighbour: str = "") -> str:
    return REPOSITORY.format(added=added, hint=hint, docstring=docstring, neighbour=neighbour)


def test_a_view_gets_a_function_above_it() -> None:
    form = form_of({MODELS: MODEL, VIEWS: HEAD + VIEW}, {VIEWS: FIXED_HEAD + FIXED_VIEW})

    function = """

def select_orders_with_lines():
    return select(Order).options(selectinload(Order.lines))
"""
    named = VIEW.replace("select(Order)", "select_orders_with_lines()")
    assert form.names == ("select_orders_with_lines",)
    assert form.files == {VIEWS: FIXED_HEAD + function + named}


def test_a_view_class_gets_a_function_above_it() -> None:
    view = """

@login_required
class OrdersView(MethodView):
    def get(self):
        return session.scalars(select(Order)).all()
"""
    form = form_of(
        {MODELS: MODEL, VIEWS: HEAD + view},
        {VIEWS: FIXED_HEAD + view.replace("select(Order)", f"select(Order){OPTION}")},
    )

    function = """

def select_orders_with_lines():
    return select(Order).options(selectinload(Order.lines))
"""
    assert form.files == {
        VIEWS: FIXED_HEAD + function + view.replace("select(Order)", "select_orders_with_lines()"),
    }


@pytest.mark.parametrize(
    ("hint", "docstring", "method"),
    [("", "", METHOD), (" -> list[Order]", '\n        """The last five."""', HINTED_METHOD)],
    ids=["plain", "with hints and docstrings"],
)
def test_a_repository_gets_a_method(hint: str, docstring: str, method: str) -> None:
    before = repository(hint=hint, docstring=docstring)

    form = form_of(
        {MODELS: MODEL, VIEWS: HEAD + before},
        {VIEWS: FIXED_HEAD + before.replace("limit(5)", f"limit(5){OPTION}")},
    )

    head = FIXED_HEAD.replace("import select\n", "import Select, select\n") if hint else FIXED_HEAD
    named = repository(method, hint, docstring).replace("(select(Order).limit", "(self.orders_with_lines().limit")
    assert form.names == ("OrderRepository.orders_with_lines",)
    assert form.files == {VIEWS: head + named}


def test_a_method_that_gives_the_same_is_used() -> None:
    there = """
    def whole(self):
        return select(Order).options(
            selectinload(Order.lines),
        )
"""
    before = repository(neighbour=there)

    form = form_of(
        {MODELS: MODEL, VIEWS: FIXED_HEAD + before},
        {VIEWS: FIXED_HEAD + before.replace("limit(5)", f"limit(5){OPTION}")},
    )

    assert form.names == ("OrderRepository.whole",)
    assert form.files == {VIEWS: FIXED_HEAD + before.replace("(select(Order).limit", "(self.whole().limit")}


QUERIES = """

def open_orders_query():
    return select(Order).where(Order.open)
"""
NAMED_QUERY = """

def orders_with_lines_query():
    return select(Order).options(selectinload(Order.lines))
"""


def test_a_module_of_queries_gets_one_more() -> None:
    form = form_of({MODELS: MODEL, VIEWS: HEAD + QUERIES + VIEW}, {VIEWS: FIXED_HEAD + QUERIES + FIXED_VIEW})

    named = VIEW.replace("select(Order)", "orders_with_lines_query()")
    assert form.files == {VIEWS: FIXED_HEAD + QUERIES + NAMED_QUERY + named}


def test_the_models_module_gets_it_if_it_has_such_functions() -> None:
    models = f"from sqlalchemy import select\n{MODEL}{QUERIES}"

    form = form_of({MODELS: models, VIEWS: HEAD + VIEW}, {VIEWS: FIXED_HEAD + FIXED_VIEW})

    imported = "from sqlalchemy.orm import DeclarativeBase\n"
    assert form.files == {
        MODELS: models.replace(imported, imported[:-1] + ", selectinload\n") + NAMED_QUERY,
        VIEWS: "from shop.models import Order, orders_with_lines_query\n"
        + VIEW.replace("select(Order)", "orders_with_lines_query()"),
    }


def test_a_query_that_does_not_begin_with_select_shares_its_options() -> None:
    legacy = "\n\ndef page(session):\n    return session.query(Order).filter(Order.open).all()\n"
    fixed = legacy.replace(".all()", ".options(selectinload(Order.lines).joinedload(Line.product)).all()")
    head = FIXED_HEAD.replace("import Order", "import Line, Order")

    form = form_of({MODELS: MODEL, VIEWS: HEAD + legacy}, {VIEWS: head + fixed})

    constant = "\n\nORDER_WITH_LINES_PRODUCT = (selectinload(Order.lines).joinedload(Line.product),)\n"
    assert form.names == ("ORDER_WITH_LINES_PRODUCT",)
    assert form.files == {
        VIEWS: head + constant + legacy.replace(".all()", ".options(*ORDER_WITH_LINES_PRODUCT).all()"),
    }


def test_several_options_of_a_query_are_one_function() -> None:
    option = OPTION.replace("lines))", "lines), joinedload(Order.customer))")
    head = FIXED_HEAD.replace("selectinload\n", "joinedload, selectinload\n")

    form = form_of({MODELS: MODEL, VIEWS: HEAD + VIEW}, {VIEWS: head + FIXED_VIEW.replace(OPTION, option)})

    assert form.names == ("select_orders_with_lines_and_customer",)
    assert "select(Order).options(selectinload(Order.lines), joinedload(Order.customer))\n" in form.files[VIEWS]


def test_options_that_were_there_already_are_no_fix() -> None:
    form = form_of({MODELS: MODEL, VIEWS: FIXED_HEAD + FIXED_VIEW}, {VIEWS: FIXED_HEAD + FIXED_VIEW + "print()\n"})

    assert (form.files, form.names) == ({}, ())
    assert form.kept == ("the fix adds no eager load that a method could stand for",)


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("contains_eager(Order.customer)", "contains_eager(Order.customer) means something in this query only"),
        ("selectinload(rows.lines)", "the query does not begin with rows"),
        ("selectinload(Order.lines.of_type(kind))", "what is loaded has no name that could be a function's"),
        ("selectinload(Order.lines),  # all\n", "comments stand among the options"),
    ],
)
def test_options_that_mean_something_at_their_place_only_stay_there(option: str, sentence: str) -> None:
    fixed = FIXED_VIEW.replace("selectinload(Order.lines)", option)

    form = form_of({MODELS: MODEL, VIEWS: HEAD + VIEW}, {VIEWS: FIXED_HEAD + fixed})

    assert form.files == {}
    assert form.kept == (f"{VIEWS}:9: {sentence}",)


def test_a_taken_name_is_not_given_another_meaning() -> None:
    taken = "\n\ndef select_orders_with_lines():\n    return 5\n"

    form = form_of({MODELS: MODEL, VIEWS: HEAD + taken + VIEW}, {VIEWS: FIXED_HEAD + taken + FIXED_VIEW})

    assert form.files == {}
    assert form.kept == (f"{VIEWS}:13: select_orders_with_lines of {VIEWS} is something else",)


def test_names_of_a_function_stay_in_it() -> None:
    local = FIXED_VIEW.replace("    return", "    from sqlalchemy.orm import selectinload\n\n    return")

    form = form_of({MODELS: MODEL, VIEWS: HEAD + VIEW}, {VIEWS: HEAD + local})

    assert form.files == {}
    assert form.kept == (f"{VIEWS}:10: what is loaded reads selectinload, which is a function's own",)
