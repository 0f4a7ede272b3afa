"""What the tests of the server for coding agents share."""

import shutil
from pathlib import Path

import pytest

from tests.mcp_server.agent import make_loans


@pytest.fixture(scope="session")
def prepared_loans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_loans(tmp_path_factory.mktemp("prepared") / "loans_project")


@pytest.fixture
def loans(prepared_loans: Path, tmp_path: Path) -> Path:
    """A fresh copy of the project."""
    return Path(shutil.copytree(prepared_loans, tmp_path / "project"))
