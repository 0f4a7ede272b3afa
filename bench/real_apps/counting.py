"""The counter that growth is measured with: SELECTs by normalised statement, through the libraries' own events.

Nothing of Ennead's recording takes part, only its normaliser. For those who read the groups each statement also keeps
the line of the application that most of its executions came from, and the line of Django's template.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from ennead.agent.fingerprint import normalize

MAX_LINES = 3
"""Frames of the application that a statement keeps, the innermost first."""


@dataclass
class Tally:
    """What was counted in one run of an action."""

    packages: tuple[str, ...]
    counts: Counter[str] = field(default_factory=Counter)
    statements: dict[str, str] = field(default_factory=dict)
    paths: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, sql: str) -> None:
        normal = normalize(sql)
        if normal.operation == "select":
            self.counts[normal.fingerprint] += 1
            self.statements[normal.fingerprint] = normal.statement
            self.paths[normal.fingerprint][call_path(sys._getframe(1), self.packages)] += 1

    def told(self) -> dict[str, Any]:
        return {
            "counts": dict(self.counts),
            "statements": self.statements,
            "lines": {key: paths.most_common(1)[0][0] for key, paths in self.paths.items()},
        }


def count(run: Callable[[], object], orm: str, packages: tuple[str, ...]) -> dict[str, Any]:
    """Run an action and count its SELECTs."""
    tally = Tally(packages)
    with COUNTERS[orm](tally):
        run()
    return tally.told()


@contextmanager
def count_django(tally: Tally) -> Iterator[None]:
    """Count what any connection executes."""
    from django.db import connections

    def counted(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's own
        tally.add(sql)
        return execute(sql, params, many, context)

    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(counted))
        yield


@contextmanager
def count_sqlalchemy(tally: Tally) -> Iterator[None]:
    """Count what any engine executes, asynchronous ones among them: each has an ordinary one inside."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    def counted(connection: Any, cursor: Any, statement: str, *more: Any) -> None:  # noqa: ARG001 - SQLAlchemy's own
        tally.add(statement)

    event.listen(Engine, "before_cursor_execute", counted)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", counted)


COUNTERS = {"django": count_django, "sqlalchemy": count_sqlalchemy}


def call_path(frame: FrameType | None, packages: tuple[str, ...]) -> str:
    """Return the innermost lines of the application and of its templates, as ``file:line`` joined by ``<``."""
    roots = tuple(f"/{package.replace('.', '/')}/" for package in packages)
    lines: list[str] = []
    for each in _frames(frame):
        file = each.f_code.co_filename
        place = _template_line(each) if "/django/template/" in file else None
        if place is None and any(root in file for root in roots):
            place = f"{file}:{each.f_lineno}"
        if place and place not in lines:
            lines.append(place)
        if len(lines) == MAX_LINES:
            break
    return " < ".join(line.rpartition("site-packages/")[2] for line in lines)


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    """Frames from the innermost on, and those of the greenlets above: SQLAlchemy's asynchronous engines use one."""
    greenlet: Any = sys.modules.get("greenlet")
    current = greenlet.getcurrent() if greenlet else None
    while frame is not None:
        yield frame
        frame = frame.f_back
        if frame is None and current is not None:
            current = current.parent
            frame = current.gr_frame if current is not None else None


def _template_line(frame: FrameType) -> str | None:
    if frame.f_code.co_name != "render_annotated":
        return None
    node = frame.f_locals.get("self")
    token, origin = getattr(node, "token", None), getattr(node, "origin", None)
    return f"{origin.name}:{token.lineno}" if token is not None and origin is not None else None
