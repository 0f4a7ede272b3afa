"""What the tests of the command line share."""

from pathlib import Path

import pytest

from tests.cli.shops import Shop, django_shop, sqlalchemy_shop
from tests.runs.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture(scope="module")
def django(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A Django project with rows in its database; the tests of a module share it and leave it as it is."""
    return django_shop(tmp_path_factory.mktemp("django"))


@pytest.fixture
def script(tmp_path: Path) -> Shop:
    """A script with SQLAlchemy that makes its own rows."""
    folder = tmp_path / "script"
    folder.mkdir()
    return sqlalchemy_shop(folder)
