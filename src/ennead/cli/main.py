"""The command ``ennead``."""

from __future__ import annotations

import signal
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMANDS = (
    "run",
    "report",
    "explain",
    "diff",
    "baseline",
    "history",
    "verdict",
    "threshold",
    "fix",
    "verify",
    "tune",
    "train",
    "model",
    "mcp",
    "doctor",
    "demo",
)
_USAGE_ERROR = 2
_INTERRUPTED = 128 + signal.SIGINT
_EXTRAS = {"libcst": "fix", "sqlalchemy": "store", "alembic": "store"}
"""Packages that a command needs beyond a plain installation, with the extra that brings them."""


class Commands(click.Group):
    """Loads a command when it is asked for: ``ennead run`` waits for nothing that it does not need."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """In the order one meets them."""
        return list(_COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, ``None`` where there is none; without its packages it can only tell so."""
        if cmd_name not in _COMMANDS:
            return None
        try:
            command: click.Command = getattr(import_module(f"ennead.cli.{cmd_name}"), cmd_name)
        except ModuleNotFoundError as error:
            extra = _EXTRAS.get((error.name or "").partition(".")[0])
            if extra is None:
                raise
            return _Unavailable(cmd_name, f"needs {error.name}: pip install 'ennead[{extra}]'")
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Tell users' errors in one line, and an interruption in one word."""
        try:
            return super().invoke(ctx)
        except EnneadError as error:
            raise _OneLineError(str(error)) from error
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(_INTERRUPTED)


class _OneLineError(click.ClickException):
    exit_code = _USAGE_ERROR


class _Unavailable(click.Command):
    """Stands in the list of commands, and tells what it takes to run it."""

    def __init__(self, name: str, need: str) -> None:
        super().__init__(name, short_help=need, add_help_option=False)
        self._need = need

    def parse_args(self, _ctx: click.Context, _args: list[str]) -> list[str]:
        """Part of click's protocol."""
        raise _OneLineError(f"{self.name} {self._need}")


def _print_version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 -- click's own
    if value and not ctx.resilient_parsing:
        click.echo(f"ennead {import_module('ennead').__version__}")
        ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Show the version."
)
def ennead() -> None:
    """Find the N+1 queries of a running Python application, explain them, and verify their fixes.

    \b
    ennead run -- python manage.py test
    ennead run -- uvicorn shop:app --reload
    ennead fix -- pytest tests/api
    """  # noqa: D301 -- \b is how click keeps lines as they are


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    ennead.main(args=arguments, prog_name="ennead")
