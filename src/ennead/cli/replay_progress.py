"""How far the replays are: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console

    from ennead.fixes.candidate import Candidate
    from ennead.kernel.finding import Finding


class ReplayProgress:
    """Tells which finding is looked at, which fix is tried, and what is done for it.

    Parameters
    ----------
    console
        Standard error.
    quiet
        Tell nothing.
    """

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self._console = console
        self._quiet = quiet
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[now]}", style="dim"),
            console=console,
            transient=True,
            disable=quiet or not console.is_terminal,
        )
        self._task = self._bar.add_task("looking at the work", total=None, now="")
        self._count = 0
        self._begun: dict[str, None] = {}

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bar.stop()

    def begin(self, count: int) -> None:
        """So many findings are to be fixed."""
        self._count = count
        self._bar.update(self._task, description="fixing", total=count, completed=0)

    def trying(self, finding: Finding, candidate: Candidate | None) -> None:
        """A candidate for a finding is tried."""
        self._begun.setdefault(finding.id)
        self._bar.update(self._task, completed=len(self._begun) - 1, description=_subject(finding))
        if candidate is not None:
            self._line(f"[{len(self._begun)}/{self._count}] {_subject(finding)}: trying: {candidate.title}")

    def doing(self, what: str) -> None:
        """A replay begins, or a run of the type checker."""
        self._bar.update(self._task, now=what)
        self._line(what)

    def _line(self, text: str) -> None:
        if not self._quiet and not self._console.is_terminal:
            self._console.print(text, soft_wrap=True)


def _subject(finding: Finding) -> str:
    return finding.relation or ", ".join(finding.models) or finding.kind
