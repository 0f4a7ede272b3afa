"""A fix with its eager loads as methods and functions of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ennead.fixes.as_method.query_set_methods import QuerySetMethods
from ennead.fixes.as_method.select_functions import SelectFunctions
from ennead.fixes.as_method.spare_imports import without_spare_imports
from ennead.fixes.as_method.stays import StaysError
from ennead.fixes.syntax.project_edits import ProjectEdits
from ennead.fixes.syntax.source_file import SourceFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ennead.fixes.project_sources import ProjectSources

NO_LOADS = "the fix adds no eager load that a method could stand for"


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodForm:
    """What a fix looks like with methods; not judged yet."""

    files: Mapping[str, str]
    """Whole new texts of all files that differ from the original; empty if nothing became a method."""
    names: tuple[str, ...]
    """The methods and functions, ``OrderQuerySet.with_lines``; those that were there and are used now included."""
    kept: tuple[str, ...]
    """Sentences: which loads stay where they are, and why."""


def method_form(sources: ProjectSources, files: Mapping[str, str]) -> MethodForm:
    """Write the eager loads of a change as methods.

    Parameters
    ----------
    sources
        The project as it was.
    files
        Whole new texts of the files that the change edits.

    Returns
    -------
    MethodForm
        The same change, in other words.
    """
    after = sources.with_changes(files)
    edits = ProjectEdits(after)
    writers = (QuerySetMethods(edits), SelectFunctions(edits))
    names: list[str] = []
    kept: list[str] = []
    for file in sorted(files):
        old, new = SourceFile.of(sources, file), SourceFile.of(after, file)
        if old is None or new is None:
            continue
        for writer in writers:
            for query, outcome in writer.rewrite(old, new):
                if isinstance(outcome, StaysError):
                    kept.append(f"{query.place}: {outcome}")
                else:
                    names.append(outcome)
    if not names:
        return MethodForm(files={}, names=(), kept=tuple(kept) or (NO_LOADS,))
    for writer in writers:
        writer.write()
    texts = edits.files()
    if texts is None:
        return MethodForm(files={}, names=(), kept=(*kept, "the methods cannot be written together"))
    whole = {**files, **texts}
    cleaned = {
        file: without_spare_imports(sources, file, text) if file.endswith(".py") else text
        for file, text in whole.items()
    }
    return MethodForm(
        files={file: text for file, text in cleaned.items() if text != sources.text(file)},
        names=tuple(dict.fromkeys(names)),
        kept=tuple(kept),
    )
