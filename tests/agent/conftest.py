"""A count of how often the stack is walked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ennead.agent.call_path import Walk


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
