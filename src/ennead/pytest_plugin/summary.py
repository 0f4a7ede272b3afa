"""The section at the end of a session: the worst story in full, a line for each other one, and the sum."""

from __future__ import annotations

import io
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from ennead.reporting.amounts import count
from ennead.reporting.places import Places
from ennead.reporting.terminal import TerminalReport

if TYPE_CHECKING:
    from ennead.reporting.report import Entry, Report

_WHOLE_STORIES = 1
_WIDTH_WITHOUT_A_TERMINAL = 120


def print_summary(reporter: Any, report: Report, problem: str | None) -> None:
    """Print it through pytest's own writer, which knows of colours."""
    writer = reporter._tw  # noqa: SLF001 -- plugins write through it; there is no public name
    text = _Buffer(getattr(writer._file, "encoding", None) or "utf-8")  # noqa: SLF001 -- as above
    console = Console(
        file=text,
        force_terminal=writer.hasmarkup,
        color_system="standard" if writer.hasmarkup else None,
        width=writer.fullwidth if writer.hasmarkup else _WIDTH_WITHOUT_A_TERMINAL,
        legacy_windows=False,
        highlight=False,
        emoji=False,
        markup=False,
    )
    whole = sys.maxsize if reporter.verbosity > 1 else _WHOLE_STORIES
    shown = TerminalReport(console, Places(project_root=report.project_root, working_folder=str(Path.cwd())))
    report = replace(report, entries=tuple(map(_by_test, report.entries)))
    shown.print_report(report, whole_stories=whole, rest_hint="pytest -vv tells them all", rest_routes=True)
    if report.entries:
        console.print(Text(f"        ennead report {report.run_id}", "dim"), soft_wrap=True)
    if problem:
        console.print(Text.assemble(("error  ", "bold red"), problem), soft_wrap=True)
    reporter.section("ennead")
    for line in text.getvalue().rstrip("\n").splitlines():
        writer.line(line)


class _Buffer(io.StringIO):
    """Text that is going to be written in another encoding: what that does not have must not be used."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding


def _by_test(entry: Entry) -> Entry:
    """The entry with tests in the place of routes; the cases of a parametrised test are one."""
    cases = Counter(name.partition("[")[0] for name in entry.tests)
    names = {name: name if number == 1 else f"{name} ({count(number, 'case')})" for name, number in cases.items()}
    return replace(entry, routes={names[name]: 1 for name in cases} or entry.routes)
