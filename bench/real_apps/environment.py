"""One virtual environment an application and release, in `.bench/venvs/app-*`, with Ennead and the rivals beside it."""

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.detection.environment import requirements_of
from bench.real_apps.tools import RIVALS

ROOT = Path(__file__).resolve().parents[2]
APPLICATIONS = Path(__file__).with_name("applications")
VENVS = ROOT / ".bench" / "venvs"
PYTHON_NEEDED = re.compile(r"^# python (3\.\d+)$", re.MULTILINE)
ORM = re.compile(r'^ORM(?:: \w+)? = "(django|sqlalchemy)"$', re.MULTILINE)
PIN = re.compile(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Release:
    """One application at one version: `requirements.txt`, or `requirements-<version>.txt` where there are several.

    The first pin is the application itself. A line `# python 3.12` names the oldest interpreter that it runs on.
    """

    application: str
    requirements: Path

    @property
    def name(self) -> str:
        return self.application + self.requirements.stem.removeprefix("requirements")

    @property
    def title(self) -> str:
        pin = PIN.search(self.requirements.read_text(encoding="utf-8"))
        assert pin is not None, f"{self.requirements} pins nothing"
        return f"{pin[1]} {pin[2]}"

    @property
    def orm(self) -> str:
        source = (self.requirements.with_name("application.py")).read_text(encoding="utf-8")
        told = ORM.search(source)
        assert told is not None, f'{self.application}/application.py needs a line `ORM = "django"` or "sqlalchemy"'
        return told[1]

    @property
    def folder(self) -> Path:
        return VENVS / f"app-{self.name}"

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"


def releases(wanted: list[str]) -> Iterator[Release]:
    """All releases, or those of the wanted applications (`wagtail`) and releases (`wagtail-5.0.5`)."""
    for requirements in sorted(APPLICATIONS.glob("*/requirements*.txt")):
        release = Release(requirements.parent.name, requirements)
        if not wanted or release.application in wanted or release.name in wanted:
            yield release


def make_environment(release: Release) -> str | None:
    """Make the environment, and again when its pins change; return why it could not be made."""
    needed = PYTHON_NEEDED.search(release.requirements.read_text(encoding="utf-8"))
    interpreter = interpreter_of(needed[1]) if needed else sys.executable
    if interpreter is None:
        return f"no Python {needed[1] if needed else ''} here"
    digest = hashlib.sha256(release.requirements.read_bytes() + interpreter.encode()).hexdigest()[:12]
    stamp = release.folder / f"ready-{digest}"
    if stamp.exists():
        return None
    print(f"making the environment of {release.name} ...", file=sys.stderr)
    subprocess.run([interpreter, "-m", "venv", "--clear", str(release.folder)], check=True)
    problem = _install(release, "-r", str(release.requirements)) or _install(release, "-e", str(ROOT))
    if problem is None:
        stamp.touch()
    return problem


def add_rival(release: Release, tool: str) -> str | None:
    """Install a rival beside the application, whose pins hold; return why that is impossible."""
    requirements = requirements_of(tool)
    assert requirements is not None, f"{tool} has no pins in bench/detection/requirements"
    pins = [requirements.read_text(encoding="utf-8").split("\n", 1)[0], *RIVALS[tool].beside]
    stamp = release.folder / f"ready-{'-'.join(pins)}"
    if stamp.exists():
        return None
    problem = _install(release, "-c", str(release.requirements), *pins)
    if problem is None:
        stamp.touch()
    return problem


def interpreter_of(version: str) -> str | None:
    """Return a Python of at least this version (`3.12`): this one, one on the path, or one of pyenv's."""
    oldest = tuple(map(int, version.split(".")))
    if sys.version_info[:2] >= oldest:
        return sys.executable
    pyenv = shutil.which("pyenv")
    root = Path(_output([pyenv, "root"]).strip()) if pyenv else None
    for minor in range(oldest[1], oldest[1] + 4):
        name = f"python3.{minor}"
        candidates = sorted(map(str, root.glob(f"versions/*/bin/{name}"))) if root else []
        for candidate in (shutil.which(name), *candidates):
            if candidate and _output([candidate, "-c", "print('runs')"]).strip() == "runs":
                return candidate
    return None


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _install(release: Release, *what: str) -> str | None:
    command = [str(release.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    errors = [line for line in run.stderr.splitlines() if "ERROR" in line]
    return None if run.returncode == 0 else "pip: " + (errors or [run.stderr[-300:]])[0].removeprefix("ERROR: ")
