"""What counts as found, missed, false and capped, and actions under several tools."""

from collections.abc import Mapping

from bench.real_apps.labels import Label
from bench.real_apps.score import Score
from bench.real_apps.truth import Action

GROWING, STILL, ONCE = (3, 6, 12), (5, 5, 5), (1, 1, 1)


def action(
    name: str, counts: Mapping[str, tuple[int, ...]], found: str = "", repeated: str = "", *, status: str = "ok"
) -> Action:
    """One whose findings are the letters of ``found``."""
    return Action(name, status, dict(counts), found={key: {} for key in found}, repeated=set(repeated))


def test_without_labels_growth_is_the_truth() -> None:
    score = Score([action("page", {"a": GROWING, "b": GROWING, "c": STILL}, found="ac")], {})

    assert score.found == [("page", "a")]
    assert score.missed == [("page", "b")]
    assert score.false == [("page", "c")]
    assert str(score.recall) == ".500 (1/2)"
    assert str(score.precision) == ".500 (1/2)"
    assert score.read == 0


def test_a_repeated_query_is_a_duplicate_until_somebody_reads_that_it_is_none() -> None:
    actions = [action("page", {"a": GROWING}, repeated="a")]

    unread, read = Score(actions, {}), Score(actions, {("page", "a"): Label("n-plus-one", "x.py:1")})

    assert (unread.duplicates, unread.missed) == ([("page", "a")], [])
    assert (read.duplicates, read.missed) == ([], [("page", "a")])


def test_what_is_read_as_structural_is_a_false_alarm_if_found_and_no_miss_otherwise() -> None:
    label = Label("structural", "x.py:1", "chunks")
    labels = {("page", "a"): label, ("page", "b"): label}

    score = Score([action("page", {"a": GROWING, "b": GROWING}, found="a")], labels)

    assert score.positives == []
    assert score.structural == [("page", "a"), ("page", "b")]
    assert score.false == [("page", "a")]
    assert score.read == 2


def test_a_capped_group_is_a_right_finding_and_makes_its_action_a_right_one() -> None:
    labels = {("page", "a"): Label("n-plus-one", "x.py:1", capped=True)}

    score = Score([action("page", {"a": STILL}, found="a")], labels)

    assert (score.capped, score.overlooked, score.false) == ([("page", "a")], [], [])
    assert score.actions_with_n_plus_one == {"page"}


def test_a_capped_group_that_is_not_found_is_told_apart_from_the_recall() -> None:
    labels = {("page", "a"): Label("n-plus-one", "x.py:1", capped=True)}

    score = Score([action("page", {"a": STILL})], labels)

    assert (score.overlooked, score.missed) == ([("page", "a")], [])
    assert list(map(str, score.action_scores(score.flagged("ennead")))) == [".000 (0/1)", "-"]


def test_a_capped_group_that_a_later_release_repaired_is_none() -> None:
    labels = {("page", "a"): Label("n-plus-one", "x.py:1", capped=True)}

    score = Score([action("page", {"a": ONCE})], labels)

    assert score.actions_with_n_plus_one == set()


def test_an_action_that_failed_counts_for_nothing() -> None:
    score = Score([action("page", {"a": GROWING}, status="HTTP 500")], {})

    assert (score.ran, score.growing, score.missed) == ([], [], [])


def test_tools_are_compared_action_by_action() -> None:
    actions = [action("slow", {"a": GROWING}, found="a"), action("fast", {"a": ONCE}), action("broken", {"a": GROWING})]
    actions[0].flagged["zeal"], actions[1].flagged["zeal"] = True, True

    score = Score(actions, {})

    assert list(map(str, score.action_scores(score.flagged("ennead")))) == [".500 (1/2)", "1.000 (1/1)"]
    assert list(map(str, score.action_scores(score.flagged("zeal")))) == ["1.000 (1/1)", ".500 (1/2)"]
