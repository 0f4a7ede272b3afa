"""The baseline as a file that is committed: JSON with sorted entries, so that two branches merge line by line."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from ennead.kernel.errors import EnneadError
from ennead.kernel.json_schema import SCHEMA_VERSION, check_schema
from ennead.store.baseline import Baseline, KnownFinding

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = ".ennead-baseline.json"
_ABOUT = "Findings that are known; 'ennead run' fails on others only. Written by 'ennead baseline', see its --help."


def read_baseline(path: Path) -> Baseline | None:
    """Read a baseline; ``None`` if there is no such file.

    Raises
    ------
    EnneadError
        It is broken or of a newer schema.
    """
    try:
        return baseline_of(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except EnneadError as error:
        message = f"{path}: {error}"
        raise EnneadError(message) from error
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}"
        raise EnneadError(message) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else " ".join(str(error).split())
        message = (
            f"{path} is no baseline ({what}): take it back from version control, or write it anew with "
            "'ennead baseline create --replace'"
        )
        raise EnneadError(message) from error


def write_baseline(path: Path, baseline: Baseline) -> None:
    """Write a baseline; a reader sees the old or the new one, never half of it.

    Raises
    ------
    EnneadError
        It cannot be written.
    """
    temporary = path.with_name(f"{path.name}.new")
    try:
        temporary.write_text(text_of(baseline), encoding="ascii")
        temporary.replace(path)
    except OSError as error:
        message = f"cannot write {path}: {error.strerror or error}"
        raise EnneadError(message) from error


def text_of(baseline: Baseline) -> str:
    """The file's text: one entry after the other, by file, relation and id."""
    entries = sorted(baseline.entries, key=lambda entry: (entry.place or "", entry.about, entry.id))
    document = {"about": _ABOUT, "schema": SCHEMA_VERSION, "findings": [_to_dict(entry) for entry in entries]}
    return json.dumps(document, indent=2) + "\n"


def baseline_of(text: str) -> Baseline:
    """Read what :func:`text_of` wrote; unknown keys are ignored.

    Raises
    ------
    EnneadError
        It is of a newer schema.
    ValueError, KeyError, TypeError
        It is no baseline.
    """
    data = json.loads(text)
    if not isinstance(data, dict):
        raise TypeError("it is no JSON object")
    check_schema(data, "baseline")
    if not isinstance(data["findings"], list):
        raise TypeError("its findings are no list")
    return Baseline(tuple({entry.id: entry for entry in map(_from_dict, data["findings"])}.values()))


def _to_dict(entry: KnownFinding) -> dict[str, Any]:
    return {
        "id": entry.id,
        "weak_id": entry.weak_id,
        "code": entry.code,
        "about": entry.about,
        "place": entry.place,
        "count": entry.count,
        "first_seen": entry.first_seen.isoformat(),
        "seen_in": list(entry.seen_in),
    }


def _from_dict(data: dict[str, Any]) -> KnownFinding:
    count = data["count"]
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        message = f"count must be a number of queries, got {count!r}"
        raise ValueError(message)
    return KnownFinding(
        id=_text(data, "id"),
        weak_id=_optional_text(data, "weak_id"),
        code=_text(data, "code"),
        about=_text(data, "about"),
        place=_optional_text(data, "place"),
        count=count,
        first_seen=date.fromisoformat(_text(data, "first_seen")),
        seen_in=_texts(data, "seen_in"),
    )


def _text(data: dict[str, Any], name: str) -> str:
    value = data[name]
    if not isinstance(value, str):
        message = f"{name} must be a text, got {value!r}"
        raise TypeError(message)
    return value


def _optional_text(data: dict[str, Any], name: str) -> str | None:
    return None if data.get(name) is None else _text(data, name)


def _texts(data: dict[str, Any], name: str) -> tuple[str, ...]:
    values = data.get(name, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        message = f"{name} must be a list of texts, got {values!r}"
        raise TypeError(message)
    return tuple(values)
