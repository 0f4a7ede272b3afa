"""The exceptions and the warning that users see."""

from __future__ import annotations


class EnneadError(Exception):
    """Something the user can put right; the message names the cause and the way out."""


class NPlusOneError(EnneadError, AssertionError):
    """An assertion on findings failed; the message tells the story of each finding."""


class NPlusOneWarning(UserWarning):
    """A test has an N+1; issued by the pytest plugin where it was asked to warn."""
