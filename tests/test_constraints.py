"""The pinned versions that every environment is made of."""

from collections import Counter
from pathlib import Path

PINS = (Path(__file__).parents[1] / "constraints.txt").read_text().splitlines()


def test_a_package_has_one_version() -> None:
    """Two pins of one package, and pip refuses whatever asks for it: ``make setup`` fails on a fresh clone."""
    names = [pin.partition("==")[0].lower().replace("_", "-") for pin in PINS if "==" in pin]
    assert names
    assert [name for name, count in Counter(names).items() if count > 1] == []
