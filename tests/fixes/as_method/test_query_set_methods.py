"""Loads of Django queries become methods in the style of what the model has; else they stay, with a sentence."""

from __future__ import annotations

import pytest

from ennead.fixes.as_method.method_form import MethodForm
from tests.fixes.as_method.forms import MODELS, VIEWS, form_of

BARE = """\
from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=9)


# What was bought.
class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE)

    class Meta:
        ordering = ["id"]


class Line(models.Model):
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
"""
VIEW = """\
from shop.models import Order


def page():
    return list(Order.objects.exclude(paid=True)[:50])
"""
LOADS = '.select_related("customer").prefetch_related("lines")'
FIXED_VIEW = VIEW.replace("[:50]", f"{LOADS}[:50]")
NAMED_VIEW = VIEW.replace("[:50]", ".with_customer_and_lines()[:50]")


def models(above: str = "", manager: str = "") -> str:
    """The models with something above ``Order``, and with a manager in it."""
    text = BARE.replace("# What was bought.\n", f"{above}# What was bought.\n")
    return text.replace("(Customer, models.CASCADE)\n", f"(Customer, models.CASCADE)\n{manager}")


def fixed(models_text: str, *, view: str = VIEW, fixed_view: str = FIXED_VIEW, **more: str) -> MethodForm:
    return form_of({MODELS: models_text, VIEWS: view, **more}, {VIEWS: fixed_view})


def test_a_model_without_manager_gets_a_query_set() -> None:
    form = fixed(BARE)

    query_set = """\
class OrderQuerySet(models.QuerySet):
    def with_customer_and_lines(self):
        return self.select_related("customer").prefetch_related("lines")


"""
    assert form.names == ("OrderQuerySet.with_customer_and_lines",)
    assert form.kept == ()
    assert form.files == {
        MODELS: models(query_set, "\n    objects = OrderQuerySet.as_manager()\n"),
        VIEWS: NAMED_VIEW,
    }


def test_a_new_query_set_is_written_like_its_model() -> None:
    method = '''
    def total(self) -> int:
        """What all lines cost."""
        return 0
'''
    before = models().replace('        ordering = ["id"]\n', f'        ordering = ["id"]\n{method}')
    before = before.replace("class Order(models.Model):\n", 'class Order(models.Model):\n    """An order."""\n\n')

    form = fixed(before)

    assert form.files[MODELS].startswith(
        '''\
from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=9)


class OrderQuerySet(models.QuerySet):
    """Queries of Order."""

    def with_customer_and_lines(self) -> "OrderQuerySet":
        """Load customer and lines with the rows."""
        return self.select_related("customer").prefetch_related("lines")


# What was bought.
class Order(models.Model):
    """An order."""

    customer = models.ForeignKey(Customer, models.CASCADE)

    objects = OrderQuerySet.as_manager()

    class Meta:
'''
    )


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_a_new_query_set_stands_above_the_decorators(newline: str) -> None:
    decorated = """\
@register  # known
@other
class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE)
{manager}    def page(self):
        return list(Order.objects.all(){loads})
"""
    head = "from django.db import models\n\n\n"
    query_set = """\
class OrderQuerySet(models.QuerySet):
    def with_customer(self):
        return self.select_related("customer")


"""
    before = head + decorated.format(manager="", loads="")
    fixed_models = head + decorated.format(manager="", loads='.select_related("customer")')
    manager = "\n    objects = OrderQuerySet.as_manager()\n\n"
    expected = head + query_set + decorated.format(manager=manager, loads=".with_customer()")

    form = form_of({MODELS: before.replace("\n", newline)}, {MODELS: fixed_models.replace("\n", newline)})

    assert form.files == {MODELS: expected.replace("\n", newline)}


