"""Counts of groups in separate runs, and the truth that labels and growth make together."""

from dataclasses import replace

from bench.ml.corpus.applications import Truths
from bench.ml.corpus.growth import Growth
from bench.ml.corpus.recording import Recording
from bench.real_apps.labels import Label
from ennead.domains.nplusone.examples import example_contexts
from ennead.domains.nplusone.groups import QueryGroup, group_queries
from ennead.domains.nplusone.observation import QueryRecord
from ennead.kernel.call_site import CallSite

CONTEXT = example_contexts()[0]
LOAD = CONTEXT.queries[1]
LABEL = Label("n-plus-one", "read")


def _loads(count: int, line: int = 12, unit: int = 0, parameters: int = 1000) -> list[QueryRecord]:
    path = (CallSite("shop/views.py", line, "view"),)
    return [
        LOAD._replace(call_path=path, unit=unit, parameters_hash=f"h{number % parameters}") for number in range(count)
    ]


def _recorded(*runs: list[QueryRecord]) -> list[Recording]:
    sizes = zip((3, 6, 12), runs, strict=False)
    return [Recording("page", rows, replace(CONTEXT, queries=tuple(queries))) for rows, queries in sizes]


def _groups(recorded: list[Recording]) -> list[QueryGroup]:
    return list(group_queries(recorded[-1].context))


def _truths(recorded: list[Recording], label: Label | None = None) -> list[bool | None]:
    labels = {("page", LOAD.statement_fingerprint): label} if label else {}
    truths = [Truths(recorded, labels).truth(group) for group in _groups(recorded)]
    return [truth and truth.is_n_plus_one for truth in truths]


GROWING = _recorded(_loads(3), _loads(6), _loads(12))
STILL = _recorded(_loads(4), _loads(4), _loads(4))


def test_a_group_that_runs_more_often_at_each_size_grows() -> None:
    (group,) = _groups(GROWING)
    growth = Growth(GROWING)

    assert growth.counts(group) == growth.statement_counts(LOAD.statement_fingerprint) == (3, 6, 12)
    assert growth.group_grows(group)
    assert not Growth(STILL).group_grows(_groups(STILL)[0])


def test_one_more_unit_of_work_for_each_row_is_no_growth() -> None:
    runs = [[load for unit in range(rows) for load in _loads(4, unit=unit)] for rows in (3, 6, 12)]
    recorded = _recorded(*runs)

    assert {Growth(recorded).counts(group) for group in _groups(recorded)} == {(4, 4, 4)}


def test_paths_are_counted_apart() -> None:
    recorded = _recorded(*(_loads(rows) + _loads(2, line=40) for rows in (3, 6, 12)))
    growth = Growth(recorded)

    assert [growth.counts(group) for group in _groups(recorded)] == [(3, 6, 12), (2, 2, 2)]


def test_a_path_that_a_size_has_not_is_counted_by_its_line() -> None:
    def deeper(loads: list[QueryRecord]) -> list[QueryRecord]:
        outer = CallSite("shop/views.py", 90, "outer")
        return [load._replace(call_path=(*load.call_path, outer)) for load in loads]

    recorded = _recorded(_loads(3), _loads(6), deeper(_loads(12)))

    assert Growth(recorded).counts(_groups(recorded)[0]) == (3, 6, 12)


def test_an_action_that_did_not_run_at_each_size_is_incomplete() -> None:
    assert Growth(GROWING).is_complete
    assert not Growth(GROWING[:2]).is_complete


def test_without_a_label_growth_decides() -> None:
    assert _truths(GROWING) == [True]
    assert _truths(STILL) == [False]


def test_growth_with_the_same_parameters_has_to_be_read() -> None:
    same = _recorded(*(_loads(rows, parameters=1) for rows in (3, 6, 12)))

    assert _truths(same) == [None]
    assert _truths(same, LABEL) == [True]


def test_a_label_stands_over_growth() -> None:
    assert _truths(GROWING, Label("structural", "read", "chunks")) == [False]
    assert _truths(GROWING, Label("duplicate", "read")) == [False]
    assert _truths(STILL, Label("n-plus-one", "read", capped=True)) == [True]


def test_a_label_of_another_release_says_nothing_of_what_was_repaired() -> None:
    assert _truths(STILL, LABEL) == [False]


def test_beside_a_path_that_grows_nobody_knows_of_one_that_does_not() -> None:
    recorded = _recorded(*(_loads(rows) + _loads(2, line=40) for rows in (3, 6, 12)))

    assert _truths(recorded, LABEL) == [True, None]


def test_where_only_all_paths_together_grow_each_of_them_counts() -> None:
    runs = [[load for line in range(rows) for load in _loads(2, line=20 + line)] for rows in (3, 6, 12)]

    assert _truths(_recorded(*runs), LABEL) == [True] * 12
