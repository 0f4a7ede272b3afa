"""Call paths: the user's frames from the access outwards, exact to the instruction, recognised without a full walk."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from functools import wraps
from types import FrameType
from typing import Any

import greenlet  # type: ignore[import-untyped,unused-ignore]
import pytest

from ennead.agent import call_path
from ennead.agent.call_path import (
    MAX_USER_FRAMES,
    MAX_WALKED_FRAMES,
    Walk,
    register_inspector,
    unregister_inspector,
)
from ennead.agent.unit_of_work import UnitOfWork
from ennead.agent.units import await_inside, call_inside
from tests.agent.library import FOLDER, Oracle, execute, inner_functions, library, make_library, path_of, record

QUERY = "SELECT name FROM customer WHERE id = ?"
INLINED_COMPREHENSIONS = sys.version_info >= (3, 12)


@pytest.fixture(autouse=True)
def nothing_known() -> None:
    call_path.forget_paths()


def helper(oracle: Oracle | None = None) -> int:
    execute(QUERY, (1,), oracle)
    return 0


def _line_of(function: Callable[..., Any], text: str) -> int:
    lines, start = inspect.getsourcelines(function)
    return start + next(number for number, line in enumerate(lines) if text in line)


def _check(unit: UnitOfWork, oracle: Oracle) -> None:
    assert [path_of(hit) for hit in unit.hits] == oracle.paths
    assert oracle.paths


def test_names_file_line_function_source_module_and_column() -> None:
    def page() -> None:
        for _ in range(2):
            helper()  # the access is in the helper

    unit = record(page)
    access, caller = unit.hits[-1].site.path.sites
    assert str(access) == f"tests/agent/test_call_path.py:{_line_of(helper, 'execute(')}"
    assert access.function == "helper"
    assert access.source == "execute(QUERY, (1,), oracle)"
    assert access.module == __name__
    assert (access.column, access.end_column) == (4, 4 + len("execute(QUERY, (1,), oracle)"))
    assert caller.line == _line_of(page, "helper()")
    assert caller.function.endswith("<locals>.page")


def test_paths_share_the_sites_of_the_instructions_that_they_have_in_common() -> None:
    def accesses() -> None:
        helper()
        helper()

    def page() -> None:
        accesses()

    unit = record(page)
    (first, *before), (second, *after) = (hit.site.path.sites for hit in unit.hits)
    assert first is second
    assert before[0] != after[0]
    assert before[1] is after[1]


def test_two_loops_that_call_one_helper_from_different_lines_stay_apart() -> None:
    oracle = Oracle()

    def page() -> None:
        for _ in range(3):
            helper(oracle)
        for _ in range(3):
            helper(oracle)

    unit = record(page)
    _check(unit, oracle)
    assert len({path_of(hit) for hit in unit.hits}) == 2


def test_two_accesses_on_one_line_stay_apart() -> None:
    oracle = Oracle()

    def page() -> None:
        for _ in range(3):
            _ = (helper(oracle), helper(oracle))

    unit = record(page)
    _check(unit, oracle)
    assert [path_of(hit)[1].column for hit in unit.hits] == [17, 33] * 3


def test_recursion_tells_its_depth() -> None:
    oracle = Oracle()

    def visit(depth: int) -> None:
        helper(oracle)
        if depth:
            visit(depth - 1)

    unit = record(visit, 12)
    _check(unit, oracle)
    assert [len(path_of(hit)) for hit in unit.hits] == [depth + 2 for depth in range(13)]


def test_recursion_on_the_way_back_is_recognised_too() -> None:
    oracle = Oracle()

    def visit(depth: int) -> None:
        if depth:
            visit(depth - 1)
        helper(oracle)

    def page() -> None:
        visit(5)
        visit(2)
        visit(5)

    unit = record(page)
    _check(unit, oracle)


def test_generators_show_their_own_line_and_their_consumers() -> None:
    oracle = Oracle()

    def rows() -> Iterator[int]:
        for number in range(3):
            helper(oracle)
            yield number

    def page() -> list[int]:
        first = rows()
        next(first)
        return [*first, *rows()]

    unit = record(page)
    _check(unit, oracle)
    assert inner_functions(unit.hits[0], 3) == ["helper", "rows", "page"]


def test_lambdas_decorators_properties_and_methods_are_frames_like_others() -> None:
    oracle = Oracle()

    def logged(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def wrapper(*args: Any) -> None:
            function(*args)

        return wrapper

    class Order:
        @property
        def customer(self) -> None:
            helper(oracle)

        @logged
        def load(self) -> None:
            _ = self.customer

        def __getattr__(self, name: str) -> None:
            helper(oracle)

    def page() -> None:
        for order in (Order(), Order()):
            load: Any = lambda: order.load()  # noqa: B023, E731, PLW0108 -- the frame of a lambda is what is tested
            load()
            _ = order.product

    unit = record(page)
    _check(unit, oracle)
    assert inner_functions(unit.hits[0], 6) == ["helper", "customer", "load", "wrapper", "<lambda>", "page"]
    assert inner_functions(unit.hits[1], 3) == ["helper", "__getattr__", "page"]


@pytest.mark.parametrize("kind", ["list", "set", "dict"])
def test_comprehensions_have_frames_of_their_own_before_python_3_12(kind: str) -> None:
    oracle = Oracle()

    def page() -> object:
        if kind == "list":
            return [helper(oracle) for _ in range(3)]
        if kind == "set":
            return {helper(oracle) for _ in range(3)}
        return {number: helper(oracle) for number in range(3)}

    unit = record(page)
    _check(unit, oracle)
    expected = ["helper", "page"] if INLINED_COMPREHENSIONS else ["helper", f"<{kind}comp>", "page"]
    assert inner_functions(unit.hits[0], len(expected)) == expected
    assert len({path_of(hit) for hit in unit.hits}) == 1


def test_generator_expressions_and_nested_comprehensions() -> None:
    oracle = Oracle()

    def page() -> object:
        total = sum(1 for _ in range(2) if helper(oracle) == 0)
        return total, [[helper(oracle) for _ in range(2)] for _ in range(2)]

    unit = record(page)
    _check(unit, oracle)
    assert inner_functions(unit.hits[0], 3) == ["helper", "<genexpr>", "page"]


def test_a_place_is_walked_once_and_recognised_afterwards(walk_count: Callable[[], int]) -> None:
    def page() -> None:
        for number in range(100):
            library.run_deep(number % 2 * 20, helper)

    record(page)
    assert walk_count() == 2
    record(page)
    assert walk_count() == 2


def test_texts_with_literals_share_the_walk_of_their_place(walk_count: Callable[[], int]) -> None:
    def page() -> None:
        for number in range(50):
            execute(f"SELECT name FROM customer WHERE id = {number}")
            execute(f"SELECT title FROM book WHERE id = {number}")

    unit = record(page)
    assert walk_count() == 2
    assert {path_of(hit)[0].line for hit in unit.hits[::2]} == {_line_of(page, "customer")}
    assert {path_of(hit)[0].line for hit in unit.hits[1::2]} == {_line_of(page, "book")}


def test_a_new_text_from_another_library_function_is_walked() -> None:
    other = make_library("def ask(execute, sql, oracle):\n    execute(sql, (), oracle)\n", "other")
    same = make_library("def ask(execute, sql, oracle):\n    execute(sql, (), oracle)\n", "same")
    seen: list[str] = []

    def inspector(frame: FrameType, walk: Walk) -> None:
        seen.append(frame.f_code.co_filename)
        walk.add_evidence(library="other", relation="Order.customer")

    def page() -> None:
        for number, module in enumerate((same, other, same, other)):
            module.ask(execute, f"SELECT {number}", None)

    register_inspector(f"{FOLDER}/other.py", "ask", inspector)
    try:
        unit = record(page)
    finally:
        unregister_inspector(f"{FOLDER}/other.py", "ask", inspector)
    assert [hit.orm.relation if hit.orm else None for hit in unit.hits] == [None, "Order.customer"] * 2
    assert len(seen) == 2


def test_user_code_in_place_of_library_code_of_the_same_height_is_noticed() -> None:
    oracle = Oracle()

    class Plain:
        run = staticmethod(library.run)

    class Custom:
        @staticmethod
        def run(function: Callable[..., object], *args: object) -> object:
            return function(*args)

    def save(handler: Any) -> None:
        handler.run(helper, oracle)

    def page() -> None:
        for handler in (Plain, Custom, Plain, Custom):
            library.run_deep(30, save, handler)

    unit = record(page)
    _check(unit, oracle)
    assert [len(path_of(hit)) for hit in unit.hits] == [3, 4, 3, 4]


def test_a_frame_of_the_user_in_a_stack_without_any_is_noticed() -> None:
    oracle = Oracle()
    root = make_library("def root(function, execute, oracle):\n    function(execute, oracle)\n", "root").root
    alone = make_library("def call(execute, oracle):\n    execute('SELECT 1', (), oracle)\n", "alone").call

    def in_user_code(execute: Any, oracle: Oracle) -> None:
        execute("SELECT 1", (), oracle)

    for function in (alone, in_user_code, alone, in_user_code):
        oracle = Oracle()
        _check(record(root, function, execute, oracle), oracle)


def test_the_boundary_ends_the_path() -> None:
    def view() -> None:
        helper()

    def middleware() -> None:
        call_inside(view)

    unit = record(middleware)
    assert inner_functions(unit.hits[0], 9) == ["helper", "view"]


async def test_the_boundary_ends_the_path_of_coroutines() -> None:
    from ennead.agent.units import Recording

    async def view() -> None:
        for _ in range(2):
            helper()

    async def middleware() -> None:
        await await_inside(view())

    async with Recording("test", "profile", explicit=True) as recording:
        await middleware()
    assert recording.unit is not None
    assert inner_functions(recording.unit.hits[0], 9) == ["helper", "view"]


def test_very_deep_stacks_are_cut() -> None:
    def visit(depth: int) -> None:
        if depth:
            visit(depth - 1)
        else:
            helper()

    unit = record(visit, 100)
    assert len(path_of(unit.hits[0])) == MAX_USER_FRAMES
    unit = record(library.run_deep, MAX_WALKED_FRAMES, helper)
    assert inner_functions(unit.hits[0], 2) == ["helper"]


# ------------------------------------------------------------------------------------------------ greenlets


def test_the_path_goes_on_in_the_parent_greenlet(walk_count: Callable[[], int]) -> None:
    def inside() -> None:
        helper()

    def start() -> greenlet.greenlet:
        child = greenlet.greenlet(inside)
        child.gr_context = greenlet.getcurrent().gr_context  # as SQLAlchemy does
        return child

    def page() -> None:
        for _ in range(3):
            start().switch()
        start().switch()

    unit = record(page)
    assert [inner_functions(hit, 9) for hit in unit.hits] == [["helper", "inside", "page"]] * 4
    lines = [path_of(hit)[2].line for hit in unit.hits]
    assert lines[0] == lines[1] == lines[2] == lines[3] - 1
    assert walk_count() == 2 * 2  # two places, each with a stack here and one in the parent
