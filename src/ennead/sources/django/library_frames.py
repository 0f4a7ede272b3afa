"""Which functions of an installed library are looked into, and by what."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ennead.agent.call_path import register_inspector, unregister_inspector

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ennead.agent.call_path import Inspector


class InspectorSet:
    """Inspectors of one library that come and go together.

    Parameters
    ----------
    library
        The top package; it is imported when the inspectors are registered.
    inspectors
        File inside the package to function name to inspector.
    """

    def __init__(self, library: str, inspectors: Mapping[str, Mapping[str, Inspector]]) -> None:
        self._library = library
        self._inspectors = inspectors
        self._registered: list[tuple[str, str, Inspector]] = []

    def register(self) -> None:
        """Let the inspectors see their frames; idempotent."""
        if self._registered:
            return
        self._registered.extend(self._all())
        for filename, function, inspector in self._registered:
            register_inspector(filename, function, inspector)

    def unregister(self) -> None:
        """Undo :meth:`register`."""
        while self._registered:
            unregister_inspector(*self._registered.pop())

    def _all(self) -> Iterator[tuple[str, str, Inspector]]:
        spec = find_spec(self._library)
        root = Path(spec.origin).parent if spec is not None and spec.origin is not None else Path()
        for file, functions in self._inspectors.items():
            for function, inspector in functions.items():
                yield str(root / file), function, inspector