QUERY_SET = """\
class OrderQuerySet(models.QuerySet):
    def paid(self):
        return self.filter(paid=True)
{added}

"""
HINTED = '''\
class OrderQuerySet(models.QuerySet["Order"]):
    def paid(self) -> "OrderQuerySet":
        """Orders that are paid."""
        return self.filter(paid=True)
{added}

'''
PLAIN_METHOD = """
    def with_customer_and_lines(self):
        return self.select_related("customer").prefetch_related("lines")
"""
HINTED_METHOD = '''
    def with_customer_and_lines(self) -> "OrderQuerySet":
        """Load customer and lines with the rows."""
        return self.select_related("customer").prefetch_related("lines")
'''
FROM_QUERY_SET = """\
class OrderManager(models.Manager.from_queryset(OrderQuerySet)):
    pass


"""


@pytest.mark.parametrize(
    ("above", "manager", "method"),
    [
        (QUERY_SET, "    objects = OrderQuerySet.as_manager()\n", PLAIN_METHOD),
        (HINTED, "    objects = OrderQuerySet.as_manager()\n", HINTED_METHOD),
        (QUERY_SET, "    objects = models.Manager.from_queryset(OrderQuerySet)()\n", PLAIN_METHOD),
        (QUERY_SET + FROM_QUERY_SET, "    objects = OrderManager()\n", PLAIN_METHOD),
    ],
    ids=["as_manager", "with hints and docstrings", "from_queryset", "derived from from_queryset"],
)
def test_a_query_set_of_the_project_gets_the_method(above: str, manager: str, method: str) -> None:
    form = fixed(models(above.format(added=""), manager))

    assert form.files == {MODELS: models(above.format(added=method), manager), VIEWS: NAMED_VIEW}


MANAGER = """\
class OrderManager(models.Manager):
    def paid(self):
        return self.{get}filter(paid=True)
{added}

"""


@pytest.mark.parametrize("get", ["", "get_queryset()."], ids=["by itself", "by get_queryset()"])
def test_a_manager_has_its_methods_right_behind_itself(get: str) -> None:
    manager = "    objects = OrderManager()\n"
    method = PLAIN_METHOD.replace("self.select", f"self.{get}select")

    form = fixed(models(MANAGER.format(get=get, added=""), manager))

    assert form.names == ("OrderManager.with_customer_and_lines",)
    assert form.files == {
        MODELS: models(MANAGER.format(get=get, added=method), manager),
        VIEWS: VIEW.replace(".objects", ".objects.with_customer_and_lines()"),
    }


def test_a_manager_that_gives_a_query_set_is_asked_for_it() -> None:
    manager = """\
class OrderManager(models.Manager):
    def get_queryset(self):
        return OrderQuerySet(self.model, using=self._db)


"""
    above = QUERY_SET + manager
    attribute = "    objects = OrderManager()\n"
    at_once = VIEW.replace(".exclude(paid=True)", "")

    form = fixed(
        models(above.format(added=""), attribute),
        view=at_once,
        fixed_view=at_once.replace("[:50]", f"{LOADS}[:50]"),
    )

    assert form.files == {
        MODELS: models(above.format(added=PLAIN_METHOD), attribute),
        VIEWS: at_once.replace("[:50]", ".all().with_customer_and_lines()[:50]"),
    }


