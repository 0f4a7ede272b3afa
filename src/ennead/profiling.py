"""Profiles: one piece of application code, recorded and analysed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.agent.profile_recording import ProfileRecorder
from ennead.agent.settings import is_disabled
from ennead.domains.nplusone.engine import NPlusOneDetectionEngine
from ennead.domains.nplusone.profile import Profile, default_engine
from ennead.domains.nplusone.profile import assert_no_n_plus_one as _assert_no_n_plus_one
from ennead.installing import install

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from ennead.kernel.recording import Recorder

RECORDER = ProfileRecorder(prepare=install)


def profile(name: str = "profile", *, route: str | None = None) -> Profile:
    """Record and analyse one unit of work.

    A context manager (``with`` and ``async with``) and a decorator (sync and async functions). Installs the hooks if
    nobody has. If the body raises, the exception propagates unchanged and the results are there all the same.

    Parameters
    ----------
    name
        What reports call it.
    route
        The route it belongs to, if any.

    Examples
    --------
    >>> import sqlite3, ennead
    >>> connection = ennead.wrap_connection(sqlite3.connect(":memory:"))
    >>> with ennead.profile("three look-ups") as session:
    ...     for number in (1, 2, 3):
    ...         _ = connection.execute("SELECT ?", (number,)).fetchone()
    >>> int(session.statistics["query_count"])
    3
    """
    engine = default_engine()
    return Profile(name, route=route, recorder=recorder_for(engine), engine=engine, enabled=not is_disabled())


def recorder_for(engine: object) -> Recorder:
    """One that ends the profiled code early, if the settings of an engine for N+1 queries ask for it."""
    if not isinstance(engine, NPlusOneDetectionEngine) or not (at := engine.settings.early_warning):
        return RECORDER
    from ennead.stopping import StoppingRecorder

    return StoppingRecorder(RECORDER, engine, at)


def assert_no_n_plus_one(
    *, allow: Sequence[str] = (), max_queries: int | None = None
) -> AbstractContextManager[Profile]:
    """Raise if the body has an N+1, telling its story.

    Parameters
    ----------
    allow
        Finding ids, relations (``Order.customer``) or call sites (``shop/views.py``, ``shop/views.py:12``) to let pass.
    max_queries
        Also raise if the body ran more queries than this.

    Raises
    ------
    NPlusOneError
        An ``AssertionError``. If the body itself raises, that exception propagates instead.
    """
    return _assert_no_n_plus_one(profile("assert_no_n_plus_one"), allow=allow, max_queries=max_queries)
