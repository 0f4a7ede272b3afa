"""What the tests of the command line share."""

from pathlib import Path

import pytest

from tests.runs.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)