def test_a_query_set_in_another_file_gets_the_method_and_its_imports() -> None:
    managers = """\
from django.db import models


class OrderQuerySet(models.QuerySet):
    pass
"""
    before = BARE.replace(
        "models\n\n\nclass Customer", "models\n\nfrom shop.managers import OrderQuerySet\n\n\nclass Customer"
    )
    before = before.replace(
        "(Customer, models.CASCADE)\n", "(Customer, models.CASCADE)\n    objects = OrderQuerySet.as_manager()\n"
    )
    fixed_view = """\
from django.db.models import Prefetch, Q

from shop.models import Line, Order


def page():
    return list(
        Order.objects
        .exclude(Q(paid=True))
        .prefetch_related(
            Prefetch(
                "lines",
                queryset=Line.objects.order_by("-id"),
                to_attr="newest_lines",
            ),
        )[:50]
    )
"""
    view = """\
from django.db.models import Q

from shop.models import Order


def page():
    return list(
        Order.objects
        .exclude(Q(paid=True))[:50]
    )
"""

    form = fixed(before, view=view, fixed_view=fixed_view, **{"shop/managers.py": managers})

    assert form.files == {
        "shop/managers.py": """\
from django.db import models
from django.db.models import Prefetch


class OrderQuerySet(models.QuerySet):
    def with_newest_lines(self):
        from shop.models import Line

        return self.prefetch_related(
            Prefetch("lines", queryset=Line.objects.order_by("-id"), to_attr="newest_lines")
        )
""",
        VIEWS: view.replace("(Q(paid=True))[:50]", "(Q(paid=True))\n        .with_newest_lines()[:50]"),
    }


def test_a_method_that_loads_the_same_is_used() -> None:
    there = '''
    def for_the_list(self):
        """What the list shows."""
        return (
            self.prefetch_related('lines')
            .select_related('customer')
        )
'''
    form = fixed(models(QUERY_SET.format(added=there), "    objects = OrderQuerySet.as_manager()\n"))

    assert form.names == ("OrderQuerySet.for_the_list",)
    assert form.files == {VIEWS: VIEW.replace("[:50]", ".for_the_list()[:50]")}


def test_a_name_begins_like_those_of_neighbours_that_load() -> None:
    there = '\n    def including_lines(self):\n        return self.prefetch_related("lines")\n'
    form = fixed(models(QUERY_SET.format(added=there), "    objects = OrderQuerySet.as_manager()\n"))

    assert form.names == ("OrderQuerySet.including_customer_and_lines",)


def test_two_queries_that_load_the_same_have_one_method() -> None:
    more = "\n\ndef other():\n    return list(Order.objects.filter(paid=True).order_by('id'))\n"
    fixed_more = more.replace("order_by('id')", f"order_by('id'){LOADS}")

    form = fixed(BARE, view=VIEW + more, fixed_view=FIXED_VIEW + fixed_more)

    assert form.files[MODELS].count("def ") == 1
    assert form.files[VIEWS] == NAMED_VIEW + more.replace("'id')", "'id').with_customer_and_lines()")


def test_two_queries_that_load_different_things_have_two() -> None:
    more = "\n\ndef other():\n    return list(Order.objects.filter(paid=True))\n"
    fixed_more = more.replace("=True)", '=True).select_related("customer")')

    form = fixed(BARE, view=VIEW + more, fixed_view=FIXED_VIEW + fixed_more)

    assert form.names == ("OrderQuerySet.with_customer_and_lines", "OrderQuerySet.with_customer")
    assert """\
class OrderQuerySet(models.QuerySet):
    def with_customer_and_lines(self):
        return self.select_related("customer").prefetch_related("lines")

    def with_customer(self):
        return self.select_related("customer")


# What""" in form.files[MODELS]


def test_what_gives_rows_one_by_one_stays_behind_the_method() -> None:
    view = VIEW.replace("[:50]", ".iterator(chunk_size=2000)")

    form = fixed(BARE, view=view, fixed_view=view.replace(".iterator", f"{LOADS}.iterator"))

    assert form.files[VIEWS] == view.replace(".iterator", ".with_customer_and_lines().iterator")


def test_loads_that_were_there_already_are_no_fix() -> None:
    view = 'from shop.models import Order\n\nprint(Order.objects.select_related("customer"), 1)\n'

    form = fixed(BARE, view=view, fixed_view=view.replace("1", "2"))

    assert (form.files, form.names) == ({}, ())
    assert form.kept == ("the fix adds no eager load that a method could stand for",)


