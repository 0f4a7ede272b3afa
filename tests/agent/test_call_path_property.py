"""Random programs of user and library functions: every hit's path is the one the interpreter itself reports."""

from __future__ import annotations

from types import ModuleType
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from ennead.agent.call_path import MAX_USER_FRAMES, forget_paths
from ennead.agent.unit_of_work import Hit
from tests.agent.library import Oracle, library, make_library, path_of, record

_FUNCTION = """
def {name}(call):
    for child in call.children:
        if child.line == 0:
            FUNCTIONS[child.function](child)
        elif child.line == 1:
            FUNCTIONS[child.function](child)
        else:
            call = FUNCTIONS[child.function]
            (child.line == 2 and call(child)), (child.line == 3 and call(child))
"""
_QUERY = """
def query(call):
    execute(call.sql, (), ORACLE[0])
"""


class Call(NamedTuple):
    """One call that a generated program makes: which function, from which of its caller's lines."""

    function: str
    line: int
    children: tuple[Call, ...] = ()
    sql: str = ""


FUNCTIONS: dict[str, Any] = {}
ORACLE: list[Oracle] = [Oracle()]


def _user_module(name: str) -> ModuleType:
    module = ModuleType(name)
    code = compile(_FUNCTION.format(name=name), f"/srv/application/{name}.py", "exec")
    exec(code, vars(module))  # noqa: S102 -- a program made for the test
    return module


for _name in ("user_a", "user_b", "user_c"):
    FUNCTIONS[_name] = getattr(_user_module(_name), _name)
for _name in ("library_a", "library_b"):
    FUNCTIONS[_name] = getattr(make_library(_FUNCTION.format(name=_name), _name), _name)
FUNCTIONS["query"] = make_library(_QUERY, "query").query
for _function in FUNCTIONS.values():
    _function.__globals__.update(FUNCTIONS=FUNCTIONS, ORACLE=ORACLE, execute=library.execute)

_names = st.sampled_from(["user_a", "user_b", "user_c", "library_a", "library_b"])
_lines = st.integers(0, 3)
_queries = st.builds(Call, st.just("query"), _lines, st.just(()), st.sampled_from(["SELECT 1", "SELECT 2"]))
_calls = st.recursive(
    _queries,
    lambda children: st.builds(Call, _names, _lines, st.lists(children, min_size=1, max_size=4).map(tuple)),
    max_leaves=24,
)


def _run(call: Call) -> None:
    FUNCTIONS[call.function](call)


def _check(hits: list[Hit], oracle: Oracle) -> None:
    assert [path_of(hit) for hit in hits] == [path[:MAX_USER_FRAMES] for path in oracle.paths]


@settings(max_examples=100)
@given(st.lists(_calls, min_size=1, max_size=3))
def test_each_hit_has_the_path_that_the_interpreter_reports(calls: list[Call]) -> None:
    forget_paths()
    program = Call("user_a", 0, tuple(calls))
    for _ in range(2):  # the second unit of work finds every place known
        ORACLE[0] = Oracle()
        unit = record(library.run_each, _run, [program] * 2)
        _check(unit.hits, ORACLE[0])


def _chain(*names: str, line: int = 0) -> Call:
    call = Call("query", 0, (), "SELECT 1")
    for name in reversed(names):
        call = Call(name, line, (call,))
    return call


@settings(max_examples=60)
@given(st.lists(st.lists(_names, min_size=1, max_size=30), min_size=2, max_size=5), st.integers(0, 1))
def test_stacks_of_any_height_are_told_apart_from_one_unit_of_work_to_the_next(
    chains: list[list[str]], line: int
) -> None:
    forget_paths()
    for names in chains:
        ORACLE[0] = Oracle()
        unit = record(_run, _chain("user_a", *names, line=line))
        _check(unit.hits, ORACLE[0])


@settings(max_examples=60)
@given(st.lists(_names, min_size=1, max_size=30), st.lists(st.lists(st.integers(0, 3), min_size=31), min_size=2))
def test_one_chain_of_functions_through_different_lines_is_told_apart_within_a_unit_of_work(
    names: list[str], routes: list[list[int]]
) -> None:
    forget_paths()
    calls = []
    for lines in routes:
        call = Call("query", lines[0], (), "SELECT 1")
        for name, line in zip(reversed(names), lines[1:], strict=False):
            call = Call(name, line, (call,))
        calls.append(call)
    ORACLE[0] = Oracle()
    unit = record(_run, Call("user_a", 0, tuple(calls)))
    _check(unit.hits, ORACLE[0])
