"""Which suppressions a process needed, and in which files it might have needed others. Runs in the backlog's thread."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ennead.agent.call_path import FILE_KINDS
from ennead.agent.places import PROJECT
from ennead.domains.nplusone.suppressions import suppressions_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ennead.domains.nplusone.observation import QueryExecutionContext
    from ennead.kernel.finding import Finding

_MOST_FILES = 5_000


class NeededSuppressions:
    """Remembers the commented lines of findings, and the templates that queried."""

    def __init__(self) -> None:
        self.lines: set[str] = set()
        """``file:line`` of findings with a suppression, whether it still holds or not."""
        self.templates: set[str] = set()

    def note(self, context: QueryExecutionContext, findings: Iterable[Finding]) -> None:
        """Take in one unit of work."""
        for path in {id(query.call_path): query.call_path for query in context.queries}.values():
            self.templates.update(site.file for site in path if site.language != "python")
        for finding in findings:
            sites = (finding.call_site, finding.loop, finding.origin)
            self.lines.update(str(site) for site, _ in suppressions_at(sites, context.project_root))

    def loaded_files(self) -> tuple[str, ...]:
        """The project's own files that this process has loaded, relative to the project root."""
        names = [getattr(module, "__file__", None) for module in tuple(sys.modules.values())]
        names.append(_script())
        own = {name for name in names if isinstance(name, str) and FILE_KINDS.is_user_file(name)}
        files = {PROJECT.relative(name) for name in own if name.endswith(".py")} | self.templates
        return tuple(sorted(file for file in files if not file.startswith(("/", "<")))[:_MOST_FILES])


def _script() -> str | None:
    """The script that was started; once it has ended its module has no ``__file__`` any more."""
    with suppress(OSError, IndexError):  # the folder that it was started in is gone
        return str(Path(sys.argv[0]).absolute())
    return None
