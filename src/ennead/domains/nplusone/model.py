"""The slot of the learnt model. None is shipped yet: the slot says so, and the rules decide alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class GroupModel(Protocol):
    """Scores one repeated group from its features."""

    @property
    def name(self) -> str:
        """Name and version."""

    def probability(self, features: Mapping[str, float], /) -> float:
        """Calibrated probability, 0 to 1, that the group is an N+1."""


def load_model() -> GroupModel | None:
    """The shipped model, or ``None``."""
    return None
