"""A project to be replayed."""

from pathlib import Path

import pytest

from tests.replay.project import ReplayedProject


@pytest.fixture
def project(tmp_path: Path) -> ReplayedProject:
    return ReplayedProject(tmp_path)
