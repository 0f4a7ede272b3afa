"""Walks through the FastAPI shop in the current folder and prints, step by step, every query with its lines.

Usage: ``python fastapi_walk.py`` with SHOP_DATABASE_URL set to a filled SQLite database. One JSON object a step.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from frames import Line, user_lines

ROOT = Path.cwd()
_spawned: WeakKeyDictionary[asyncio.Task[Any], list[Line]] = WeakKeyDictionary()


class Recorder:
    """The queries of the step that runs, and the lines that fetched several rows at once."""

    def __init__(self) -> None:
        self.queries: list[dict[str, Any]] = []
        self.collections: list[dict[str, Any]] = []

    def take(self) -> dict[str, Any]:
        taken = {"queries": self.queries, "collections": self.collections}
        self.queries, self.collections = [], []
        return taken

    def before(self, _connection: Any, _cursor: Any, sql: str, *_: Any) -> None:
        task = asyncio.current_task()
        makers = _spawned.get(task, []) if task else []
        self.queries.append({"sql": sql, "lines": user_lines(sys._getframe(1), ROOT) + makers})

    def after(self, _connection: Any, cursor: Any, *_: Any) -> None:
        lines: list[Line] = self.queries[-1]["lines"]
        # The asyncio drivers have fetched everything by now; a streaming cursor has not, and no N+1 here starts from one.
        self.collections.append({"rows": len(getattr(cursor, "_rows", ())), "lines": lines})


def spawn(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
    """Make a task that remembers the lines that made it, and those that made its maker."""
    maker = asyncio.current_task(loop)
    task = asyncio.Task(coroutine, loop=loop, **options)
    _spawned[task] = user_lines(sys._getframe(1), ROOT) + (_spawned.get(maker, []) if maker else [])
    return task


async def main() -> None:
    sys.path.insert(0, str(ROOT))
    from sqlalchemy import event
    from storefront.database import engine
    from storefront.walk import walk

    asyncio.get_running_loop().set_task_factory(spawn)
    recorder = Recorder()
    event.listen(engine.sync_engine, "before_cursor_execute", recorder.before)
    event.listen(engine.sync_engine, "after_cursor_execute", recorder.after)
    async for step in walk():
        recorder.take()
        await step.run()
        print(json.dumps({"step": step.label, **recorder.take()}))
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