AS_MANAGER = "    objects = OrderQuerySet.as_manager()\n"
OTHER_METHOD = "\n    def with_customer_and_lines(self):\n        return self.filter(paid=True)\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (models(QUERY_SET.format(added=OTHER_METHOD), AS_MANAGER), "OrderQuerySet has another with_customer_and_lines"),
        (models("class OrderQuerySet:\n    pass\n\n\n"), "shop/models.py has another OrderQuerySet"),
        (models(manager="    objects = models.Manager()\n"), "Order.objects is of no class of this project"),
        (
            models(QUERY_SET.format(added=""), AS_MANAGER).replace("=9)\n", f"=9)\n{AS_MANAGER}"),
            "OrderQuerySet is shared by several models",
        ),
        (
            models().replace("class Order(models.Model)", "class Order(Page)"),
            "Order may have its manager from Page, which is not of this project",
        ),
        (
            models("class Base(models.Model):\n    objects = Rows()\n\n\n").replace(
                "Order(models.Model)", "Order(Base)"
            ),
            "Order has its manager from Base",
        ),
        (BARE.replace("class Order(", "class Purchase("), "Order is no class of this project"),
        (
            models("class OrderQuerySet(models.QuerySet): pass\n\n\n", AS_MANAGER),
            "OrderQuerySet is written in one line",
        ),
    ],
    ids=[
        "taken name",
        "taken class",
        "Django's manager",
        "shared",
        "library's base",
        "base's manager",
        "not there",
        "one line",
    ],
)
def test_a_model_that_cannot_have_the_method_keeps_the_plain_fix(text: str, sentence: str) -> None:
    form = fixed(text)

    assert form.files == {}
    assert form.kept == (f"{VIEWS}:5: {sentence}",)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("rows.filter(paid=True)", "the query does not begin at a manager of a model"),
        ("super().get_queryset()", "the query does not begin at a manager of a model"),
        ("customer.order_set.all()", "the query does not begin at a manager of a model"),
        ("Order.objects.raw('SELECT 1')", "what raw() gives has no methods of the model's own"),
        ("Order.objects.values('id')", "what values() gives has no methods of the model's own"),
    ],
)
def test_a_query_that_does_not_have_the_method_keeps_its_loads(query: str, sentence: str) -> None:
    view = VIEW.replace("Order.objects.exclude(paid=True)", query)

    form = fixed(BARE, view=view, fixed_view=view.replace("[:50]", f"{LOADS}[:50]"))

    assert form.files == {}
    assert form.kept == (f"{VIEWS}:5: {sentence}",)


@pytest.mark.parametrize(
    ("loads", "sentence"),
    [
        (".prefetch_related(*relations)", "what is loaded has no name that could be a method's"),
        (".select_related()", "select_related() does not say what it loads"),
        (
            '.prefetch_related(Prefetch("lines", queryset=rows))',
            "what is loaded reads rows, which is a function's own",
        ),
        ('.prefetch_related(  # all\n        "lines")', "comments stand among the loads"),
    ],
    ids=["star", "everything", "local name", "comment"],
)
def test_loads_that_mean_something_at_their_place_only_stay_there(loads: str, sentence: str) -> None:
    view = "from django.db.models import Prefetch\n" + VIEW.replace("page():\n", "page(rows, relations):\n")

    form = fixed(BARE, view=view, fixed_view=view.replace("[:50]", f"{loads}[:50]"))

    assert form.files == {}
    assert form.kept == (f"{VIEWS}:6: {sentence}",)


def test_one_query_may_have_a_method_while_another_keeps_its_loads() -> None:
    more = "\n\ndef other(rows):\n    return list(rows.all())\n"
    fixed_more = more.replace(".all()", f".all(){LOADS}")

    form = fixed(BARE, view=VIEW + more, fixed_view=FIXED_VIEW + fixed_more)

    assert form.files[VIEWS] == NAMED_VIEW + fixed_more
    assert form.kept == (f"{VIEWS}:9: the query does not begin at a manager of a model",)
