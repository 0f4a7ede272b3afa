import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def alembic(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SHOP_DATABASE_URL": f"sqlite:///{folder / 'migrated.sqlite3'}"}
    return subprocess.run(
        [sys.executable, "-m", "alembic", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_migrations_lead_to_the_models(tmp_path: Path) -> None:
    pytest.importorskip("alembic")
    upgraded = alembic(tmp_path, "upgrade", "head")
    assert upgraded.returncode == 0, upgraded.stderr
    checked = alembic(tmp_path, "check")
    assert "No new upgrade operations detected" in checked.stdout, checked.stdout + checked.stderr


def test_and_back_again(tmp_path: Path) -> None:
    pytest.importorskip("alembic")
    alembic(tmp_path, "upgrade", "head")
    downgraded = alembic(tmp_path, "downgrade", "base")
    assert downgraded.returncode == 0, downgraded.stderr
