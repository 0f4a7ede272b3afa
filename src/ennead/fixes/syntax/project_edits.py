"""Edits of several files that are one change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.fixes.syntax.edits import Edits
from ennead.fixes.syntax.imports import import_for

if TYPE_CHECKING:
    from ennead.fixes.project_sources import ProjectSources
    from ennead.fixes.syntax.source_file import SourceFile


class ProjectEdits:
    """One :class:`~ennead.fixes.syntax.edits.Edits` for each file that a change touches."""

    def __init__(self, sources: ProjectSources) -> None:
        self.sources = sources
        self._edits: dict[str, Edits] = {}

    def of(self, source: SourceFile) -> Edits:
        """The edits of a file."""
        return self._edits.setdefault(source.file, Edits(source))

    def need(self, source: SourceFile, name: str, module: str | None = None) -> bool:
        """Have a name in a file: as it is bound there, or imported.

        Parameters
        ----------
        source
            The file.
        name
            A class or a function.
        module
            Where it is; without it the project is searched.

        Returns
        -------
        bool
            Whether the name can be had.
        """
        found = import_for(self.sources, source, name, module)
        if found is None:
            return False
        if found:
            self.of(source).add_import(found, name)
        return True

    def files(self) -> dict[str, str] | None:
        """The whole new texts; ``None`` if one of the edits does not work out."""
        texts = {file: edits.text() for file, edits in self._edits.items()}
        whole = {file: text for file, text in texts.items() if text is not None}
        return whole if len(whole) == len(texts) else None
