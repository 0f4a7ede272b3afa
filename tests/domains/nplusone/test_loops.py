"""Loops around queries, found in real code that really ran: tests/fixtures/nplusone/loops says what is expected."""

from __future__ import annotations

import asyncio
import inspect
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import StaticPool, create_engine

import ennead
from ennead.domains.nplusone.groups import collapse_recursion
from ennead.domains.nplusone.loops import enclosing_loops, inside_entry, iterating_call
from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.kernel.call_site import CallSite
from tests.domains.nplusone.traces import located, site

PACKAGE = "tests.fixtures.nplusone.loops"
FOLDER = Path(__file__).parents[2] / "fixtures" / "nplusone" / "loops"
MODULES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "entries")
MARK = re.compile(
    r"# loop (?P<number>\d)(?: (?P<over>steps|constants|condition))?(?: \[(?P<names>[\w, ]+)\])?|# (?P<call>iterating)"
)

Function = Callable[..., Any]
Expected = list[tuple[int, str]]
"""Line and what it goes over, the innermost first."""


def _functions(module: str) -> Iterator[Any]:
    for name, function in vars(import_module(f"{PACKAGE}.{module}")).items():
        if inspect.isfunction(function) and not name.startswith("_") and function.__module__.endswith(module):
            yield pytest.param(function, id=f"{module}-{name}")


@pytest.fixture
def query() -> Iterator[Function]:
    """Runs one real statement with the value it is given; no frame of ours stands between."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    with engine.connect() as connection:
        yield partial(connection.exec_driver_sql, "SELECT ?")
    engine.dispose()


def _marks(function: Function) -> tuple[Expected, int | None]:
    """The loops that the marks name, and the line of the call that iterates."""
    own, first = inspect.getsourcelines(function)
    loops: dict[str, tuple[int, str]] = {}
    call = None
    for number, line in enumerate(Path(inspect.getfile(function)).read_text("utf-8").splitlines(), start=1):
        mark = MARK.search(line)
        if mark is None or not _is_for(mark, function.__name__, inside=first <= number < first + len(own)):
            continue
        if mark["call"]:
            call = number
        else:
            loops[mark["number"]] = (number, mark["over"] or "rows")
    return [loops[number] for number in sorted(loops)], call


def _is_for(mark: re.Match[str], name: str, *, inside: bool) -> bool:
    return inside if mark["names"] is None else name in mark["names"].replace(" ", "").split(",")


def _run(function: Function, query: Function) -> QueryExecutionContext:
    with ennead.profile() as session:
        answer = function(query, [1, 2, 3])
        if inspect.iscoroutine(answer):
            asyncio.run(answer)
    return session.context


def _places(context: QueryExecutionContext) -> Expected:
    """The loops around the last query."""
    path = collapse_recursion(context.queries[-1].call_path)
    loops = enclosing_loops(path, context.entry, context.project_root)
    return [(loop.site.line, "condition" if loop.in_condition else loop.over) for loop in loops]


def _call(context: QueryExecutionContext) -> CallSite | None:
    path = inside_entry(collapse_recursion(context.queries[-1].call_path), context.entry)
    return iterating_call(path, context.project_root)


@pytest.mark.parametrize("function", [each for module in MODULES for each in _functions(module)])
def test_finds_the_loops_that_are_marked_and_no_others(function: Function, query: Function) -> None:
    loops, call = _marks(function)
    context = _run(function, query)
    assert _places(context) == loops
    if call is not None:
        assert not loops
        found = _call(context)
        assert found is not None
        assert (found.line, found.function.split(".")[0]) == (call, function.__name__)


@pytest.mark.parametrize("function", list(_functions("entries")))
def test_loops_around_the_profile_are_no_part_of_it(function: Function, query: Function) -> None:
    loops, _ = _marks(function)
    assert _places(function(query, [1, 2, 3]).context) == loops


def test_both_sides_are_in_the_fixtures() -> None:
    marked = [_marks(each.values[0]) for module in MODULES for each in _functions(module)]
    assert sum(bool(loops) for loops, _ in marked) > 80
    assert sum(not loops and call is None for loops, call in marked) > 10
    assert sum(call is not None for _, call in marked) > 10


# ------------------------------------------------------------------------------------------------ places without frames

CODE = """\
def order_list(orders):
    names = []
    for order in orders:
        names.append(
            order.customer.name
        )
    for order in orders: names.append(order.customer.name)
    return names
