"""Profiles over a real connection: with, async with, decorators, nesting, pausing, errors, and switched off."""

import asyncio
import inspect
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

import ennead
from ennead.domains.nplusone.engine import NPlusOneDetectionEngine
from ennead.domains.nplusone.profile import Analysis, Profile
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.kernel.errors import EnneadError, NPlusOneError
from ennead.kernel.finding import Finding
from tests.domains.nplusone.shops import Shop
from tests.domains.nplusone.traces import ACCESS, Trace, lazy_orders, site

NAMES = [f"customer {number}" for number in range(1, 6)]


def _codes(session: Profile) -> list[str]:
    return [finding.code for finding in session.findings]


def _line(function: object, text: str) -> int:
    """The line of the first occurrence of ``text`` in a function."""
    lines, first = inspect.getsourcelines(function)  # type: ignore[arg-type]
    return first + next(number for number, line in enumerate(lines) if text in line)


# ------------------------------------------------------------------------------------------------ context managers


def test_a_with_block_is_recorded_and_explained(shop: Shop) -> None:
    with ennead.profile("orders", route="/orders") as session:
        shop.names_one_by_one()
    (finding,) = session.findings
    assert session.context.query_count == 6
    assert (session.context.name, session.context.route, session.context.kind) == ("orders", "/orders", "profile")
    assert (finding.code, finding.kind, finding.query_count, finding.origin_row_count) == (
        "n-plus-one",
        "raw-sql",
        5,
        5,
    )
    places = [finding.call_site, finding.loop, finding.origin]
    assert [(place.file.rpartition("/")[2], place.line) for place in places if place] == [
        ("shops.py", _line(Shop.name_of, "row =")),
        ("shops.py", _line(Shop.names_one_by_one, "for _")),
        ("shops.py", _line(Shop.names_one_by_one, "for _")),
    ]
    assert finding.route == "/orders"
    assert finding.evidence["supplied_ratio"] == 1.0


def test_the_negative_twin_has_no_finding(shop: Shop) -> None:
    with ennead.profile() as session:
        assert shop.names_at_once() == NAMES
    assert (session.findings, session.strategies, session.context.query_count) == ((), (), 1)


async def test_an_async_with_block_is_recorded(shop: Shop) -> None:
    async with ennead.profile() as session:
        assert await shop.names_one_by_one_later() == NAMES
    assert _codes(session) == ["n-plus-one"]


async def test_tasks_and_threads_started_inside_belong_to_it(shop: Shop) -> None:
    async with ennead.profile() as session:
        await asyncio.create_task(shop.names_one_by_one_later())
        await asyncio.to_thread(shop.names_at_once)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(shop.names_at_once).result()
    assert session.context.query_count == 8


def test_what_runs_before_and_after_is_no_part_of_it(shop: Shop) -> None:
    shop.names_at_once()
    with ennead.profile() as session:
        pass
    shop.names_at_once()
    assert session.context.query_count == 0


def test_the_entry_is_the_line_that_opened_it(shop: Shop) -> None:
    with ennead.profile() as session:
        shop.names_at_once()
    entry = session.context.entry
    assert entry is not None
    assert (entry.function, entry.line) == (
        "test_the_entry_is_the_line_that_opened_it",
        _line(test_the_entry_is_the_line_that_opened_it, "with ennead"),
    )


def test_results_are_read_as_often_as_one_likes_and_made_once(shop: Shop) -> None:
    with ennead.profile() as session:
        shop.names_one_by_one()
    assert session.findings is session.findings
    assert session.detections is session.detections
    assert session.ml_analysis is session.ml_analysis


# ------------------------------------------------------------------------------------------------ errors


def test_an_exception_goes_through_unchanged_and_the_results_are_there(shop: Shop) -> None:
    error = ValueError("the body's own")
    session = ennead.profile()
    with pytest.raises(ValueError, match="the body's own") as caught, session:
        _ask_and_raise(shop, error)
    assert caught.value is error
    assert caught.value.__context__ is None
    assert _codes(session) == ["n-plus-one"]


def _ask_and_raise(shop: Shop, error: Exception) -> None:
    shop.names_one_by_one()
    raise error


async def test_also_out_of_an_async_block(shop: Shop) -> None:
    session = ennead.profile()
    with pytest.raises(ZeroDivisionError):
        async with session:
            _ask_and_raise(shop, ZeroDivisionError())
    assert _codes(session) == ["n-plus-one"]


def test_also_out_of_decorated_functions(shop: Shop) -> None:
    @ennead.profile()
    def broken() -> None:
        shop.names_one_by_one()
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        broken()
    assert _codes(broken.ennead) == ["n-plus-one"]  # type: ignore[attr-defined]


