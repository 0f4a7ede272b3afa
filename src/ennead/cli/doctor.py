"""``ennead doctor``: what is hooked, what is not and why, and whether the rest is as it should be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from ennead.agent.places import PROJECT
from ennead.agent.settings import AgentSettings, is_disabled
from ennead.cli import output
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.kernel.errors import EnneadError
from ennead.kernel.settings import load_settings, read_pyproject, specs_of
from ennead.runs.command import CommandError, resolve
from ennead.runs.environment import RunEnvironment
from ennead.runs.folder import RunFolder, runs_folder
from ennead.runs.notes import not_observed
from ennead.runs.reading import RunRecords, read_run
from ennead.runs.settings import RunSettings
from ennead.store.settings import StoreSettings, VerdictSettings
from ennead.store.shown_url import shown_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ennead.domains.nplusone.model import Models

Verdict = Literal["ok", "idle", "note", "broken"]
SETTINGS = (AgentSettings, RunSettings, NPlusOneSettings, StoreSettings, VerdictSettings)
_DEPENDENCIES = ("click", "jinja2", "rich", "sqlglot")
_EXTRAS = {
    "libcst": ("fix", "fix, verify and mcp"),
    "mcp": ("mcp,fix", "mcp"),
    "alembic": ("store", "history, verdict and threshold"),
}
"""Packages that some commands need, with the extra that brings them."""
_MARKS: dict[Verdict, tuple[str, str]] = {
    "ok": ("ok", "green"),
    "idle": ("-", "dim"),
    "note": ("note", "yellow"),
    "broken": ("broken", "bold red"),
}
_NOT_HOOKED_BUT_FINE = ("not installed", "not imported", "hooked as soon as")


@dataclass(frozen=True, slots=True)
class Examined:
    """One thing that was looked at."""

    verdict: Verdict
    name: str
    remark: str


@click.command(context_settings={"allow_interspersed_args": False})
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.option("--output", "output_folder", metavar="DIR", help="Examine this folder for records instead of .ennead.")
@click.pass_context
def doctor(ctx: click.Context, command: tuple[str, ...], output_folder: str | None) -> None:
    """Examine the installation: what is hooked, what not and why.

    With COMMAND its own environment is examined: it is run, and tells what got hooked in its processes. Put "--"
    before it. The exit code is 1 if something is broken.

    \b
    ennead doctor
    ennead doctor -- python manage.py check
    """  # noqa: D301 -- \b is how click keeps lines as they are
    sections = {
        "Versions": list(_versions()),
        "Libraries": list(_libraries(command)),
        "Settings": list(_settings()),
        "Learnt models": list(_models()),
        "Records": list(_records(output_folder)),
    }
    _print(sections)
    ctx.exit(int(any(item.verdict == "broken" for items in sections.values() for item in items)))


def _versions() -> Iterator[Examined]:
    yield Examined("ok", "ennead", import_module("ennead").__version__)
    yield Examined("ok", "python", f"{sys.version.split()[0]}  {sys.executable}")
    for name in _DEPENDENCIES:
        try:
            import_module(name)
            yield Examined("ok", name, version(name))
        except (ImportError, PackageNotFoundError) as error:
            yield Examined("broken", name, f"{error}: pip install --force-reinstall ennead")
    for name, (extra, commands) in _EXTRAS.items():
        try:
            yield Examined("ok", name, version(name))
        except PackageNotFoundError:
            yield Examined("idle", name, f"not installed; for {commands}: pip install 'ennead[{extra}]'")


# ---------------------------------------------------------------------------------------------- libraries


def _libraries(command: Sequence[str]) -> Iterator[Examined]:
    if is_disabled():
        yield Examined("note", "everything", "switched off by ENNEAD_DISABLED")
        return
    with tempfile.TemporaryDirectory(prefix="ennead-doctor-") as name:
        folder = RunFolder(Path(name))
        if command:
            yield from _run_command(command, folder)
            problems: Mapping[str, str] = {}
        else:
            problems = _import_all(folder)
        records = read_run(folder)
    yield from _processes(records, own_command=bool(command))
    yield from _hooks(records, problems)


def _run_command(command: Sequence[str], folder: RunFolder) -> Iterator[Examined]:
    try:
        code = subprocess.run(resolve(command), env=_environment(folder), check=False).returncode
    except (CommandError, OSError) as error:
        yield Examined("broken", "command", str(error))
        return
    yield Examined("ok" if code == 0 else "note", "command", f"ended with exit code {code}")


def _import_all(folder: RunFolder) -> Mapping[str, str]:
    completed = subprocess.run(
        [sys.executable, "-m", "ennead.cli.import_libraries"],
        env=_environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    with suppress(ValueError):
        problems: Mapping[str, str] = json.loads(completed.stdout)
        return problems
    return {}


def _environment(folder: RunFolder) -> dict[str, str]:
    environment = RunEnvironment(folder=str(folder.path), project_root=PROJECT.path, records_idle_processes=True)
    return environment.variables(os.environ)


def _processes(records: RunRecords, *, own_command: bool) -> Iterator[Examined]:
    for process in dict.fromkeys(records.started):
        if process.problem:
            yield Examined("broken", f"process {process.pid}", not_observed(process))
        elif own_command:
            yield Examined("ok", f"process {process.pid}", f"{process.executable} (Python {process.python})")
    if not records.started:
        words = "no Python process was seen: none was started, or it ignores PYTHONPATH (python -I, -E)"
        yield Examined("broken", "processes", words)


def _hooks(records: RunRecords, problems: Mapping[str, str]) -> Iterator[Examined]:
    hooked = {name: number for end in records.ends for name, number in end.hooked.items()}
    skipped = {name: why for end in records.ends for name, why in end.skipped.items() if name not in hooked}
    for name, number in hooked.items():
        yield Examined("ok", name, f"{number}, hooked")
    for name, why in skipped.items():
        if name in problems:
            yield Examined("note", name, f"not hooked here, its import raised {problems[name]}")
        else:
            yield Examined("idle" if why.startswith(_NOT_HOOKED_BUT_FINE) else "broken", name, why)


# ---------------------------------------------------------------------------------------------- settings and records


def _settings() -> Iterator[Examined]:
    try:
        pyproject = read_pyproject(PROJECT.path)
    except EnneadError as error:
        yield Examined("broken", "pyproject.toml", str(error))
        pyproject = {}
    known: set[str] = set()
    for settings in SETTINGS:
        known |= {spec.name for spec in specs_of(settings)}
        try:
            yield from _values(settings, pyproject)
        except EnneadError as error:
            yield Examined("broken", settings.__name__, str(error))
    for name in sorted(set(pyproject) - known):
        yield Examined("note", name, "unknown setting in [tool.ennead] of pyproject.toml")


def _values(settings: type, pyproject: Mapping[str, object]) -> Iterator[Examined]:
    loaded: object = load_settings(settings, pyproject=pyproject)
    for spec in specs_of(settings):
        source = "default"
        if spec.env in os.environ:
            source = "environment"
        elif spec.name in pyproject:
            source = "pyproject.toml"
        value = getattr(loaded, spec.name)
        shown = ", ".join(map(str, value)) if isinstance(value, tuple) else f"{value}"
        if shown and spec.name == "store_url":
            shown = shown_url(shown)
        unit = f" {spec.unit}" if spec.unit not in ("", "count") else ""
        verdict: Verdict = "idle" if source == "default" else "ok"
        yield Examined(verdict, spec.env, f"{(shown or '(empty)') + unit:<16}  {source}")


def _models() -> Iterator[Examined]:
    """Which model answers at which level of evidence, and which one is only measured."""
    from ennead.domains.nplusone.levels import LEVELS
    from ennead.domains.nplusone.model import Models, decides

    try:
        settings = load_settings(NPlusOneSettings, pyproject=read_pyproject(PROJECT.path))
    except EnneadError:  # told among the settings
        return
    if not settings.ml_enabled:
        yield Examined("note", "everything", "switched off by NPLUSONE_ML_ENABLED: the rules decide")
        return
    models = Models(settings.models)
    for level in LEVELS:
        model = models.at(level)
        if model is not None:
            role = "decides" if decides(model) else "stands beside the rules"
            yield Examined("ok", level, f"{model.name} {role}")
        elif level not in models.problems:
            yield Examined("idle", level, "no model: the rules decide")
    yield from (Examined("broken", level, problem) for level, problem in models.problems.items())
    if settings.shadow_model:
        yield from _shadow(Models(settings.shadow_model))


def _shadow(models: Models) -> Iterator[Examined]:
    from ennead.domains.nplusone.levels import LEVELS

    found = {level: model.name for level in LEVELS if (model := models.at(level)) is not None}
    for level, name in found.items():
        yield Examined(
            "ok", "shadow model", f"{name} is measured at level {level}; the report of a run tells how it did"
        )
    for problem in dict.fromkeys(models.problems.values()):
        yield Examined("broken", "shadow model", problem)
    if not found and not models.problems:
        yield Examined("broken", "shadow model", "there is no model file for any level at ENNEAD_SHADOW_MODEL")


def _records(output_folder: str | None) -> Iterator[Examined]:
    yield Examined("ok", "project root", PROJECT.path)
    try:
        settings = load_settings(RunSettings, pyproject=read_pyproject(PROJECT.path))
    except EnneadError:  # told among the settings
        settings = RunSettings()
    runs = runs_folder(output_folder or settings.output, PROJECT.path)
    probe = _nearest_existing(runs.path)
    if os.access(probe, os.W_OK | os.X_OK):
        yield Examined("ok", "run folder", f"{runs.path}, {len(runs.runs())} runs")
    else:
        yield Examined("broken", "run folder", f"{probe} is not writable: name another with --output or ENNEAD_OUTPUT")


def _nearest_existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())


# ---------------------------------------------------------------------------------------------- printing


def _print(sections: Mapping[str, Iterable[Examined]]) -> None:
    from rich.text import Text

    console = output.console()
    width = max(len(item.name) for items in sections.values() for item in items)
    for title, items in sections.items():
        console.print(Text(title, "bold"))
        for item in items:
            mark, style = _MARKS[item.verdict]
            row = Text.assemble("  ", (mark.ljust(6), style), "  ", item.name.ljust(width), "  ")
            row.append(item.remark, "dim" if item.verdict == "idle" else "")
            console.print(row, soft_wrap=True)
        console.print()
