"""Doing something as soon as a module is imported, without importing it."""

from __future__ import annotations

import sys
from importlib.abc import Loader, MetaPathFinder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class ImportWatcher(MetaPathFinder):
    """Calls back after the first import of named modules; what a callback raises is swallowed and counted.

    It finds nothing itself: it asks the other finders and adds a step after the module has run.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, list[Callable[[], None]]] = {}
        self.error_count = 0

    def when_imported(self, module: str, callback: Callable[[], None]) -> None:
        """Call back now if ``module`` is imported already, else as soon as it is."""
        if module in sys.modules:
            self._call(callback)
            return
        self._waiting.setdefault(module, []).append(callback)
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def clear(self) -> None:
        """Forget all callbacks and leave ``sys.meta_path``."""
        self._waiting.clear()
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Part of the import protocol."""
        if fullname not in self._waiting:
            return None
        spec = self._ask_the_others(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Announcing(spec.loader, lambda: self._imported(fullname))
        return spec

    def _ask_the_others(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        finders = sys.meta_path[:]
        if self in finders:  # those before it have asked it: another watcher of the same module, say
            finders = finders[finders.index(self) + 1 :]
        for finder in finders:
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(fullname, path, target) if find else None
            if spec is not None:
                return spec
        return None

    def _imported(self, module: str) -> None:
        for callback in self._waiting.pop(module, ()):
            self._call(callback)

    def _call(self, callback: Callable[[], None]) -> None:
        try:
            callback()
        except Exception:
            self.error_count += 1


class _Announcing(Loader):
    """The real loader, and a word after the module has run."""

    def __init__(self, loader: Loader, announce: Callable[[], None]) -> None:
        self._loader = loader
        self._announce = announce

    def __getattr__(self, name: str) -> object:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._announce()
