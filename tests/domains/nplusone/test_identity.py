"""The same problem has the same id: after lines moved, elsewhere, under pytest, and on another Python."""

from dataclasses import replace

import pytest

from ennead.domains.nplusone.identity import identify, weak_identity
from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.domains.nplusone.service import NPlusOneDetectionService
from ennead.kernel.call_site import CallSite
from tests.domains.nplusone.traces import CUSTOMER, ORDERS, Trace, site

ACCESS = site("shop/models.py:80 Order.label")
LOOP_FRAME = site("shop/services.py:31 labels")
VIEW = site("shop/views.py:12 order_list")
TEST = site("tests/test_views.py:50 test_order_list")
LOOP = site("shop/services.py:30 labels")


def _id(
    *path: CallSite,
    loop: CallSite | None = LOOP,
    code: str = "n-plus-one",
    fingerprint: str = "aa",
    relation: str | None = "shop.Order.customer",
    ordinal: int = 0,
) -> str:
    return identify(code, fingerprint, path, loop, relation, ordinal)


BASE = _id(ACCESS, LOOP_FRAME, VIEW)


def _moved(place: CallSite) -> CallSite:
    return replace(place, line=place.line + 7, column=3, end_line=place.line + 7, end_column=9, source="other text")


# ------------------------------------------------------------------------------------------------ survives


def test_moved_lines_keep_the_id() -> None:
    assert _id(_moved(ACCESS), _moved(LOOP_FRAME), _moved(VIEW), loop=_moved(LOOP)) == BASE


def test_another_folder_on_another_host_keeps_the_id() -> None:
    there = [replace(place, file=f"/srv/app/{place.file}") for place in (ACCESS, LOOP_FRAME, VIEW, LOOP)]
    assert _id(*there[:3], loop=there[3]) == BASE


def test_callers_beyond_the_loop_do_not_matter() -> None:
    assert _id(ACCESS, LOOP_FRAME, TEST) == _id(ACCESS, LOOP_FRAME) == BASE


def test_pytest_and_production_agree_without_a_loop_too() -> None:
    production = _id(ACCESS, VIEW, loop=None)
    for runner in ("tests/test_views.py:5 test_it", "shop/conftest.py:5 client", "manage.py:9 main"):
        assert _id(ACCESS, VIEW, site(runner), loop=None) == production


@pytest.mark.parametrize("caller", ["shop/contest.py:5 f", "shop/attestation.py:5 f", "shop/managers.py:5 f"])
def test_what_only_sounds_like_a_test_is_a_caller(caller: str) -> None:
    assert _id(ACCESS, VIEW, site(caller), loop=None) != _id(ACCESS, VIEW, loop=None)


def test_without_a_loop_the_three_nearest_names_count() -> None:
    path = (ACCESS, LOOP_FRAME, VIEW)
    further = site("shop/wsgi.py:3 application")
    assert _id(*path, further, loop=None) == _id(*path, loop=None)
    assert _id(*path, loop=None) != _id(*path[:2], loop=None)


def test_runners_are_known_by_their_file_where_there_is_no_module() -> None:
    runner = replace(TEST, module="")
    assert _id(ACCESS, VIEW, runner, loop=None) == _id(ACCESS, VIEW, loop=None)


def test_what_a_test_queries_by_itself_is_named_by_its_innermost_line() -> None:
    helper = site("tests/test_views.py:9 make_order")
    assert _id(helper, TEST, loop=None) == _id(helper, loop=None)


def test_a_test_that_queries_by_itself_has_an_id_too() -> None:
    assert _id(TEST, loop=None) != _id(site("tests/test_views.py:50 test_other"), loop=None)


def test_a_comprehension_has_one_id_before_and_after_its_frame_was_inlined() -> None:
    before = [site("shop/views.py:12 order_list.<locals>.<listcomp>"), site("shop/views.py:12 order_list")]
    loop_before, loop_after = (
        site("shop/views.py:13 order_list.<locals>.<listcomp>"),
        site("shop/views.py:13 order_list"),
    )
    assert _id(*before, loop=loop_before) == _id(VIEW, loop=loop_after)
    assert _id(ACCESS, *before, loop=loop_before) == _id(ACCESS, VIEW, loop=loop_after)
    assert _id(ACCESS, *before, loop=None) == _id(ACCESS, VIEW, loop=None)


def test_nested_comprehensions_too() -> None:
    inner, outer = "order_list.<locals>.<listcomp>.<dictcomp>", "order_list.<locals>.<listcomp>"
    before = [site(f"shop/views.py:12 {name}") for name in (inner, outer, "order_list")]
    assert _id(*before, loop=site(f"shop/views.py:13 {inner}")) == _id(VIEW, loop=site("shop/views.py:13 order_list"))


