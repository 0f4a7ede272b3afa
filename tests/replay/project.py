"""A small project in a temporary folder, replayed in real processes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any

from ennead.fixes.trace import ReplayTrace
from ennead.replay.databases.store import CopyStore
from ennead.replay.replay import Replay, Work

DJANGO_SETTINGS = """
from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent
SECRET_KEY = "x"
ROOT_URLCONF = "urls"
INSTALLED_APPS = ["shop"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}
USE_TZ = True
"""
DJANGO_MANAGE = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""


class ReplayedProject:
    """A project, and the store of its replays."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.root = self.folder / "shop"
        self.root.mkdir(parents=True)
        self.store = CopyStore.create(self.folder / "store")
        self.replays = 0

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        return path

    def write_django(self, *, settings: str = "", urls: str = "urlpatterns = []", models: str = "") -> None:
        """A Django project with one application, ``shop``."""
        self.write("settings.py", DJANGO_SETTINGS + dedent(settings))
        self.write("manage.py", DJANGO_MANAGE)
        self.write("urls.py", urls)
        self.write("shop/__init__.py", "")
        self.write("shop/models.py", models)

    def work(self, *command: str, environment: Mapping[str, str] | None = None, **options: Any) -> Work:
        """A command; ``.py`` files are run by this Python."""
        words = command if command[0].startswith("/") else (sys.executable, *command)
        return Work(root=self.root, command=words, environment=clean_environment(environment), **options)

    def replay(
        self,
        *command: str,
        files: Mapping[str, str] | None = None,
        watched: Mapping[str, Sequence[int]] | None = None,
        size: int | None = None,
        **options: Any,
    ) -> ReplayTrace:
        """Replay a command in a new folder; what it printed is part of the trace."""
        self.replays += 1
        replay = Replay(self.work(*command, **options), self.folder / f"replay-{self.replays}", self.store)
        try:
            return replay.run(files or {}, size=size, watched=watched)
        finally:
            replay.remove()

    def run(self, program: str, **options: Any) -> ReplayTrace:
        """Replay a program that must come to its end."""
        self.write("program.py", program)
        trace = self.replay("program.py", **options)
        assert trace.exit_code == 0, trace.stderr_tail
        return trace

    def told(self, program: str, **options: Any) -> tuple[Any, ReplayTrace]:
        """What a program printed as JSON, and the trace."""
        trace = self.run(program, **options)
        return json.loads(trace.stdout), trace


def clean_environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours, without what decides how Ennead behaves."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ENNEAD_", "NPLUSONE_"))}
    kept.pop("PYTHONPATH", None)
    return {**kept, **(more or {})}


def with_timeout(work: Work, seconds: float) -> Work:
    """The same work with less time."""
    return replace(work, timeout_seconds=seconds)
