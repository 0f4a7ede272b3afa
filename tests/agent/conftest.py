"""Tests of units of work are no units of work themselves, though another test has switched everything on.

And a count of how often the stack is walked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ennead.agent.call_path import Walk
from ennead.sources import pytest as pytest_source
from ennead.sources import unittest as unittest_source


@pytest.fixture(autouse=True)
def no_unit_around_the_test() -> None:
    # Runs before the call phase, which is where the unit would begin.
    pytest_source.uninstall()
    unittest_source.uninstall()


@pytest.fixture
def walk_count(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many full walks there have been."""
    walks = []
    follow = Walk.follow

    def counting(self: Walk, *args: Any) -> None:
        walks.append(args)
        follow(self, *args)

    monkeypatch.setattr(Walk, "follow", counting)
    return lambda: len(walks)
