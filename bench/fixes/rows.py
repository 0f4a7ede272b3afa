"""The databases of a suite at a size: filled once, copied for each run."""

import importlib
import shutil
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any
from unittest import mock

FILLED = "filled"


def fill(suite: str, directory: Path, size: int) -> None:
    """Fill the databases of a suite in `directory`; in a process of its own, because a suite boots once."""
    directory.mkdir(parents=True)
    suite_module(suite).set_up(directory, size)
    (directory / FILLED).touch()


def is_filled(directory: Path) -> bool:
    return (directory / FILLED).exists()


def open_filled(suite: str, directory: Path) -> Any:
    """Boot the suite on the databases of a directory as they are, and return its module ``suite``."""
    module = suite_module(suite)
    with _nothing_filled(suite, module):
        module.set_up(directory, 0)
    return module


def open_copies(suite: str, filled: Path, directory: Path) -> Any:
    """Boot the suite on copies of filled databases, and return its module ``suite``."""
    shutil.copytree(filled, directory, dirs_exist_ok=True)
    module = open_filled(suite, directory)
    module.restore()
    return module


def suite_module(suite: str) -> Any:
    return importlib.import_module(f"bench.detection.{suite}_suite.suite")


def _nothing_filled(suite: str, module: Any) -> AbstractContextManager[Any]:
    if suite.endswith("django"):
        return mock.patch.object(module, "_fill")
    if suite.endswith("sqlalchemy"):
        return mock.patch.object(module.data, "create")
    return nullcontext()
