"""Which versions we hook."""

from __future__ import annotations

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
