"""Contexts of the real applications at several data sizes, kept in `.bench/real_apps/contexts`.

Recording takes the time; what is derived from the recordings can be derived again without booting an application.
"""

import gzip
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.real_apps.__main__ import RUNS, run_worker
from bench.real_apps.environment import Release, make_environment
from bench.real_apps.truth import SIZES
from ennead.domains.nplusone.observation import QueryExecutionContext

FOLDER = RUNS / "contexts"
OTHER_SIZES = (9, 20)
"""Sizes at which nothing is trained: they show whether a model has learnt the sizes."""


@dataclass(frozen=True)
class Recording:
    """One action of one release, run once with a number of rows a table."""

    action: str
    rows: int
    context: QueryExecutionContext


def record(release: Release, folder: Path = FOLDER, sizes: Sequence[int] = SIZES) -> None:
    """Run all actions of a release at each size and keep their contexts; sizes that are kept are not run again.

    Raises
    ------
    RuntimeError
        The environment cannot be made, or the application cannot be booted in it.
    """
    missing = [rows for rows in sizes if not _path(release, rows, folder).exists()]
    problem = make_environment(release) if missing else None
    if problem:
        raise RuntimeError(problem)
    for rows in missing:
        answers = run_worker(release, "contexts", rows)
        if not any(answer["status"] == "ok" for answer in answers.values()):
            message = (
                f"no action of {release.name} ran at {rows} rows: {next(iter(answers.values()), {}).get('status')}"
            )
            raise RuntimeError(message)
        _write(_path(release, rows, folder), answers)


def recordings(release: Release, folder: Path = FOLDER, sizes: Sequence[int] = SIZES) -> Iterator[Recording]:
    """What was recorded of a release at some sizes; actions that failed are left out."""
    for rows in sizes:
        path = _path(release, rows, folder)
        if path.exists():
            yield from _read(path, rows)


def is_recorded(release: Release, folder: Path = FOLDER) -> bool:
    """Whether all sizes of a release are kept."""
    return all(_path(release, rows, folder).exists() for rows in SIZES)


def _path(release: Release, rows: int, folder: Path) -> Path:
    return folder / f"{release.name}-{rows}.jsonl.gz"


def _write(path: Path, answers: Mapping[str, Mapping[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    with gzip.open(unfinished, "wt", encoding="utf-8") as file:
        for answer in answers.values():
            print(json.dumps(answer), file=file)
    unfinished.rename(path)


def _read(path: Path, rows: int) -> Iterator[Recording]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for answer in map(json.loads, file):
            if answer["status"] != "ok":
                print(f"{path.name}: {answer['action']}: {answer['status']}", file=sys.stderr)
                continue
            context = QueryExecutionContext.from_dict(answer["context"])
            yield Recording(answer["action"], rows, replace(context, project_root=answer["project_root"]))
