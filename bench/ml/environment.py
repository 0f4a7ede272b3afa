"""Training needs LightGBM, which the development environment lacks: an environment of its own runs the bench."""

import hashlib
import os
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

from bench.detection.scenario import ROOT

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
VENV = ROOT / ".bench" / "venvs" / "ml"


def run_where_lightgbm_is(module: str) -> None:
    """Go on if it can be imported here; else start the module again, with the same arguments, where it can."""
    if find_spec("lightgbm") is None:
        os.execv(str(_interpreter()), [str(_interpreter()), "-m", module, *sys.argv[1:]])  # noqa: S606 -- no shell


def _interpreter() -> Path:
    """The Python of the environment; it is made first if its pins are new."""
    python = VENV / "bin" / "python"
    stamp = VENV / f"ready-{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]}"
    if not stamp.exists():
        print("making the environment for training ...", file=sys.stderr)
        venv.create(VENV, clear=True, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "-r", str(REQUIREMENTS), "-e", str(ROOT)], check=True, cwd=ROOT)
        stamp.touch()
    return python
