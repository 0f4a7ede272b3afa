"""What the command line needs is in the wheel, and runs from it alone."""

import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_DEPENDENCIES = ("click", "jinja2", "markupsafe", "rich", "pygments", "markdown_it", "mdurl", "sqlglot")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked wheel, and beside it the dependencies and nothing else: no Django, no SQLAlchemy."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    zipfile.ZipFile(wheel).extractall(site)
    for name in _DEPENDENCIES:
        found = importlib.util.find_spec(name)
        assert found is not None
        assert found.origin is not None
        (site / name).symlink_to(Path(found.origin).parent)
    return site


def _ennead(site: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line on a Python without site-packages."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ENNEAD_", "PYTHON"))}
    return subprocess.run(
        [sys.executable, "-S", "-m", "ennead", *arguments],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_shop_is_in_it_and_nothing_it_left_behind(installed: Path) -> None:
    shop = installed / "ennead" / "demo_apps" / "shop_django"
    assert (shop / "manage.py").is_file()
    assert (shop / "templates" / "base.html").is_file()
    left = [
        path for path in shop.rglob("*") if path.suffix == ".sqlite3" or path.name.endswith(("_cache", "__pycache__"))
    ]
    assert left == []


def test_a_missing_extra_is_one_line_with_the_pip_command(installed: Path, tmp_path: Path) -> None:
    completed = _ennead(installed, tmp_path, "demo")
    assert completed.returncode == 2
    assert completed.stderr == (
        "Error: the demo is a Django project and needs Django and Django REST framework and LibCST: "
        "pip install 'ennead[demo]'\n"
    )


def test_records_and_reports(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(
        "import sqlite3, ennead\n"
        "connection = ennead.wrap_connection(sqlite3.connect(':memory:'))\n"
        "connection.execute('CREATE TABLE item (id INTEGER PRIMARY KEY)')\n"
        "for number in range(5):\n"
        "    connection.execute('SELECT id FROM item WHERE id = ?', (number,)).fetchall()\n"
    )
    completed = _ennead(installed, tmp_path, "run", "--html", "page.html", "--", sys.executable, "script.py")
    assert completed.returncode == 0, completed.stderr
    assert "5 queries where 1 would do" in completed.stderr
    assert "5 queries" in (tmp_path / "page.html").read_text()