def test_a_profile_is_used_once(shop: Shop) -> None:
    session = ennead.profile("orders")
    with session:
        pass
    with pytest.raises(
        EnneadError, match=r"^the profile 'orders' was used before: make a new one for each unit of work$"
    ):
        session.__enter__()


def test_a_profile_that_is_open_cannot_be_opened_again(shop: Shop) -> None:
    with ennead.profile() as session:
        with pytest.raises(EnneadError, match="was used before"):
            session.__enter__()
        shop.names_at_once()
    assert session.context.query_count == 1


# ------------------------------------------------------------------------------------------------ decorators


def test_a_decorated_function_returns_its_own_result(shop: Shop) -> None:
    @ennead.profile("names")
    def names(limit: int, *, start: int = 0) -> list[str]:
        """Some names."""
        return shop.names_one_by_one()[start:limit]

    assert names(3, start=1) == NAMES[1:3]
    assert (names.__name__, names.__doc__) == ("names", "Some names.")
    assert _codes(names.ennead) == ["n-plus-one"]  # type: ignore[attr-defined]
    assert names.ennead.context.name == "names"  # type: ignore[attr-defined]


async def test_a_decorated_coroutine_function_is_one_still(shop: Shop) -> None:
    @ennead.profile()
    async def names() -> list[str]:
        return await shop.names_one_by_one_later()

    assert inspect.iscoroutinefunction(names)
    assert await names() == NAMES
    assert _codes(names.ennead) == ["n-plus-one"]  # type: ignore[attr-defined]


def test_each_call_is_a_unit_of_work_and_the_last_one_is_kept(shop: Shop) -> None:
    @ennead.profile()
    def ask(*, one_by_one: bool) -> list[str]:
        return shop.names_one_by_one() if one_by_one else shop.names_at_once()

    ask(one_by_one=True)
    first = ask.ennead  # type: ignore[attr-defined]
    ask(one_by_one=False)
    assert (_codes(first), _codes(ask.ennead)) == (["n-plus-one"], [])  # type: ignore[attr-defined]


def test_a_method_can_be_decorated(shop: Shop) -> None:
    class View:
        @ennead.profile()
        def get(self) -> list[str]:
            return shop.names_one_by_one()

    assert View().get() == NAMES
    assert _codes(View.get.ennead) == ["n-plus-one"]  # type: ignore[attr-defined]


def test_callers_of_a_decorated_function_are_no_part_of_its_paths(shop: Shop) -> None:
    @ennead.profile()
    def ask() -> str:
        return shop.name_of(1)

    for _ in range(3):
        ask()
    functions = [place.function for place in ask.ennead.context.queries[0].call_path]  # type: ignore[attr-defined]
    assert [name.rpartition(".")[2] for name in functions] == ["name_of", "ask"]


# ------------------------------------------------------------------------------------------------ nesting


def test_the_innermost_records_and_the_outer_one_aggregates(shop: Shop) -> None:
    with ennead.profile("outer") as outer:
        shop.names_at_once()
        with ennead.profile("inner") as inner:
            shop.names_one_by_one()
        shop.names_at_once()
    assert (inner.context.query_count, outer.context.query_count) == (6, 8)
    assert (_codes(inner), _codes(outer)) == (["n-plus-one"], ["n-plus-one"])
    assert inner.findings[0].id == outer.findings[0].id
    assert [query.unit for query in outer.context.queries] == [0, *[1] * 6, 0]


def test_siblings_do_not_mix(shop: Shop) -> None:
    with ennead.profile("outer") as outer:
        for _ in range(4):
            with ennead.profile("inner"):
                shop.name_of(1)
    assert outer.context.query_count == 4
    assert outer.findings == ()


def test_a_decorated_function_inside_of_a_profile(shop: Shop) -> None:
    names = ennead.profile()(shop.names_one_by_one)
    with ennead.profile() as outer:
        names()
    assert (names.ennead.context.query_count, outer.context.query_count) == (6, 6)  # type: ignore[attr-defined]


# ------------------------------------------------------------------------------------------------ pausing


def test_nothing_is_recorded_in_a_pause(shop: Shop) -> None:
    with ennead.profile() as session:
        shop.name_of(1)
        with ennead.pause():
            shop.names_one_by_one()
        shop.name_of(2)
    assert session.context.query_count == 2


def test_a_profile_asked_for_in_a_pause_records(shop: Shop) -> None:
    with ennead.pause(), ennead.profile() as session:
        shop.name_of(1)
    assert session.context.query_count == 1


