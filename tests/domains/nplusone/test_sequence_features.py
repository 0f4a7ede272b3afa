"""What order and times say of a group, number by number, with the twin where it is low."""

from math import log, log1p

import pytest

from ennead.domains.nplusone.groups import QueryGroup
from ennead.domains.nplusone.sequence_features import LONGEST, SEQUENCE_FEATURES, sequence_features
from tests.domains.nplusone.traces import CALLER, Trace

ASK = "SELECT a FROM t WHERE id = ?"


def _group(trace: Trace, statement: str = "FROM t") -> QueryGroup:
    """The first group whose statement has the text."""
    return next(group for group in trace.groups() if statement in group.first.statement)


def _run(*statements: str, ms: float = 1.0) -> Trace:
    trace = Trace()
    for number, statement in enumerate(statements):
        trace.run(statement, *([number] if "?" in statement else []), ms=ms)
    return trace


def _of(trace: Trace, name: str) -> float:
    return sequence_features(_group(trace))[name]


def test_has_the_features_that_are_specified_in_order() -> None:
    assert list(sequence_features(_group(_run(ASK)))) == [spec.name for spec in SEQUENCE_FEATURES]


def test_a_single_execution_is_no_sequence() -> None:
    vector = sequence_features(_group(_run(ASK)))
    for name in ("adjacency", "gap_regularity", "step_regularity", "same_predecessor_ratio", "log_median_step"):
        assert vector[name] == 0.0


@pytest.mark.parametrize(
    ("statements", "adjacency", "step"), [([ASK] * 4, 1.0, 1.0), ([ASK, "SELECT b FROM u"] * 4, 0.0, 2.0)]
)
def test_other_queries_stand_between(statements: list[str], adjacency: float, step: float) -> None:
    vector = sequence_features(_group(_run(*statements)))
    assert (vector["adjacency"], vector["log_median_step"]) == (adjacency, log(step))


def test_steps_of_a_loop_are_regular_and_those_of_chance_are_not() -> None:
    loop = [ASK, "SELECT b FROM u", "SELECT c FROM v"] * 4
    chance = [ASK, ASK, *["SELECT b FROM u"] * 7, ASK, "SELECT c FROM v", ASK]
    assert _of(_run(*loop), "step_regularity") == 0.0
    assert _of(_run(*chance), "step_regularity") > 0.5


def test_a_loops_body_runs_the_same_statement_before() -> None:
    assert _of(_run(*[ASK, "SELECT b FROM u"] * 4), "same_predecessor_ratio") == 1.0
    assert _of(_run(ASK, "SELECT b FROM u", ASK, "SELECT c FROM v", ASK), "same_predecessor_ratio") == 0.5


def test_position_and_extent() -> None:
    vector = sequence_features(_group(_run("SELECT b FROM u", ASK, "SELECT c FROM v", ASK, "SELECT d FROM w")))
    assert (vector["first_position"], vector["extent"]) == (0.2, 0.6)


def test_companions_run_as_often() -> None:
    pair = _run(*[ASK, "SELECT b FROM u WHERE id = ?"] * 5)
    alone = _run(*[ASK] * 5, "SELECT b FROM u WHERE id = ?")
    assert (_of(pair, "companion_count"), _of(alone, "companion_count")) == (log1p(1), 0.0)


@pytest.mark.parametrize(
    ("order", "interleaved"), [("tutututu", 1), ("utututut", 1), ("tttuuu", 0), ("tutuut", 0), ("tutut", 1), ("tu", 0)]
)
def test_groups_that_take_turns_are_one_loops_body(order: str, interleaved: int) -> None:
    trace = _run(*[f"SELECT a FROM {table} WHERE id = ?" for table in order])
    assert _of(trace, "interleaved_count") == log1p(interleaved)


def test_the_largest_group_is_the_measure() -> None:
    trace = _run(ASK, ASK, *["SELECT b FROM u WHERE id = ?"] * 8)
    assert (_of(trace, "count_to_largest"), sequence_features(_group(trace, "FROM u"))["count_to_largest"]) == (0.25, 1)


def test_shards_and_places_of_one_statement_are_counted() -> None:
    trace = Trace()
    for number in range(4):
        trace.run(ASK, number, connection=f"shard{number % 2}")
    trace.run(ASK, 9, at=CALLER, connection="shard0")
    vector = sequence_features(_group(trace))
    assert (vector["connection_count"], vector["place_count"]) == (2.0, log1p(3))


@pytest.mark.parametrize(
    ("between", "write", "mate_write", "mate_read", "control"),
    [
        ("SELECT b FROM u", 0.0, 0.0, 0.0, 0.0),
        ("SELECT b FROM t", 0.0, 0.0, 1.0, 0.0),
        ("UPDATE u SET b = 1", 1.0, 0.0, 0.0, 0.0),
        ("INSERT INTO t (a) VALUES (1)", 1.0, 1.0, 0.0, 0.0),
        ("COMMIT", 0.0, 0.0, 0.0, 1.0),
    ],
)
def test_what_runs_between(between: str, write: float, mate_write: float, mate_read: float, control: float) -> None:
    vector = sequence_features(_group(_run(*[ASK, between] * 4)))
    names = ("write_between_ratio", "mate_write_ratio", "mate_read_ratio", "control_between_ratio")
    assert [vector[name] for name in names] == [write, mate_write, mate_read, control]


@pytest.mark.parametrize(("earlier", "read"), [("SELECT b FROM t", 1.0), ("SELECT b FROM u", 0.0)])
def test_the_table_was_read_before(earlier: str, read: float) -> None:
    trace = _run(earlier, ASK, ASK)
    assert sequence_features(_group(trace, "id = ?"))["table_read_before"] == read


def test_durations_and_pauses_are_logarithms_of_microseconds() -> None:
    trace = Trace()
    for number, ms in enumerate((1.0, 3.0)):
        trace.run(ASK, number, ms=ms, gap_ms=5.0)
    vector = sequence_features(_group(trace))
    assert (vector["log_mean_duration"], vector["log_median_pause"]) == pytest.approx((log1p(2_000), log1p(5_000)))
    assert vector["duration_variation"] == pytest.approx(0.5)


def test_failed_executions_are_a_share_and_no_repeats() -> None:
    trace = Trace()
    for number, error in enumerate([None, "OperationalError", None, None]):
        trace.run(ASK, number, error=error)
    assert (_of(trace, "failed_ratio"), _group(trace).count) == (0.25, 3)


def test_burst_density_of_no_time_is_one() -> None:
    trace = Trace()
    for number in range(3):
        trace.run(ASK, number, ms=0.0, gap_ms=0.0)
    assert _of(trace, "burst_density") == 1.0


def test_a_long_loop_is_told_from_its_beginning() -> None:
    """The count is of all; how regular it is, of the first."""
    trace = _run(*[ASK] * LONGEST, *[ASK, "SELECT b FROM u"] * 50)
    vector = sequence_features(_group(trace))
    assert (vector["log_count"], vector["adjacency"]) == (log1p(LONGEST + 50), 1.0)
