"""Caches begin empty in each replay and are shared with nobody."""

from __future__ import annotations

import sys
from functools import wraps
from typing import TYPE_CHECKING, Any

from ennead.agent.patching import PatchSet

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.agent.import_hook import ImportWatcher
    from ennead.agent.patching import Patch

_IN_PROCESS = "django.core.cache.backends.locmem.LocMemCache"
_KEPT = (_IN_PROCESS, "django.core.cache.backends.dummy.DummyCache", "django.core.cache.backends.db.DatabaseCache")
_patches = PatchSet()


def isolate_caches(watcher: ImportWatcher) -> None:
    """Make Django's caches outside of the process in-process ones; those in a database are copied with it."""
    watcher.when_imported("django.core.cache", _hook)


def _hook() -> None:
    _patches.add(sys.modules["django.core.cache"].CacheHandler, "create_connection", _in_process)


def _in_process(original: Callable[..., Any], _patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def create_connection(self: Any, alias: str) -> Any:
        settings = self.settings.get(alias)
        if settings is not None and settings.get("BACKEND") not in _KEPT:
            kept = {
                name: settings[name]
                for name in ("TIMEOUT", "KEY_PREFIX", "VERSION", "KEY_FUNCTION")
                if name in settings
            }
            self.settings[alias] = {**kept, "BACKEND": _IN_PROCESS, "LOCATION": f"ennead-replay-{alias}"}
        return original(self, alias)

    return create_connection
