"""The project of an application: its package as the user's own code, the small site around it, and the visits."""

import hashlib
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
ENVIRONMENTS = ROOT / ".bench" / "venvs"
LEFT_OUT = ("static", "locale", "__pycache__", "*.pyc", "fixtures")
"""Of a copied package: megabytes that no page reads."""


@dataclass(frozen=True)
class Application:
    """What is copied from where."""

    name: str
    package: str
    """The installed package whose source becomes the project's."""
    site: str
    """The folder of our small site around it."""
    left_out: tuple[str, ...] = ()

    @property
    def python(self) -> Path:
        return ENVIRONMENTS / f"real-{self.name}" / "bin" / "python"


WAGTAIL = Application("wagtail", "wagtail", "bench/real_fixes/wagtail_site", ("test", "tests"))
OSCAR = Application("oscar", "oscar", "bench/real_apps/applications/oscar")
APPLICATIONS = {each.name: each for each in (WAGTAIL, OSCAR)}


def make_environment(application: Application) -> None:
    """Make the environment once, and again when its pins change."""
    requirements = HERE / "requirements" / f"{application.name}.txt"
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    stamp = application.python.parents[1] / f"ready-{digest}"
    if stamp.exists():
        return
    print(f"making the environment of {application.name} ...", file=sys.stderr)
    venv.create(application.python.parents[1], clear=True, with_pip=True)
    install = [str(application.python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([*install, "-r", str(requirements)], check=True)
    subprocess.run([*install, "-e", f"{ROOT}[fix]"], check=True)
    stamp.touch()


def make_project(application: Application, folder: Path) -> Path:
    """Copy what the project consists of into a new folder; nothing of it is committed anywhere."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "bench" / "real_fixes").mkdir(parents=True)
    shutil.copy(ROOT / "bench" / "__init__.py", folder / "bench")
    for name in ("__init__.py", "visit.py"):
        shutil.copy(HERE / name, folder / "bench" / "real_fixes")
    shutil.copytree(ROOT / application.site, folder / application.site, ignore=shutil.ignore_patterns(*LEFT_OUT))
    left_out = shutil.ignore_patterns(*LEFT_OUT, *application.left_out)
    shutil.copytree(installed(application), folder / application.package, ignore=left_out)
    (folder / "pyproject.toml").write_text(f'[project]\nname = "{application.name}"\nversion = "0"\n', encoding="utf-8")
    return folder


def installed(application: Application) -> Path:
    """Where the environment keeps the package."""
    code = "import importlib.util, sys; print(importlib.util.find_spec(sys.argv[1]).submodule_search_locations[0])"
    command = [str(application.python), "-c", code, application.package]
    return Path(subprocess.run(command, capture_output=True, text=True, check=True, cwd="/").stdout.strip())


def command(application: Application, rows: int | str, *more: str) -> list[str]:
    """The command that visits the pages; ``rows`` may be ``{size}``."""
    return [str(application.python), "-m", "bench.real_fixes.visit", application.name, "--rows", str(rows), *more]
