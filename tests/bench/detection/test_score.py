"""Recall, precision and places from the probe's lines."""

from typing import Any

from bench.detection.score import Score, Share, score

HERE, THERE = ["a.py", 3], ["a.py", 9]


def row(name: str, label: str, codes: tuple[str, ...] = (), **places: list[list[object]]) -> dict[str, Any]:
    """One line of the probe; `places` are what the tool said, and the marks all stand at HERE."""
    marked = label in ("n-plus-one", "write-n-plus-one")
    return {
        "scenario": name,
        "label": label,
        "flagged": "n-plus-one" in codes,
        "codes": list(codes),
        "error": None,
        **{place: places.get(place, []) for place in ("loop", "origin", "access")},
        "expected": {place: [HERE] if marked else [] for place in ("loop", "origin", "access")},
    }


def test_a_run_is_scored() -> None:
    rows = [
        row("found", "n-plus-one", ("n-plus-one",), loop=[HERE], access=[THERE]),
        row("elsewhere", "n-plus-one", ("n-plus-one",), loop=[THERE], access=[HERE, THERE]),
        row("missed", "n-plus-one", ("repeated-query",), loop=[HERE]),
        row("quiet", "look-alike"),
        row("noisy", "look-alike", ("n-plus-one",)),
        row("twice", "duplicate", ("repeated-query",)),
        row("insert", "write-n-plus-one", ("write-n-plus-one",)),
        row("upsert", "write-n-plus-one", ("n-plus-one",)),
    ]
    assert score(rows) == Score(
        recall=Share(2, 3),
        precision=Share(2, 3),
        misses=("missed",),
        false_alarms=("noisy",),
        writes=Share(1, 2),
        writes_as_n_plus_one=("upsert",),
        origin=Share(0, 0),
        loop=Share(1, 2),
        access=Share(1, 2),
        errors=(),
    )


def test_an_error_is_a_miss_and_is_told() -> None:
    broken = {**row("broken", "n-plus-one"), "error": "RuntimeError: no"}
    scored = score([broken])
    assert (scored.misses, scored.errors) == (("broken",), (("broken", "RuntimeError: no"),))


def test_a_share_of_nothing_has_no_ratio() -> None:
    assert (Share(0, 0).ratio, str(Share(0, 0)), str(Share(1, 3))) == (None, "-", "0.33 (1/3)")
