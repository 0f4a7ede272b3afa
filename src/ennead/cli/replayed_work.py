"""What the command lines of ``ennead fix`` and ``ennead verify`` have in common."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

COMMAND_KEY = "ennead.command"
SECONDS = click.FloatRange(min=0, min_open=True)
_SIGNAL_BASE = 128


class CommandBehindDashes(click.Command):
    """Takes what stands behind ``--`` for the command to be run, and nothing before it."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Part of click's protocol."""
        return [*super().collect_usage_pieces(ctx), "[-- COMMAND...]"]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Part of click's protocol."""
        if "--" in args:
            place = args.index("--")
            ctx.meta[COMMAND_KEY] = tuple(args[place + 1 :])
            return super().parse_args(ctx, args[:place])
        typed = tuple(args)
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            if type(error) not in (click.UsageError, click.NoSuchOption) or not any(map(_is_of_a_command, typed)):
                raise
            told = error.message.rstrip(".")
            message = f"{told}; put -- before the command: ennead {ctx.info_name} -- python manage.py test"
            raise click.UsageError(message, ctx) from error

    def invoke(self, ctx: click.Context) -> Any:
        """Part of click's protocol: however it is ended, what was made for the replays is removed."""
        with _ended_by_signals():
            return super().invoke(ctx)


def _is_of_a_command(word: str) -> bool:
    return not word.startswith(("-", "f1:"))


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let signals that would end this process at once raise, so that all that was begun is ended in order."""

    def leave(number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(_SIGNAL_BASE + number)

    if current_thread() is not main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, leave) for number in numbers if signal.getsignal(number) != signal.SIG_IGN}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def parse_sizes(_ctx: click.Context, _parameter: click.Parameter, value: Any) -> tuple[int, ...] | None:
    """Two numbers with a comma between them."""
    if value is None:
        return None
    try:
        return tuple(int(part) for part in value.split(","))
    except ValueError:
        message = f"two numbers with a comma between them, as in 10,50; got {value!r}"
        raise click.BadParameter(message) from None
