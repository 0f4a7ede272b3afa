"""Which versions we hook."""

from __future__ import annotations

import subprocess
import sys

import pytest
import sqlalchemy

from ennead.sources.registry import UnsupportedVersionError
from ennead.sources.sqlalchemy import orm, queries, version


def test_installed_version_is_told() -> None:
    assert version.supported_version() == sqlalchemy.__version__


@pytest.mark.parametrize("module", [queries, orm])
def test_older_version_is_refused_and_not_touched(monkeypatch: pytest.MonkeyPatch, module: object) -> None:
    monkeypatch.setattr(sqlalchemy, "__version__", "1.4.54")
    with pytest.raises(UnsupportedVersionError, match=r"SQLAlchemy 2\.0 or newer is needed, 1\.4\.54 is installed"):
        module.install()  # type: ignore[attr-defined]
    assert not module._listeners  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "release"), [("2.0.58", (2, 0)), ("2.1.0b1", (2, 1)), ("2.2rc1", (2, 2)), ("3.0", (3, 0))]
)
def test_release(text: str, release: tuple[int, int]) -> None:
    assert version.release_of(text) == release


def test_installed_before_the_library_is_imported() -> None:
    program = """
import ennead
assert "sqlalchemy" not in ennead.install().hooked
import sqlalchemy.orm
hooked = ennead.install().hooked
assert hooked["sqlalchemy"] == hooked["sqlalchemy-orm"] == sqlalchemy.__version__, hooked
engine = sqlalchemy.create_engine("sqlite://")
with ennead.profile() as session, engine.connect() as connection:
    connection.execute(sqlalchemy.text("SELECT 1"))
assert len(session.context.queries) == 1
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
