"""Walks through the Django shop in the current folder and prints, step by step, every query with its lines.

Usage: ``python django_walk.py`` with SHOP_DATABASE_URL set to a migrated and seeded database. One JSON object a step.
"""

from __future__ import annotations

import json
import os
import sys
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from frames import Line, user_lines

ROOT = Path.cwd()
_awaiting: ContextVar[list[Line]] = ContextVar("_awaiting", default=[])


class Recorder:
    """The queries of the step that runs, and where the collections that it fetched were built."""

    def __init__(self) -> None:
        self.queries: list[dict[str, Any]] = []
        self.collections: list[dict[str, Any]] = []

    def take(self) -> dict[str, Any]:
        taken = {"queries": self.queries, "collections": self.collections}
        self.queries, self.collections = [], []
        return taken

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        lines = user_lines(sys._getframe(1), ROOT) + _awaiting.get()
        self.queries.append({"sql": sql, "lines": lines})
        return execute(sql, params, many, context)


def remember_builders(recorder: Recorder) -> None:
    """Make every queryset remember the lines that began to build it."""
    from django.db.models.query import QuerySet

    initialise, clone, fetch, iterate = QuerySet.__init__, QuerySet._clone, QuerySet._fetch_all, QuerySet._iterator

    def patched_init(self: Any, *args: Any, **kwargs: Any) -> None:
        initialise(self, *args, **kwargs)
        self._built_at = user_lines(sys._getframe(1), ROOT)

    def patched_clone(self: Any) -> Any:
        cloned = clone(self)
        cloned._built_at = self._built_at
        return cloned

    def patched_fetch(self: Any) -> None:
        fresh = self._result_cache is None
        fetch(self)
        if fresh and self._result_cache:
            recorder.collections.append({"rows": len(self._result_cache), "lines": self._built_at})

    def patched_iterate(self: Any, use_chunked_fetch: bool, chunk_size: int | None) -> Any:
        collection = {"rows": 0, "lines": self._built_at}
        recorder.collections.append(collection)
        for row in iterate(self, use_chunked_fetch, chunk_size):
            collection["rows"] += 1
            yield row

    QuerySet.__init__, QuerySet._clone = patched_init, patched_clone
    QuerySet._fetch_all, QuerySet._iterator = patched_fetch, patched_iterate


def follow_coroutines() -> None:
    """Carry the lines of a coroutine into the thread that runs its query."""
    from asgiref.sync import SyncToAsync

    call = SyncToAsync.__call__

    async def patched(self: Any, *args: Any, **kwargs: Any) -> Any:
        token = _awaiting.set(user_lines(sys._getframe(1), ROOT))
        try:
            return await call(self, *args, **kwargs)
        finally:
            _awaiting.reset(token)

    SyncToAsync.__call__ = patched  # type: ignore[method-assign]


def main() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"
    os.environ["SHOP_DEBUG"] = "0"
    recorder = Recorder()
    follow_coroutines()
    remember_builders(recorder)
    import django

    django.setup()
    from django.db import connection
    from shop.walk import walk

    with connection.execute_wrapper(recorder):
        for step in walk():
            recorder.take()
            step.run()
            print(json.dumps({"step": step.label, **recorder.take()}))


if __name__ == "__main__":
    main()
