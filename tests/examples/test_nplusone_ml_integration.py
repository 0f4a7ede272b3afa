"""The example runs, and what it prints is true."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "nplusone_ml_integration.py"


@pytest.fixture(scope="module")
def output() -> str:
    """What the example prints, run as its docstring says."""
    completed = subprocess.run(
        [sys.executable, "examples/nplusone_ml_integration.py"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert completed.stderr == ""
    return completed.stdout


@pytest.fixture(scope="module")
def sections(output: str) -> dict[str, str]:
    """The parts of the output by title."""
    parts = re.split(r"^=== (.+)$", output, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _line_of(text: str) -> int:
    lines = EXAMPLE.read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def test_tells_of_both_pages(sections: dict[str, str]) -> None:
    assert list(sections) == [
        "the page as it was written",
        "the page with the advice applied",
        "the first page, as a database's log knows it",
        "both",
    ]


def test_who_decided_is_told_of_every_finding(sections: dict[str, str]) -> None:
    before = sections["the page as it was written"]
    assert len(re.findall(r"^    decided by (?:rules|ml|both)", before, re.MULTILINE)) == before.count("  f1:")
    assert before.count("  f1:") >= 3


def test_with_less_evidence_the_same_statements_are_found(sections: dict[str, str]) -> None:
    log = sections["the first page, as a database's log knows it"].partition("The combined answer")[2]
    assert len(re.findall(r"^  f1:\S+  n-plus-one", log, re.MULTILINE)) == 3
    assert "access" not in log
    assert "loop" not in log


def test_rules_machine_learning_and_the_combined_answer_each_have_their_say(sections: dict[str, str]) -> None:
    before = sections["the page as it was written"]
    for relation, count in (("Line.product", 50), ("Order.lines", 25), ("Order.customer", 25)):
        assert len(re.findall(rf"n-plus-one +\d+ %  medium +{count} x {relation}", before)) == 2
    assert before.count("clustering") == 3
    assert re.search(r"loop_execution_detected +1\.00", before)


def test_places_are_those_of_the_application(sections: dict[str, str]) -> None:
    before = sections["the page as it was written"]
    name = "examples/nplusone_ml_integration.py"
    assert f"origin  {name}:{_line_of('orders = session.scalars(select(Order)).all()')}  orders =" in before
    assert f"loop    {name}:{_line_of('for order in orders:')}  for order in orders:" in before
    assert f"access  {name}:{_line_of('line.product.price')}  total +=" in before


def test_the_advice_is_code_for_this_application(sections: dict[str, str]) -> None:
    before = sections["the page as it was written"]
    assert "select(Order).options(joinedload(Order.customer))" in before
    assert "select(Order).options(selectinload(Order.lines).selectinload(Line.product))" in before


def test_the_negative_twin_is_silent(sections: dict[str, str]) -> None:
    after = sections["the page with the advice applied"]
    assert after.count("nothing") == 3
    assert "n-plus-one" not in after
    assert after.lstrip().startswith("3 queries")


def test_the_advice_helped_and_changed_nothing_else(sections: dict[str, str]) -> None:
    assert sections["both"].split("\n")[1:4] == [
        "101 queries became 3",
        "the answers are the same",
        "3 analyses, 100% of them without failure",
    ]
