"""``%load_ext ennead`` and then ``%%ennead``: a notebook's cell as one unit of work, its findings below its output."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ennead.profiling import profile

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from ennead.domains.nplusone.profile import Analysis
    from ennead.kernel.call_site import CallSite
    from ennead.reporting.places import Places
    from ennead.reporting.report import Report

_FIRST_LINE = "# the magic's own line\n"
"""Stands where the magic stands, so that the lines of the cell keep their numbers."""


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Add the magics; IPython calls it for ``%load_ext ennead``."""
    from ennead.installing import install

    install()
    magics = Magics(shell)
    register: Any = shell.register_magic_function  # its annotations forget what its decorator takes away
    register(magics.run_line, "line", "ennead")
    register(magics.run_cell, "cell", "ennead")


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take them away and unhook the libraries; IPython calls it for ``%unload_ext ennead``."""
    from ennead.installing import uninstall

    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("ennead", None)
    uninstall()


class Magics:
    """Runs lines and cells under a profile, and shows what came out below whatever they show themselves.

    Parameters
    ----------
    shell
        Where they run, with its names.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def run_line(self, line: str) -> None:
        """``%ennead statement``: run one line as a unit of work and show its queries and findings."""
        self._run(line.strip() or "profile", line)

    def run_cell(self, line: str, cell: str) -> None:
        """``%%ennead [name]``: run the cell as a unit of work and show its queries and findings."""
        inner_magic = cell.lstrip().startswith("%%")
        self._run(line.strip() or "cell", cell if inner_magic else _FIRST_LINE + cell)

    def _run(self, name: str, code: str) -> None:
        from IPython.display import display

        cells = CellNames(self._shell)
        profiled = profile(name)(self._shell.run_cell)
        profiled(code)  # shows its result or its error as ever
        display(Outcome(profiled.ennead, cells))  # type: ignore[attr-defined, no-untyped-call]


class CellNames:
    """What a reader calls the cells that IPython names like files. Made before the cell is run.

    Parameters
    ----------
    shell
        Knows them.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        # What a magic runs has a number that no reader sees: some versions of IPython count the magic's cell already.
        self._running = f"In[{shell.execution_count}]"

    def of(self, filename: str) -> str | None:
        """``cell`` for the one that is run, ``In[3]`` for one before it, and ``None`` for a real file."""
        label = self._shell.compile.format_code_name(filename)
        if label is None:
            return None
        return "cell" if label[1] == self._running else label[1]


class Outcome:
    """A profile as notebooks and terminals show it.

    Parameters
    ----------
    session
        The profile; it has ended.
    cells
        Names its cells.
    """

    def __init__(self, session: Analysis, cells: CellNames) -> None:
        self.session = session
        self._cells = cells

    def _repr_html_(self) -> str:
        from ennead.reporting.html_summary import html_summary

        return html_summary(self._report(), self._places())

    def __repr__(self) -> str:
        from ennead.reporting.amounts import count, duration
        from ennead.reporting.plain_text import headline, story_text
        from ennead.reporting.story import stories

        report, places = self._report(), self._places()
        numbers = f"{count(report.query_count, 'query', 'queries')}, {duration(report.database_ms)} in the database"
        told = [story_text(story, places) for story in stories(report.entries)]
        return "\n\n".join([*told, f"{numbers}: {headline(report)}"])

    def _report(self) -> Report:
        from ennead.reporting.report import Report

        session, context = self.session, self.session.context
        return replace(
            Report.of_findings(context.name, (*session.findings, *session.suppressed)),
            query_count=context.query_count + context.dropped_count,
            database_ms=context.database_ms,
            unit_counts={context.kind: 1},
            project_root=context.project_root,
        )

    def _places(self) -> Places:
        from ennead.reporting.places import Places

        cells = self._cells

        class NotebookPlaces(Places):
            def file(self, site: CallSite) -> str:
                return cells.of(site.file) or super().file(site)

        return NotebookPlaces(project_root=self.session.context.project_root, working_folder=str(Path.cwd()))
