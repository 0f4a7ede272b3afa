"""Tests of libraries that cannot be in the main environment: ``noxfile.py`` has an environment for each."""

from __future__ import annotations

import os
from importlib.util import find_spec


def ignored_without(module: str) -> list[str]:
    """What a folder's ``collect_ignore_glob`` is: in CI, where nothing may skip, all of it without the library."""
    return ["test_*.py"] if "CI" in os.environ and find_spec(module) is None else []


def only_in(environment: str) -> str:
    """Why its tests are skipped where the library is not installed."""
    return f'not in this environment: make matrix NOX="--session {environment}"'