"""
TEMPLATE = """\
<h1>{{ customer.name }}</h1>
{% for order in orders %}
  {{ order.customer.name }}
  {%- for line in order.lines -%}
    {{ line.product.name }}
  {%- endfor %}
  {{ order.note }}
{% endfor %}
{% for order in orders %}{{ order.customer.name }}{% endfor %}
{{ total }}
"""


@pytest.fixture
def root(tmp_path: Path) -> str:
    """A project with a view and a template."""
    (tmp_path / "views.py").write_text(CODE, "utf-8")
    (tmp_path / "orders.html").write_text(TEMPLATE, "utf-8")
    (tmp_path / "broken.py").write_text("for for for\n", "utf-8")
    (tmp_path / "latin.py").write_bytes(b"for name in names:\n    print(name, 'caf\xe9')\n")
    return str(tmp_path)


def _lines(path: tuple[CallSite, ...], root: str, entry: CallSite | None = None) -> list[int]:
    return [loop.site.line for loop in enclosing_loops(path, entry, root)]


def _view(line: int, root: str = "") -> CallSite:
    """What runs on a line of the view."""
    return located(site(f"{root}views.py:{line} order_list"), CODE.splitlines()[line - 1])


@pytest.mark.parametrize(("line", "loops"), [(2, []), (3, []), (5, [3]), (8, [])])
def test_an_instruction_is_in_the_loops_around_it(root: str, line: int, loops: list[int]) -> None:
    assert _lines((_view(line),), root) == loops


@pytest.mark.parametrize(
    ("column", "end_column", "loops"),
    [(38, 57, [7]), (17, 23, [])],
    ids=["body", "header"],
)
def test_columns_tell_body_from_header_on_one_line(root: str, column: int, end_column: int, loops: list[int]) -> None:
    place = site("views.py:7 order_list", column=column, end_line=7, end_column=end_column)
    assert _lines((place,), root) == loops


@pytest.mark.parametrize("name", ["nowhere.py", "broken.py", "latin.py", "no\0where.py"])
def test_a_file_that_cannot_be_read_has_no_loops(root: str, name: str) -> None:
    assert _lines((site(f"{name}:2 f"),), root) == []


def test_a_line_beyond_the_end_has_no_loops(root: str) -> None:
    assert _lines((site("views.py:99 order_list"),), root) == []


def test_absolute_names_need_no_root(root: str) -> None:
    assert _lines((_view(5, f"{root}/"),), "/nowhere") == [3]


def test_a_file_is_read_again_after_it_changed(root: str) -> None:
    path = Path(root) / "views.py"
    assert _lines((_view(5),), root) == [3]
    path.write_text("# moved down\n" + CODE, "utf-8")
    os.utime(path, ns=(1, 1))
    assert _lines((replace(_view(5), line=6, end_line=6),), root) == [4]


def test_a_loop_is_told_with_its_place_and_its_distance(root: str) -> None:
    helper = site("models.py:3 name")
    (loop,) = enclosing_loops((helper, replace(_view(5), note="x")), None, root)
    assert loop.site == site("views.py:3 order_list")
    assert (loop.site.source, loop.site.module, loop.site.note) == ("for order in orders:", "views", None)
    assert (loop.depth, loop.over) == (1, "rows")


@pytest.mark.parametrize(
    ("line", "loops"),
    [(1, []), (3, [2]), (5, [4, 2]), (7, [2]), (9, [9]), (10, [])],
)
def test_a_jinja_template_tells_its_loops_by_its_tags(root: str, line: int, loops: list[int]) -> None:
    place = site(f"orders.html:{line} orders.html", language="jinja2")
    assert _lines((place, site("views.py:8 order_list")), root) == loops


def test_a_template_loop_has_the_text_of_its_line(root: str) -> None:
    (loop,) = enclosing_loops((site("orders.html:3 orders.html", language="jinja2"),), None, root)
    assert (loop.site.source, loop.site.language) == ("{% for order in orders %}", "jinja2")


def test_a_place_that_a_framework_calls_a_loop_is_one(root: str) -> None:
    place = site("orders.html:2 orders.html", language="django-template", note="for")
    access = site("orders.html:3 orders.html", language="django-template")
    (loop,) = enclosing_loops((access, place, site("views.py:8 order_list")), None, root)
    assert (loop.site, loop.site.note, loop.over, loop.depth) == (place, None, "rows", 1)


def test_the_entry_cuts_off_what_is_further_out(root: str) -> None:
    access, entry = site("models.py:3 name"), site("views.py:4 order_list")
    outside = _view(5)
    assert _lines((access, outside), root, entry) == []
    assert _lines((access, outside), root, site("views.py:2 order_list")) == [3]
    assert _lines((access, site("other.py:1 f"), outside), root, site("other.py:1 f")) == []


@pytest.mark.parametrize("path", [(), (site("nowhere.py:1 f"),)])
def test_no_call_iterates_where_nothing_is_known(root: str, path: tuple[CallSite, ...]) -> None:
    assert iterating_call(path, root) == (path[0] if path else None)


DECORATED = """\
@cached(
    key=[name_of(part) for part in parts],
)
def names(orders):
    return [
        order.customer.name
        for order in orders
    ]
"""


@pytest.mark.parametrize(("line", "text", "loops"), [(2, "name_of(part)", [2]), (6, "order.customer", [7])])
def test_decorators_belong_to_their_statement(tmp_path: Path, line: int, text: str, loops: list[int]) -> None:
    (tmp_path / "views.py").write_text(DECORATED, "utf-8")
    column = DECORATED.splitlines()[line - 1].index(text)
    place = replace(site(f"views.py:{line} names"), column=column, end_line=line, end_column=column + len(text))
    assert _lines((place,), str(tmp_path)) == loops