def test_a_pause_ends_with_an_exception_too(shop: Shop) -> None:
    with ennead.profile() as session:
        with pytest.raises(ZeroDivisionError), ennead.pause():
            raise ZeroDivisionError
        shop.name_of(1)
    assert session.context.query_count == 1


# ------------------------------------------------------------------------------------------------ switched off


@pytest.mark.parametrize("value", ["1", "true", "YES"])
def test_switched_off_nothing_is_recorded_and_nothing_breaks(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("ENNEAD_DISABLED", value)
    with ennead.profile("off") as session:
        assert shop.names_one_by_one() == NAMES

    @ennead.profile()
    def names() -> list[str]:
        return shop.names_one_by_one()

    assert names() == NAMES
    assert (session.context.query_count, session.findings, session.ml_analysis.anomalies) == (0, (), ())
    assert names.ennead.context.query_count == 0  # type: ignore[attr-defined]


# ------------------------------------------------------------------------------------------------ what is read


def _analysis(trace: Trace) -> Analysis:
    return Analysis(trace.context(), NPlusOneDetectionEngine(NPlusOneSettings()))


def test_statistics_of_a_page_with_an_n_plus_one() -> None:
    assert _analysis(lazy_orders(4, ms=2.0)).statistics == pytest.approx(
        {
            "query_count": 5.0,
            "duration_ms": 15.0,
            "database_ms": 9.0,
            "repeated_group_count": 1.0,
            "wasted_ms": 6.0,
            "wasted_ratio": 6.0 / 9.0,
        }
    )


def test_statistics_of_nothing_are_numbers() -> None:
    statistics = _analysis(Trace()).statistics
    assert all(type(value) is float for value in statistics.values())
    assert statistics["wasted_ratio"] == 0.0


def test_strategies_are_ranked_by_the_time_they_save() -> None:
    trace = lazy_orders(4, ms=1.0)
    for number in range(4):
        trace.run("SELECT a FROM t WHERE id = ?", number, ms=9.0, at=site("shop/api.py:5 export"))
    analysis = _analysis(trace)
    assert [recommendation.title for recommendation in analysis.strategies] == [
        "Fetch the rows of t as one set",
        "Load customer eagerly",
    ]


# ------------------------------------------------------------------------------------------------ assertions


def test_an_assertion_passes_where_there_is_no_n_plus_one(shop: Shop) -> None:
    with ennead.assert_no_n_plus_one(max_queries=1) as session:
        shop.names_at_once()
    assert session.context.query_count == 1


def test_an_assertion_tells_the_story(shop: Shop) -> None:
    with pytest.raises(NPlusOneError) as caught, ennead.assert_no_n_plus_one():
        shop.names_one_by_one()
    story = str(caught.value)
    assert isinstance(caught.value, AssertionError)
    for part in ("1 N+1 query found", "5 queries where 1 would do", "origin", "loop", "access", "advice:", "shops.py:"):
        assert part in story


def test_too_many_queries_are_told(shop: Shop) -> None:
    with (
        pytest.raises(NPlusOneError, match=r"^1 queries ran, at most 0 are allowed$"),
        ennead.assert_no_n_plus_one(max_queries=0),
    ):
        shop.names_at_once()


def _finding(shop: Shop) -> Finding:
    with ennead.profile() as session:
        shop.names_one_by_one()
    return session.findings[0]


@pytest.mark.parametrize("name", ["id", "call_site", "loop"])
def test_a_finding_can_be_allowed_by_name(shop: Shop, name: str) -> None:
    with ennead.assert_no_n_plus_one(allow=["something else", str(getattr(_finding(shop), name))]):
        shop.names_one_by_one()


def test_patterns_allow_too_and_others_do_not(shop: Shop) -> None:
    with ennead.assert_no_n_plus_one(allow=["*/shops.py"]):
        shop.names_one_by_one()
    with pytest.raises(NPlusOneError), ennead.assert_no_n_plus_one(allow=["*/carts.py", ""]):
        shop.names_one_by_one()


def test_the_bodys_own_exception_comes_first(shop: Shop) -> None:
    with pytest.raises(ZeroDivisionError), ennead.assert_no_n_plus_one():
        _ask_and_raise(shop, ZeroDivisionError())


def test_a_repeated_query_is_no_n_plus_one(shop: Shop) -> None:
    with ennead.assert_no_n_plus_one() as session:
        for _ in NAMES:
            shop.name_of(1)
    assert _codes(session) == ["repeated-query"]


def test_a_finding_of_a_trace_names_its_relation() -> None:
    (finding,) = _analysis(lazy_orders()).findings
    assert replace(finding, call_site=None).relation == "shop.Order.customer"
    assert finding.call_site == ACCESS
