"""The command ``ennead``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMANDS = ("run", "report", "explain", "doctor", "demo")
_USAGE_ERROR = 2


class Commands(click.Group):
    """Loads a command when it is asked for: ``ennead run`` waits for nothing that it does not need."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """In the order one meets them."""
        return list(_COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, ``None`` where there is none."""
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"ennead.cli.{cmd_name}"), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Tell users' errors in one line."""
        try:
            return super().invoke(ctx)
        except EnneadError as error:
            raise _OneLineError(str(error)) from error


class _OneLineError(click.ClickException):
    exit_code = _USAGE_ERROR


def _print_version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 -- click's own
    if value and not ctx.resilient_parsing:
        click.echo(f"ennead {import_module('ennead').__version__}")
        ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Show the version."
)
def ennead() -> None:
    """Find the N+1 queries of a running Python application and explain them.

    \b
    ennead run -- python manage.py test
    ennead run -- pytest
    ennead run -- uvicorn shop:app --reload
    """  # noqa: D301 -- \b is how click keeps lines as they are


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    ennead.main(args=arguments, prog_name="ennead")
