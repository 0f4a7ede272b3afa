"""uvloop connects in compiled code, where nothing can be refused: asyncio's own event loop takes its place."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ennead.agent.patching import PatchSet

if TYPE_CHECKING:
    from ennead.agent.import_hook import ImportWatcher

_patches = PatchSet()


def replace_uvloop(watcher: ImportWatcher) -> None:
    """Let uvloop's policy, its ``run()`` and its factory make loops of asyncio."""
    watcher.when_imported("uvloop", lambda: _patches.add(sys.modules["uvloop"], "Loop", _of_asyncio))


def _of_asyncio(_original: Any, _patch: Any) -> type:
    import asyncio

    class Loop(asyncio.SelectorEventLoop):
        """Has a name of its own, so that nobody who patches it patches asyncio."""

    return Loop
