"""Where a query set was begun, and that nobody but Ennead can tell that it is known."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.db.models.sql.query import Query

from ennead.agent.places import PROJECT
from ennead.agent.units import Recording
from ennead.sources.django import build_sites, orm, queries
from tests.sources.django.rows import queries_of
from tests.sources.django.shop import models
from tests.sources.django.shop.models import Item, Order, Tag

HERE = Path(__file__)


def line_of(text: str, file: Path = HERE) -> int:
    """Of the first line that holds ``text``."""
    return next(number for number, line in enumerate(file.read_text().splitlines(), 1) if text in line)


def built_at(work: Any) -> tuple[str, int] | None:
    site = next(query.orm.built_at for query in queries_of(work) if query.orm is not None)
    return (site.file, site.line) if site is not None else None


def all_orders() -> Any:
    return Order.objects.filter(total=1)  # built here


def test_a_query_set_is_built_where_the_user_began_it() -> None:
    def work() -> None:
        found = all_orders()
        narrowed = found.exclude(number="x").order_by("pk")
        list(narrowed)

    assert built_at(work) == (PROJECT.relative(str(HERE)), line_of("# built here"))


def test_an_aggregate_of_it_was_built_there_too() -> None:
    def work() -> None:
        found = all_orders()
        found.count()

    assert built_at(work) == (PROJECT.relative(str(HERE)), line_of("# built here"))


def test_the_same_line_is_no_other_place() -> None:
    assert built_at(lambda: list(Order.objects.filter(total=1))) is None
    assert built_at(lambda: [order for order in Order.objects.filter(total=1)]) is None  # noqa: C416 -- of its own code


def test_a_manager_is_passed_over() -> None:
    def work() -> None:
        opened = Order.open.all()  # built by a manager
        list(opened)

    assert built_at(work) == (PROJECT.relative(str(HERE)), line_of("# built by a manager"))


def test_a_manager_method_of_the_users_is_a_place() -> None:
    def work() -> None:
        large = Order.open.large()
        list(large)

    file = Path(str(models.__file__))
    assert built_at(work) == (PROJECT.relative(str(file)), line_of("total__gte=100", file))


def test_a_query_set_built_outside_of_a_unit_has_no_place() -> None:
    outside = all_orders()
    assert built_at(lambda: list(outside)) is None


def test_what_was_forgotten_has_no_place() -> None:
    def work() -> None:
        found = all_orders()
        build_sites.forget_build_sites()
        list(found)

    assert built_at(work) is None


def marked_and_plain() -> tuple[Any, Any]:
    """The same query set with our entry and without."""
    plain = all_orders()
    queries.install()
    orm.install()
    try:
        with Recording("test", "profile", explicit=True):
            marked = all_orders()
        assert build_sites.KEY in marked.query.__dict__
        assert build_sites.KEY not in plain.query.__dict__
        assert pickle.dumps(marked) == pickle.dumps(plain)
    finally:
        orm.uninstall()
        queries.uninstall()
    return marked, plain


def test_a_pickle_is_the_same_while_the_hooks_are_in_place() -> None:
    marked_and_plain()


def test_a_state_and_a_shallow_copy_are_the_same() -> None:
    orm.install()
    try:
        with Recording("test", "profile", explicit=True):
            marked = all_orders()
        assert build_sites.KEY not in marked.query.__getstate__()
        assert build_sites.KEY not in copy.copy(marked.query).__dict__
    finally:
        orm.uninstall()


def test_a_pickle_made_after_uninstalling_needs_no_ennead() -> None:
    marked, plain = marked_and_plain()
    program = (
        "import sys; sys.modules['ennead'] = None\n"
        "from tests.sources.django import project\n"
        "import pickle\n"
        f"restored = pickle.loads({pickle.dumps(marked.query)!r})\n"
        "print(restored)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert done.stdout.strip() == str(plain.query)


def test_copies_and_comparisons_are_the_same() -> None:
    marked, plain = marked_and_plain()
    assert str(copy.deepcopy(marked).query) == str(plain.query)
    assert str(copy.copy(marked.query)) == str(plain.query)
    assert (marked.query == plain.query) is (all_orders().query == plain.query)
    assert marked.query.where == plain.query.where
    assert str((marked & plain).query) == str((plain & plain).query)
    assert str((marked | plain).query) == str((plain | plain).query)


def test_a_marked_query_set_works_as_a_subquery() -> None:
    marked, plain = marked_and_plain()
    assert str(Item.objects.filter(order__in=marked).query) == str(Item.objects.filter(order__in=plain).query)
    assert list(marked.union(Order.objects.all()).values_list("pk")) == []


def test_every_sort_of_query_can_be_made_with_the_hook_in_place() -> None:
    def work() -> None:
        tag = Tag.objects.create(name="a")
        Tag.objects.filter(pk=tag.pk).update(name="b")
        Tag.objects.annotate().aggregate()
        Tag.objects.all().delete()

    operations = {query.operation for query in queries_of(work) if query.tables}
    assert operations == {"insert", "update", "select", "delete"}


def test_nothing_is_left_behind() -> None:
    before = dict(vars(Query))
    queries_of(lambda: list(Order.objects.all()))
    assert dict(vars(Query)) == before
