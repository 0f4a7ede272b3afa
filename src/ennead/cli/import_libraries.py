"""Run by ``ennead doctor`` in a process of its own: imports every library that Ennead can hook.

Prints one JSON object: the library's name to what its import raised.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from importlib.util import find_spec

from ennead.sources.registry import SOURCES


def import_libraries() -> dict[str, str]:
    """Import the trigger of every source whose library is installed."""
    problems = {}
    for source in SOURCES:
        if find_spec(source.trigger.partition(".")[0]) is None:
            continue
        try:
            import_module(source.trigger)
        except Exception as error:  # noqa: BLE001 -- whatever a library raises is told
            problems[source.library] = f"{type(error).__name__}: {error}".splitlines()[0]
    return problems


if __name__ == "__main__":
    json.dump(import_libraries(), sys.stdout)
