"""What was found out about fixes of a run's findings: beside its records, so that reports can tell it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from ennead.kernel.errors import EnneadError
from ennead.kernel.finding import Recommendation
from ennead.kernel.json_schema import SCHEMA_VERSION, check_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ennead.kernel.finding import Finding
    from ennead.runs.folder import RunFolder

_FILE = "fixes.json"


def read_fixes(run: RunFolder) -> dict[str, Recommendation]:
    """The best that is known of each finding, by its id; empty if nobody looked for fixes yet.

    Raises
    ------
    EnneadError
        The file is broken or of a newer schema.
    """
    path = run.path / _FILE
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        check_schema(data, "fixes")
        return {name: Recommendation.from_dict(item) for name, item in data["fixes"].items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{path} cannot be read ({type(error).__name__}: {error}): remove it, and look for fixes again"
        raise EnneadError(message) from error


def keep_fixes(run: RunFolder, fixes: Mapping[str, Recommendation]) -> None:
    """Add what is known of findings; what was verified before stays unless something else is verified now.

    Raises
    ------
    EnneadError
        It cannot be written.
    """
    known = read_fixes(run)
    for name, fix in fixes.items():
        if fix.status == "verified" or name not in known or known[name].status != "verified":
            known[name] = fix
    data = {"schema": SCHEMA_VERSION, "fixes": {name: fix.to_dict() for name, fix in known.items()}}
    temporary = run.path / f".{_FILE}"
    try:
        temporary.write_text(json.dumps(data, indent=1), encoding="utf-8")
        temporary.replace(run.path / _FILE)
    except OSError as error:
        message = f"cannot write {run.path / _FILE}: {error.strerror or error}"
        raise EnneadError(message) from error


def with_fix(finding: Finding, fixes: Mapping[str, Recommendation]) -> Finding:
    """The finding with what is known of its fix: before the advice if it was verified, else behind it."""
    fix = fixes.get(finding.id)
    if fix is None:
        return finding
    advice = finding.recommendations
    return replace(finding, recommendations=(fix, *advice) if fix.status == "verified" else (*advice, fix))
