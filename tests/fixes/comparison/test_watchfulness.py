"""A change that asks whether it is watched cannot be judged."""

from __future__ import annotations

import pytest

from ennead.fixes.comparison.edit import Edit
from ennead.fixes.comparison.notes import Notes
from ennead.fixes.comparison.watchfulness import refuse_watchful_code


def said(before: str, after: str) -> list[str]:
    notes = Notes()
    refuse_watchful_code(Edit.between({"a.py": before}, {"a.py": after}), notes)
    return list(notes.failures)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("if 'ENNEAD_REPLAY' in os.environ:", "ENNEAD_REPLAY"),
        ("if sys.gettrace():", "sys.gettrace"),
        ("if 'ennead.replay' in sys.modules:", "ennead.replay"),
        ("if 'ennead-replay' in os.getcwd():", "ennead-replay"),
    ],
)
def test_what_asks_is_refused(line: str, name: str) -> None:
    assert said("x = 1\n", f"x = 1\n{line}\n    pass\n") == [
        f"the change asks for {name}: what it does in a replay says nothing about what it does elsewhere"
    ]


def test_what_asked_before_and_what_only_profiles_is_accepted() -> None:
    asking = "if sys.gettrace():\n    pass\n"
    assert said(f"x = 1\n{asking}", f"x = 2\n{asking}") == []
    assert said("x = 1\n", "import ennead\nwith ennead.profile():\n    x = 1\n") == []
