"""Programs run as the processes of a replay."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

from ennead.replay.databases.copies import DatabaseCopies
from ennead.replay.databases.store import CopyStore


@dataclass
class ReplayFolder:
    """A project, the store of a comparison, and its replays."""

    folder: Path
    store: CopyStore = field(init=False)
    replays: int = 0

    def __post_init__(self) -> None:
        self.project.mkdir(parents=True)
        self.store = CopyStore.create(self.folder / "store")

    @property
    def project(self) -> Path:
        return self.folder / "project"

    def replay(self, program: str, *, store: CopyStore | None = None) -> tuple[DatabaseCopies, str]:
        """Run a program in a new copy of the project; the copies and what it printed."""
        self.replays += 1
        folder = self.folder / f"replay{self.replays}"
        scratch = folder / "project"
        scratch.parent.mkdir()
        copy_tree(self.project, scratch)
        copies = DatabaseCopies.prepare(folder, store=store or self.store, root=self.project, scratch=scratch)
        start = f"from ennead.replay.databases import redirect; redirect.start({str(folder)!r})\n"
        completed = subprocess.run(
            [sys.executable, "-W", "error", "-c", start + dedent(program)],
            cwd=scratch,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert completed.returncode == 0, completed.stderr
        return copies, completed.stdout


def copy_tree(source: Path, target: Path) -> None:
    """Copy files as they are, the way a scratch copy is made."""
    target.mkdir()
    for path in source.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