def test_a_generator_expression_keeps_its_frame() -> None:
    expression = site("shop/views.py:12 order_list.<locals>.<genexpr>")
    assert _id(expression, VIEW, loop=None) != _id(VIEW, loop=None)


# ------------------------------------------------------------------------------------------------ tells apart


def test_differs_by_what_is_done_to_what() -> None:
    path = (ACCESS, LOOP_FRAME, VIEW)
    others = [
        _id(*path, code="write-n-plus-one"),
        _id(*path, fingerprint="bb"),
        _id(*path, relation=None),
        _id(*path, relation="shop.Order.address"),
        _id(*path, ordinal=1),
    ]
    assert len({BASE, *others}) == 6


def test_differs_by_the_functions_up_to_the_loop() -> None:
    assert _id(site("shop/models.py:80 Order.title"), LOOP_FRAME, VIEW) != BASE
    assert _id(ACCESS, site("shop/api.py:31 labels"), loop=site("shop/api.py:30 labels")) != BASE


def test_two_scripts_are_two_places_though_both_are_main() -> None:
    one, other = (site(f"scripts/{name}.py:5 main", module="__main__") for name in ("import", "export"))
    assert _id(one, loop=None) != _id(other, loop=None)


@pytest.mark.parametrize(
    ("file", "module"), [("report.py", "report"), ("shop/nightly.py", "shop.nightly"), ("src/shop/job.py", "shop.job")]
)
@pytest.mark.parametrize("looped", [True, False])
def test_a_script_has_the_id_of_the_module_that_a_test_imports(file: str, module: str, *, looped: bool) -> None:
    run, imported = (site(f"{file}:5 main", module=name) for name in ("__main__", module))
    loops = (replace(run, line=4), replace(imported, line=4)) if looped else (None, None)
    assert _id(run, loop=loops[0]) == _id(imported, loop=loops[1])
    assert _id(run, loop=loops[0]) != _id(replace(imported, module="other"), loop=None)


def test_manage_py_as_main_is_a_runner() -> None:
    manage = replace(site("manage.py:9 main"), module="__main__")
    assert _id(ACCESS, VIEW, manage, loop=None) == _id(ACCESS, VIEW, loop=None)


def test_a_weak_identity_knows_statement_and_route_only() -> None:
    weak = weak_identity("n-plus-one", "aa", "/orders")
    assert weak == weak_identity("n-plus-one", "aa", "/orders")
    others = [("n-plus-one", "aa", "/"), ("n-plus-one", "bb", "/orders"), ("repeated-query", "aa", "/orders")]
    assert weak not in {BASE, *(weak_identity(*parts) for parts in others)}
    assert weak_identity("n-plus-one", "aa", None) == weak_identity("n-plus-one", "aa", "")


# ------------------------------------------------------------------------------------------------ whole findings


def _orders(*access_lines: int, function: str = "order_list", shift: int = 0) -> QueryExecutionContext:
    """Lazy loads at several lines of one function."""
    trace = Trace()
    origin = trace.run(
        "SELECT id, customer_id FROM shop_order", at=site(f"shop/views.py:{5 + shift}"), rows=4, orm=ORDERS
    )
    for line in access_lines:
        place = site(f"shop/views.py:{line + shift} {function}")
        for number in range(4):
            trace.run(
                "SELECT name FROM shop_customer WHERE id = ?",
                number,
                at=place,
                rows=1,
                orm=CUSTOMER,
                supplied_by=((origin, 1, 0),),
            )
    return trace.context()


def _ids(context: QueryExecutionContext) -> list[str]:
    return sorted(finding.id for finding in NPlusOneDetectionService().analyze(context).findings)


def test_two_loops_in_one_function_are_two_findings() -> None:
    assert len(set(_ids(_orders(10, 20)))) == 2


def test_both_keep_their_ids_when_lines_are_inserted_above() -> None:
    assert _ids(_orders(10, 20)) == _ids(_orders(10, 20, shift=33))


def test_the_first_keeps_its_id_when_the_second_is_repaired() -> None:
    assert _ids(_orders(10))[0] in _ids(_orders(10, 20))


def test_the_order_of_running_does_not_matter() -> None:
    assert _ids(_orders(10, 20)) == _ids(_orders(20, 10))


def test_another_function_is_another_finding() -> None:
    assert set(_ids(_orders(10))).isdisjoint(_ids(_orders(10, function="order_export")))
