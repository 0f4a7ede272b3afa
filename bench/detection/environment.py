"""One virtual environment a tool, made from its pinned requirements and kept in `.bench/venvs`."""

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

from bench.detection.scenario import ROOT

REQUIREMENTS = Path(__file__).with_name("requirements")
VENVS = ROOT / ".bench" / "venvs"
HOMES = {"sentry_untimed": "sentry"}
"""A tool that is another one with a difference, and whose environment it runs in."""
NAMES = {"sentry": "Sentry's rule, {}", "sentry_untimed": "Sentry's rule without its 50 ms, {}"}
"""A tool that its first pin does not name well enough."""


def requirements_of(tool: str) -> Path | None:
    """The pins of a tool, or None for a tool that runs in the current environment."""
    path = REQUIREMENTS / f"{HOMES.get(tool, tool)}.txt"
    return path if path.exists() else None


def interpreter_of(tool: str) -> Path:
    """Return the Python that runs `tool`; make its environment first if its pins are new."""
    requirements = requirements_of(tool)
    if requirements is None:
        return Path(sys.executable)
    home = VENVS / HOMES.get(tool, tool)
    python = home / "bin" / "python"
    stamp = home / f"ready-{_digest(requirements)}"
    if not stamp.exists():
        print(f"making the environment of {home.name} ...", file=sys.stderr)
        venv.create(home, clear=True, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run = subprocess.run(
            [*install, "--requirement", str(requirements)], capture_output=True, text=True, check=False
        )
        if run.returncode:
            sys.exit(f"the environment of {tool} could not be made:\n{run.stderr[-4000:]}")
        stamp.touch()
    return python


def version_of(tool: str) -> str:
    """The tool's own version: its first pin, or what is installed here.

    >>> version_of("sentry_untimed").startswith("Sentry's rule without its 50 ms, sentry-sdk 2.")
    True
    """
    requirements = requirements_of(tool)
    if requirements is None:
        from importlib.metadata import version

        return f"{tool} {version(tool)}"
    pinned = requirements.read_text().split("\n", 1)[0].replace("==", " ")
    return NAMES.get(tool, "{}").format(pinned)


def _digest(requirements: Path) -> str:
    return hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
