"""Consoles and files that commands write to."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ennead.kernel.errors import EnneadError
from ennead.reporting.places import Places, shows_links

if TYPE_CHECKING:
    from rich.console import Console

    from ennead.reporting.not_reported import NotReported
    from ennead.reporting.report import Report
    from ennead.reporting.terminal import TerminalReport

_PIPE_COLUMNS = 120


def console(*, stderr: bool = False) -> Console:
    """A console on standard output or standard error: colour, width and ``NO_COLOR`` are rich's business."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    if not stderr and hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")  # a pipe may be ASCII, and somebody's source is not
    made = Console(stderr=stderr, highlight=False, emoji=False, markup=False)
    return (
        made
        if made.is_terminal or "COLUMNS" in os.environ
        else Console(stderr=stderr, highlight=False, emoji=False, markup=False, width=_PIPE_COLUMNS)
    )


def shown_path(path: Path) -> str:
    """Relative to where the user stands, if that is shorter to read."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def terminal_report(console: Console, project_root: str, *, verbose: bool = False) -> TerminalReport:
    """A renderer for a console, with links where the terminal has them."""
    from ennead.reporting.terminal import TerminalReport

    links = console.is_terminal and shows_links(os.environ)
    return TerminalReport(console, places(project_root), verbose=verbose, links=links)


def not_reported(console: Console, project_root: str) -> NotReported:
    """A renderer of what is not reported, with links where the terminal has them."""
    from ennead.reporting.not_reported import NotReported

    return NotReported(console, places(project_root), links=console.is_terminal and shows_links(os.environ))


def print_next_step(console: Console, report: Report) -> None:
    """What to type after a report: the worst finding that has no verified fix yet."""
    from ennead.reporting.story import stories

    finding = next((story.worst for story in stories(report.entries) if not story.is_repaired), None)
    if finding is not None:
        console.print(f"        next: ennead explain {finding.id}, or ennead fix {finding.id}", soft_wrap=True)


def places(project_root: str) -> Places:
    """Call sites relative to where the user stands."""
    return Places(project_root=project_root, working_folder=str(Path.cwd()))


def write_html(report: Report, file: Path) -> None:
    """Write the HTML report.

    Raises
    ------
    EnneadError
        The file cannot be written.
    """
    from ennead.reporting.html_report import html_report

    write_file(file, html_report(report) + "\n")


def check_file(file: Path | None) -> None:
    """See before long work that a file can be written after it; ``None`` and ``-`` can.

    Raises
    ------
    EnneadError
        It cannot.
    """
    if file is None or str(file) == "-":
        return
    why = "it is a folder" if file.is_dir() else "there is no such folder" if not file.parent.is_dir() else ""
    if not why and not os.access(file if file.exists() else file.parent, os.W_OK):
        why = os.strerror(errno.EACCES)
    if why:
        message = f"cannot write {file}: {why}"
        raise EnneadError(message)


def check_readable(file: Path) -> None:
    """See that a file is there and may be read.

    Raises
    ------
    EnneadError
        It is not.
    """
    why = os.strerror(errno.ENOENT) if not file.exists() else "it is a folder" if file.is_dir() else ""
    if not why and not os.access(file, os.R_OK):
        why = os.strerror(errno.EACCES)
    if why:
        message = f"cannot read {file}: {why}"
        raise EnneadError(message)


def write_file(file: Path, text: str) -> None:
    """Write a file as UTF-8; ``-`` is standard output.

    Raises
    ------
    EnneadError
        The file cannot be written.
    """
    if str(file) == "-":
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"cannot write {file}: {error.strerror or error}"
        raise EnneadError(message) from error


def write_bytes(file: Path, content: bytes) -> None:
    """Write a file that is no text.

    Raises
    ------
    EnneadError
        The file cannot be written.
    """
    try:
        file.write_bytes(content)
    except OSError as error:
        message = f"cannot write {file}: {error.strerror or error}"
        raise EnneadError(message) from error
