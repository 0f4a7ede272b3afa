"""``ennead demo``: a small web shop with the N+1s of real life, run, explained, and one of its pages repaired."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import click

from ennead.agent.places import PROJECT
from ennead.cli import output
from ennead.cli.run import RunOptions, run_command
from ennead.kernel.errors import EnneadError

_APPLICATION = "shop_django"
_NEEDED = {"django": "Django", "rest_framework": "Django REST framework", "libcst": "LibCST"}
_REPAIRED_PAGE = ("-m", "ennead.replay.requests", "--user", "staff", "GET", "/orders/")
_LEFT_OUT = ("__pycache__", ".*_cache", "*.sqlite3*", "exports")
_PACKAGE = Path(__file__).parent.parent


@click.command(short_help="See it all on a small web shop.")
@click.option(
    "--output", "folder", type=click.Path(path_type=Path), help="Copy the shop there; the folder must be new."
)
@click.option(
    "--rows", type=click.IntRange(min=3), default=24, show_default=True, help="Products, customers and orders."
)
@click.option("-v", "--verbose", is_flag=True, help="Tell everything: call paths, evidence, all advice, all routes.")
@click.pass_context
def demo(ctx: click.Context, folder: Path | None, rows: int, *, verbose: bool) -> None:
    """Find and explain the N+1 queries of a small web shop, and repair one of its pages.

    The shop is a Django project: pages, an API, the admin and management commands. It is copied to a folder of its
    own, filled with made-up rows, and every page and command is visited once under "ennead run". Then "ennead fix"
    writes the fixes of one page, replays it with them at two data sizes, and shows what is verified as a diff.
    """
    _check_requirements()
    shop = _copy(folder)
    os.chdir(shop)
    PROJECT.path = str(shop)
    click.echo(f"The shop is in {shop}; files below are relative to it.", err=True)
    _manage("migrate", "--verbosity", "0")
    _manage("seed", "--rows", str(rows))
    click.echo("$ ennead run -- python manage.py exercise", err=True)
    command = (sys.executable, "manage.py", "exercise", "--verbosity", "0")
    report = shop / "report.html"
    exit_code = run_command(RunOptions(command=command, verbose=verbose, live=False, html=report))
    if not exit_code:
        _repair_page(report)
    click.echo(f"Open {report} in a browser.", err=True)
    ctx.exit(exit_code)


def _repair_page(report: Path) -> None:
    """Look for verified fixes of one page, and tell them in the report of the run, too."""
    from ennead.cli.fix import FixOptions, fix_findings
    from ennead.runs.recorded import find_run, read_report

    click.echo(f"\n$ ennead fix --all -- python {' '.join(_REPAIRED_PAGE)}", err=True)
    run = find_run(None, None)
    fix_findings(FixOptions(target=run.id, everything=True), (sys.executable, *_REPAIRED_PAGE))
    output.write_html(read_report(run), report)


def _check_requirements() -> None:
    missing = [name for module, name in _NEEDED.items() if find_spec(module) is None]
    if missing:
        message = f"the demo is a Django project and needs {' and '.join(missing)}: pip install 'ennead[demo]'"
        raise EnneadError(message)


def application() -> Path:
    """The shop as it is shipped in the wheel, or as it stands in the repository.

    Raises
    ------
    EnneadError
        It is in neither place.
    """
    for folder in (_PACKAGE / "demo_apps" / _APPLICATION, _PACKAGE.parent.parent / "tests" / "apps" / _APPLICATION):
        if (folder / "manage.py").is_file():
            return folder
    message = "the demo application is missing from this installation: pip install --force-reinstall 'ennead[demo]'"
    raise EnneadError(message)


def _copy(folder: Path | None) -> Path:
    if folder is None:
        folder = Path(tempfile.mkdtemp(prefix="ennead-demo-")) / "shop"
    try:
        shutil.copytree(application(), folder, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    except FileExistsError:
        message = f"{folder} exists: name a new folder with --output"
        raise EnneadError(message) from None
    except (OSError, shutil.Error) as error:
        message = f"cannot copy the shop to {folder}: {error}"
        raise EnneadError(message) from error
    return folder.resolve()


def _manage(*arguments: str) -> None:
    click.echo(f"$ python manage.py {' '.join(arguments)}", err=True)
    completed = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for us, who end it: its own traceback would help nobody
        check=False,
    )
    if completed.returncode:
        message = f"'manage.py {arguments[0]}' failed with exit code {completed.returncode}"
        raise EnneadError(message)
