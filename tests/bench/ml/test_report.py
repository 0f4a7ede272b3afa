"""Tables of RESULTS.md, and the model card that copies some of them."""

from math import nan
from pathlib import Path

import pytest

from bench.ml import model_card
from bench.ml.evaluation import Split
from bench.ml.report import LEVEL_NAMES, difference, marked, number, table
from tests.bench.ml.labelled_trials import trial

SPLIT = Split(["oscar"], ["helpdesk"], ["oscar"])
RESULTS = "# Results\n\n## Who decides\n\nText.\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\nMore.\n\n| c |\n"
CARD = "# Card\n\n<!-- from RESULTS.md: Who decides -->\nold | table\n<!-- end -->\n\nEnd.\n"


def test_a_table_is_markdown() -> None:
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"


@pytest.mark.parametrize(("value", "text"), [(0.5, "0.500"), (nan, "-"), (1.0, "1.000")])
def test_what_divides_by_nothing_is_a_dash(value: float, text: str) -> None:
    assert number(value) == text


def test_applications_that_tuned_the_rules_are_marked() -> None:
    assert (marked("oscar", SPLIT), marked("helpdesk", SPLIT)) == ("oscar \\*", "helpdesk")


def test_a_difference_is_above_0_where_the_trees_are_better() -> None:
    assert difference(trial([True, False], [10.0, 10.0], [90.0, 10.0]), "rules") == 0.5
    assert difference(trial([True, False], [90.0, 10.0], [90.0, 90.0]), "rules") == -0.5


def test_the_card_has_the_first_table_below_the_heading() -> None:
    copied = model_card.with_tables(CARD, RESULTS)
    assert "| a | b |\n| --- | --- |\n| 1 | 2 |\n" in copied
    assert "old" not in copied
    assert "| c |" not in copied
    assert copied.endswith("\n\nEnd.\n")


def test_copying_twice_changes_nothing() -> None:
    once = model_card.with_tables(CARD, RESULTS)
    assert model_card.with_tables(once, RESULTS) == once


def test_the_cards_tables_are_those_of_the_last_run() -> None:
    """`python -m bench.ml --train` writes both."""
    results = Path(model_card.__file__).with_name("RESULTS.md").read_text(encoding="utf-8")
    card = model_card.CARD.read_text(encoding="utf-8")
    assert model_card.with_tables(card, results) == card
    assert all(f"### {name}" in results for name in LEVEL_NAMES.values())
