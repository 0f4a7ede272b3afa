"""The variants of each library: nothing, a hook that does nothing at the same place, and Ennead in its states."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import ennead
from bench.overhead.case import (
    BARE,
    BARE_AGAIN,
    EMPTY_HOOK,
    IN_UNIT,
    OUTSIDE,
    PROVENANCE,
    SAMPLED_OUT,
    Variant,
)
from ennead.agent.units import Recording

EMPTY_ORM_HOOK = "empty hook, and one on do_orm_execute"


def django_variants() -> tuple[Variant, ...]:
    return (
        Variant(BARE, nullcontext),
        Variant(EMPTY_HOOK, empty_django_hook),
        *ennead_variants(),
        Variant(BARE_AGAIN, nullcontext),
    )


def sqlalchemy_variants() -> tuple[Variant, ...]:
    return (
        Variant(BARE, without_events),
        Variant(EMPTY_HOOK, empty_listeners),
        Variant(EMPTY_ORM_HOOK, empty_orm_listeners),
        *ennead_variants(),
        Variant(BARE_AGAIN, without_events),
    )


def ennead_variants() -> tuple[Variant, ...]:
    return (
        Variant(OUTSIDE, outside),
        Variant(IN_UNIT, in_unit),
        Variant(PROVENANCE, in_profile),
        Variant(SAMPLED_OUT, sampled_out),
    )


@contextmanager
def outside() -> Iterator[None]:
    """The hooks are there, and no unit of work."""
    ennead.install(sample_ratio=1.0)
    try:
        yield
    finally:
        ennead.uninstall()


@contextmanager
def in_unit() -> Iterator[None]:
    """As in a request."""
    with outside(), Recording("bench", "request"):
        yield


@contextmanager
def in_profile() -> Iterator[None]:
    """As in `ennead.profile()`: the values of fetched rows are kept."""
    with outside(), Recording("bench", "profile", explicit=True):
        yield


@contextmanager
def sampled_out() -> Iterator[None]:
    """A request that was not chosen to be recorded."""
    ennead.install(sample_ratio=0.0)
    try:
        with Recording("bench", "request"):
            yield
    finally:
        ennead.install(sample_ratio=1.0)
        ennead.uninstall()


@contextmanager
def empty_django_hook() -> Iterator[None]:
    """A method in the place of `CursorWrapper.execute` that only calls it."""
    from django.db.backends.utils import CursorWrapper

    original = CursorWrapper.execute

    def execute(self: Any, sql: Any, params: Any = None) -> Any:
        return original(self, sql, params)

    CursorWrapper.execute = execute
    try:
        yield
    finally:
        CursorWrapper.execute = original


@contextmanager
def without_events() -> Iterator[None]:
    """SQLAlchemy as if nobody had ever listened: it remembers that somebody did, and then asks for listeners."""
    from sqlalchemy import Engine

    had_events, Engine._has_events = Engine._has_events, False  # noqa: SLF001 -- a bare engine is what is measured
    try:
        yield
    finally:
        Engine._has_events = had_events  # noqa: SLF001


@contextmanager
def empty_listeners() -> Iterator[None]:
    """Listeners before and after each cursor call that do nothing."""
    from sqlalchemy import Engine

    with _listening(Engine, "before_cursor_execute", _nothing), _listening(Engine, "after_cursor_execute", _nothing):
        yield


@contextmanager
def empty_orm_listeners() -> Iterator[None]:
    """The same and a listener to what sessions execute: where lazy loads can be told from other queries."""
    from sqlalchemy.orm import Session

    with empty_listeners(), _listening(Session, "do_orm_execute", _nothing_of_session):
        yield


@contextmanager
def _listening(target: Any, name: str, listener: Callable[..., None]) -> Iterator[None]:
    from sqlalchemy import event

    event.listen(target, name, listener)
    try:
        yield
    finally:
        event.remove(target, name, listener)


def _nothing(_connection: Any, _cursor: Any, _statement: Any, _parameters: Any, _context: Any, _many: Any) -> None:
    return


def _nothing_of_session(_state: Any) -> None:
    return


def entered(active: Callable[[], AbstractContextManager[object]], run: Callable[[], Any]) -> Any:
    """What ``run`` returns while the variant is active."""
    with active():
        return run()
