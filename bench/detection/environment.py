"""One virtual environment a tool, made from its pinned requirements and kept in `.bench/venvs`."""

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

from bench.detection.scenario import ROOT

REQUIREMENTS = Path(__file__).with_name("requirements")
VENVS = ROOT / ".bench" / "venvs"


def requirements_of(tool: str) -> Path | None:
    """The pins of a tool, or None for a tool that runs in the current environment."""
    path = REQUIREMENTS / f"{tool}.txt"
    return path if path.exists() else None


def interpreter_of(tool: str) -> Path:
    """Return the Python that runs `tool`; make its environment first if its pins are new."""
    requirements = requirements_of(tool)
    if requirements is None:
        return Path(sys.executable)
    python = VENVS / tool / "bin" / "python"
    stamp = VENVS / tool / f"ready-{_digest(requirements)}"
    if not stamp.exists():
        print(f"making the environment of {tool} ...", file=sys.stderr)
        venv.create(VENVS / tool, clear=True, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run = subprocess.run(
            [*install, "--requirement", str(requirements)], capture_output=True, text=True, check=False
        )
        if run.returncode:
            sys.exit(f"the environment of {tool} could not be made:\n{run.stderr[-4000:]}")
        stamp.touch()
    return python


def version_of(tool: str) -> str:
    """The tool's own version: its first pin, or what is installed here."""
    requirements = requirements_of(tool)
    if requirements is None:
        from importlib.metadata import version

        return f"{tool} {version(tool)}"
    return requirements.read_text().split("\n", 1)[0].replace("==", " ")


def _digest(requirements: Path) -> str:
    return hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
