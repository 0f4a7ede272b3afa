"""One run of one scenario on one state of the code, at one size: a forked child that boots the suite itself.

The parent has imported the libraries and nothing of the suite, so a child costs the suite's own modules only.
"""

import contextlib
import importlib
import json
import os
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TIMEOUT_SECONDS = 60

LIBRARIES = {
    "django": (
        "django.contrib.admin.options", "django.contrib.sitemaps.views", "django.core.management.commands.migrate",
        "django.db.backends.sqlite3.base", "django.db.models", "django.forms", "django.template.loader", "django.test",
        "django.views.generic", "rest_framework",
    ),
    "sqlalchemy": (
        "sqlalchemy.ext.asyncio", "sqlalchemy.orm", "sqlalchemy.dialects.sqlite", "aiosqlite", "fastapi.testclient",
        "flask", "httpx", "jinja2", "pydantic", "strawberry.dataloader",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """What to run, and on what."""

    suite: str
    scenario: str
    root: Path
    """The scratch copy whose ``bench.detection`` is imported."""
    filled: Path
    """The databases, see `bench.fixes.rows`."""
    profiled: bool = False
    """Run once more under Ennead, for its findings."""


Shown = dict[str, Any]
"""``queries``, ``value``, ``tables``, ``findings``; or ``error`` alone."""


def preload(suite: str) -> None:
    """Import what no candidate changes; libraries that want a booted suite come later, in the child."""
    for name in LIBRARIES["django" if suite.endswith("django") else "sqlalchemy"]:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    importlib.import_module("ennead.profiling")


def show(trial: Trial) -> Shown:
    """Run a trial in a child and return what it showed."""
    shown: Shown = in_child(lambda: _run(trial), trial.root)
    return shown


def in_child(work: Callable[[], Any], root: Path) -> Any:
    """Call `work` in a forked child that takes ``bench.detection`` from `root`; JSON comes back."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _answer(work, root, writing)
    os.close(writing)
    text = _read(reading, child)
    _, status = os.waitpid(child, 0)
    if not text:
        return {"error": f"the run ended without an answer (status {status}, at most {TIMEOUT_SECONDS} s)"}
    return json.loads(text)


def _answer(work: Callable[[], Any], root: Path, writing: int) -> None:
    """Never returns: whatever happens, the child ends here."""
    try:
        os.setsid()
        devnull = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(devnull, standard)
        with os.fdopen(writing, "w") as pipe:
            try:
                _enter(root)
                answer = work()
            except BaseException as error:  # noqa: BLE001 - a candidate may break anything: the parent is told
                last = traceback.extract_tb(error.__traceback__)[-1]
                place = f"{Path(last.filename).name}:{last.lineno}"
                answer = {"error": f"{type(error).__name__}: {error} ({place})"[:600]}
            json.dump(answer, pipe, default=str)
    finally:
        os._exit(0)


def _enter(root: Path) -> None:
    import bench

    for name in [each for each in sys.modules if each.startswith("bench.detection")]:
        del sys.modules[name]
    bench.__path__ = [str(root / "bench")]
    sys.path.insert(0, str(root))
    sys.dont_write_bytecode = True
    os.chdir(root)
    os.environ["ENNEAD_PROJECT_ROOT"] = str(root)


def _read(reading: int, child: int) -> str:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    parts: list[bytes] = []
    try:
        while True:
            ready, _, _ = select.select([reading], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                os.kill(child, signal.SIGKILL)
                return ""
            if not (part := os.read(reading, 1 << 20)):
                return b"".join(parts).decode()
            parts.append(part)
    finally:
        os.close(reading)


def _run(trial: Trial) -> Shown:
    from bench.detection.scenario import load
    from bench.fixes.comparable import comparable, tables
    from bench.fixes.rows import open_copies

    with scratch_folder() as directory:
        suite = open_copies(trial.suite, trial.filled, directory)
        scenario = load(f"bench.detection.{trial.suite}_suite")[trial.scenario]
        assert Path(scenario.function.__code__.co_filename).is_relative_to(trial.root), "not the copy's code"
        scenario.run()  # fills what is filled once a process: content types, compiled templates, mapper set-up
        suite.restore()
        with suite.record() as statements:
            value = scenario.run()
        shown = {"queries": len(statements), "value": comparable(value), "tables": tables(directory)}
        if trial.profiled:
            suite.restore()
            shown["findings"] = _findings(scenario.run)
    return shown


def _findings(run: Callable[[], object]) -> list[dict[str, Any]]:
    import ennead

    with ennead.profile("scenario") as session:
        run()
    return [finding.to_dict() for finding in session.findings]


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder that goes away with the block, also while threads of the block still write into it."""
    directory = Path(tempfile.mkdtemp(prefix="ennead-fixes-"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
