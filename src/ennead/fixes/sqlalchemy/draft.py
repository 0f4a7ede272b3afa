"""A candidate in the making: edits of several files that end as one :class:`~ennead.fixes.candidate.Candidate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.fixes.candidate import Candidate
from ennead.fixes.sqlalchemy.file_names import FileNames
from ennead.fixes.syntax.edits import Edits
from ennead.fixes.syntax.source_file import SourceFile

if TYPE_CHECKING:
    from ennead.fixes.project_sources import ProjectSources


class Draft:
    """Edits by file.

    Parameters
    ----------
    sources
        The project.
    title, strategy
        Of the candidate.
    """

    def __init__(self, sources: ProjectSources, title: str, strategy: str) -> None:
        self.sources = sources
        self.title = title
        self.strategy = strategy
        self._names: dict[str, FileNames] = {}

    def edits(self, source: SourceFile) -> Edits:
        """The edits of a file."""
        return self.names(source).edits

    def names(self, source: SourceFile) -> FileNames:
        """What a file calls the things that its edits need."""
        if source.file not in self._names:
            self._names[source.file] = FileNames(Edits(source), self.sources)
        return self._names[source.file]

    def candidate(self) -> Candidate | None:
        """The result; ``None`` if nothing changes or the edits do not fit together."""
        files: dict[str, str] = {}
        for file, names in self._names.items():
            text = names.edits.text()
            if text is None:
                return None
            if text != names.source.text:
                files[file] = text
        return Candidate(title=self.title, strategy=self.strategy, files=files) if files else None
