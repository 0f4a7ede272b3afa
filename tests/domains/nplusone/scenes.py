"""Scenes: contexts and what is to be found in them, read from tests/fixtures/nplusone/contexts; its README says how."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.kernel.call_site import CallSite, Language
from ennead.kernel.records import OrmEvidence
from tests.domains.nplusone.traces import Trace, located, site

FOLDER = Path(__file__).parents[2] / "fixtures" / "nplusone" / "contexts"
_LANGUAGES: Mapping[str, Language] = {".html": "jinja2", ".py": "python"}


@dataclass(frozen=True)
class Scene:
    """One fixture."""

    name: str
    data: Mapping[str, Any]

    @property
    def twin(self) -> str | None:
        """Name of the scene that differs in the one respect that matters."""
        return self.data.get("twin")

    @property
    def findings(self) -> list[str]:
        """Code and kind of each finding."""
        return sorted(self.data["findings"])

    @property
    def look_alikes(self) -> list[str]:
        """Names of the vetoes."""
        return sorted(self.data["look_alikes"])

    @property
    def expected_file(self) -> Path:
        """Whole findings, as they were accepted."""
        return FOLDER / "findings" / f"{self.name}.json"

    def context(self, root: Path) -> QueryExecutionContext:
        """The context; its source files are written below ``root``."""
        files: Mapping[str, list[str]] = self.data["files"]
        for name, lines in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(lines) + "\n", "utf-8")
        trace = Trace(self.name)
        _run(trace, self.data["queries"], files, {}, {})
        return trace.context(project_root=str(root))


def read_scenes() -> list[Scene]:
    """All scenes by name."""
    return [Scene(path.stem, json.loads(path.read_text("utf-8"))) for path in sorted(FOLDER.glob("*.json"))]


def _run(
    trace: Trace,
    entries: Iterable[Mapping[str, Any]],
    files: Mapping[str, list[str]],
    numbers: Mapping[str, int],
    positions: dict[str, int],
) -> None:
    """Run queries and repeats; ``positions`` remembers the last query of each name."""
    for entry in entries:
        if "repeat" in entry:
            for number in range(1, entry["repeat"] + 1):
                _run(trace, entry["queries"], files, {**numbers, entry["as"]: number}, positions)
            continue
        fields = dict(entry)
        name, sql = fields.pop("name", ""), fields.pop("sql")
        values = [value.format_map(numbers) if isinstance(value, str) else value for value in fields.pop("values", ())]
        fields["at"] = tuple(_site(place, files) for place in _list(fields["at"]))
        fields["orm"] = _orm(fields.pop("orm", None), files)
        fields["supplied_by"] = tuple(_supply(source, positions) for source in fields.pop("from", ()))
        positions[name] = trace.run(sql, *values, **fields)


def _list(places: str | list[str]) -> list[str]:
    return [places] if isinstance(places, str) else places


def _site(place: str, files: Mapping[str, list[str]]) -> CallSite:
    bare = site(place)
    bare = replace(bare, language=_LANGUAGES[Path(bare.file).suffix])
    lines = files.get(bare.file, [])
    if bare.line > len(lines):
        return bare
    text = lines[bare.line - 1]
    return located(bare, text) if bare.language == "python" else replace(bare, source=text.strip())


def _orm(fields: Mapping[str, Any] | None, files: Mapping[str, list[str]]) -> OrmEvidence | None:
    if not fields:
        return None
    built_at = _site(fields["built_at"], files) if "built_at" in fields else None
    return OrmEvidence(**{**fields, "models": tuple(fields.get("models", ())), "built_at": built_at})


def _supply(source: str, positions: Mapping[str, int]) -> tuple[int, int, int]:
    """``orders.1``: the first parameter is in column 1 of the last query called orders."""
    name, _, column = source.partition(".")
    return (positions[name], int(column), 0)
