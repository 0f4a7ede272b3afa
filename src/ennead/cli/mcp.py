"""``ennead mcp``: the server for coding agents."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

import click

from ennead.kernel.errors import EnneadError

_NEEDED = ("mcp", "libcst")
_HIGHEST_PORT = 65_535


@click.command()
@click.option(
    "--project",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder of the project; by default the one it is started in.",
)
@click.option(
    "--http",
    "port",
    type=click.IntRange(1, _HIGHEST_PORT),
    metavar="PORT",
    help="Serve http://127.0.0.1:PORT/mcp, not standard input and output. Whoever reaches it runs commands as you.",
)
def mcp(project: Path | None, port: int | None) -> None:
    """Serve the Model Context Protocol to coding agents.

    Tools: run, findings, explain, propose, verify, apply. The server works on one project, and is started by the
    client, which wants it registered like this (give the whole path of 'ennead' in the project's environment):

    \b
    {
      "mcpServers": {
        "ennead": {
          "command": "/path/to/project/.venv/bin/ennead",
          "args": ["mcp", "--project", "/path/to/project"]
        }
      }
    }
    """  # noqa: D301 -- \b is how click keeps lines as they are
    _check_requirements()
    if project is not None:
        os.chdir(project)
    _activate_environment()
    _tell_people(port)
    from ennead.mcp_server.server import serve

    serve(port)


def _tell_people(port: int | None) -> None:
    """Say what goes on to whoever has typed this; clients keep standard error in a log."""
    if port is not None:
        click.echo(f"serving coding agents at http://127.0.0.1:{port}/mcp; Ctrl-C ends it", err=True)
    elif sys.stdin.isatty():
        words = (
            "serving a coding agent on standard input and output, which starts this by itself: see ennead mcp --help"
        )
        click.echo(f"{words}; Ctrl-C ends it", err=True)


def _check_requirements() -> None:
    for name in _NEEDED:
        try:
            import_module(name)
        except ImportError as error:
            message = f"the server for coding agents needs the package {name}: pip install 'ennead[mcp,fix]'"
            raise EnneadError(message) from error


def _activate_environment() -> None:
    """Let commands find the programs of our environment first: a client starts us without activating it."""
    if sys.prefix == sys.base_prefix or os.environ.get("VIRTUAL_ENV"):
        return
    programs = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join(filter(None, (programs, os.environ.get("PATH"))))
    os.environ["VIRTUAL_ENV"] = sys.prefix
