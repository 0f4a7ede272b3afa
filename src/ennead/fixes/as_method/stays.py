"""Loads that stay where the fix has put them."""

from __future__ import annotations


class StaysError(Exception):
    """A query keeps its loads; the sentence says why."""
