"""``--format`` and its companions: reports for other programs, into files or to standard output."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import reduce
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ennead.cli import output
from ennead.reporting.repository_places import RepositoryPlaces, read_map

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ennead.kernel.finding import Severity
    from ennead.reporting.report import Report

    F = TypeVar("F", bound=Callable[..., Any])

FORMATS = ("json", "html", "sarif", "junit", "github", "markdown")
STANDARD_OUTPUT = Path("-")


@dataclass(frozen=True, slots=True)
class AskedFormats:
    """What was asked for with ``--format``, ``--output-file``, ``--root`` and ``--map``.

    Raises
    ------
    click.UsageError
        More than one format has no file of its own.
    """

    formats: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    """The n-th is that of the n-th format."""
    root: Path | None = None
    maps: tuple[tuple[str, str], ...] = ()
    with_suppressed: bool = True

    def __post_init__(self) -> None:
        if len(self.files) > len(self.formats):
            raise click.UsageError("--output-file has no --format of its own: put --format NAME before it")
        if len(self.formats) - len(self.files) > 1:
            raise click.UsageError("each --format but the last one needs an --output-file, in the same order")

    @classmethod
    def taken_from(cls, options: dict[str, Any]) -> AskedFormats:
        """Take our options out of those of a command."""
        return cls(
            formats=options.pop("formats"),
            files=options.pop("output_files"),
            root=options.pop("root"),
            maps=options.pop("maps"),
            with_suppressed=options.pop("with_suppressed"),
        )

    def check(self) -> None:
        """See before long work that the files can be written.

        Raises
        ------
        EnneadError
            One cannot.
        """
        for file in self.files:
            output.check_file(file)

    def write(self, report: Report, *, fail_on: Severity | None = None) -> None:
        """Write each format that was asked for.

        Raises
        ------
        EnneadError
            A file cannot be written.
        """
        for name, file in self._wanted():
            output.write_file(file, self._text(name, report, fail_on) + "\n")

    def _wanted(self) -> Iterator[tuple[str, Path]]:
        yield from zip_longest(self.formats, self.files, fillvalue=STANDARD_OUTPUT)

    def _text(self, name: str, report: Report, fail_on: Severity | None) -> str:
        if name == "json":
            from ennead.reporting.json_report import json_report

            return json_report(report)
        if name == "html":
            from ennead.reporting.html_report import html_report

            return html_report(report)
        return self._for_machines(name, report, fail_on)

    def _for_machines(self, name: str, report: Report, fail_on: Severity | None) -> str:
        places = repository_places(report.project_root, self.root, self.maps)
        if name == "sarif":
            from ennead.reporting.sarif import sarif

            return sarif(report, places, with_suppressed=self.with_suppressed)
        if name == "junit":
            from ennead.reporting.junit import junit

            return junit(report, places, fail_on=fail_on or "low")
        if name == "github":
            from ennead.reporting.github import github

            return github(report, places)
        from ennead.reporting.markdown import markdown

        return markdown(report, places)


def repository_places(project_root: str, root: Path | None, maps: tuple[tuple[str, str], ...]) -> RepositoryPlaces:
    """How files are named, with ``--root`` and ``--map``."""
    named = _fitting(root, project_root) if root else _repository_of(project_root)
    return RepositoryPlaces(project_root=project_root, working_folder=named, maps=maps)


def format_options(command: F) -> F:
    """Give a command the options that :class:`AskedFormats` takes."""
    return _with(_FORMAT_OPTIONS, places_options(command))


def places_options(command: F) -> F:
    """Give a command the options that :func:`repository_places` takes."""
    return _with(_PLACES_OPTIONS, command)


def _with(options: Sequence[Callable[[F], F]], command: F) -> F:
    return reduce(lambda decorated, option: option(decorated), reversed(options), command)


def _read_maps(_ctx: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    maps = []
    for text in texts:
        read = read_map(text)
        if read is None:
            raise click.BadParameter(f"{text!r} is not FROM=TO, as in /app=services/shop")
        maps.append(read)
    return tuple(maps)


def _fitting(root: Path, project_root: str) -> str:
    """The folder by the name that the project's own path begins with, where a link gives it two."""
    names = (os.path.abspath(root), os.path.realpath(root))  # noqa: PTH100 -- absolute() keeps what leads upwards
    return next((name for name in names if Path(project_root).is_relative_to(name)), names[0])


def _repository_of(project_root: str) -> str:
    """The folder of the repository that a project is in; the project's own where there is none."""
    folder = Path(project_root or Path.cwd()).absolute()
    return str(next((above for above in (folder, *folder.parents) if (above / ".git").exists()), folder))


_FORMAT_OPTIONS = (
    click.option(
        "--format",
        "formats",
        type=click.Choice(FORMATS),
        multiple=True,
        help="Write the report in this form, too; may be given several times.",
    ),
    click.option(
        "-o",
        "--output-file",
        "output_files",
        type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
        multiple=True,
        metavar="FILE",
        help="Where the --format before it goes; standard output by default.",
    ),
    click.option(
        "--suppressed/--no-suppressed",
        "with_suppressed",
        default=True,
        help="Also tell in SARIF what is suppressed or known in the baseline, marked as such.",
    ),
)
_PLACES_OPTIONS = (
    click.option(
        "--root",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="Files in SARIF, JUnit, GitHub and Markdown are named relative to it; by default the repository's root.",
    ),
    click.option(
        "--map",
        "maps",
        multiple=True,
        callback=_read_maps,
        metavar="FROM=TO",
        help="Name files that begin with FROM as if they began with TO, as in /app=services/shop.",
    ),
)
