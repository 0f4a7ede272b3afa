"""A scratch copy of the labelled scenarios, with changed files laid over it."""

import shutil
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("bench/detection", "bench/fixes")


def copy_project(root: Path) -> None:
    """Copy the scenarios, and the command that runs one of them, below `root`."""
    (root / "bench").mkdir(parents=True)
    shutil.copy(ROOT / "bench" / "__init__.py", root / "bench")
    (root / "pyproject.toml").write_text("[project]\nname = 'scenarios'\nversion = '0'\n", encoding="utf-8")
    for folder in COPIED:
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__", "*.md"))


def lay_over(root: Path, files: Mapping[str, str]) -> None:
    """Write changed files into a copy."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
