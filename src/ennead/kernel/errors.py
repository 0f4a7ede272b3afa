"""The one exception users see."""

from __future__ import annotations


class EnneadError(Exception):
    """Something the user can put right; the message names the cause and the way out."""


class NPlusOneError(EnneadError, AssertionError):
    """An assertion on findings failed; the message tells the story of each finding."""
