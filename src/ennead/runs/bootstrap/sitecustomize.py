"""Imported by Python when it starts, because ``ennead run`` puts this folder first on ``PYTHONPATH``.

Switches Ennead on if it can, and then steps aside: the user's own ``sitecustomize``, if there is one further down the
path, runs as if this one were not there. May run on a Python that has no Ennead: nothing but the standard library is
imported unguarded, and the syntax is that of Python 3.6.
"""

import importlib
import json
import os
import sys

_LARGEST_LIST_BYTES = 1_000_000


def _switch_on() -> None:
    folder = os.environ.get("ENNEAD_RUN_FOLDER")
    if not folder:
        return
    try:
        from ennead.runs.start import start_from_environment

        problem = start_from_environment()
    except Exception as error:
        problem = "not installed" if _misses_ennead(error) else f"{type(error).__name__}: {error}"
    _announce(folder, problem)
    if problem is not None and os.environ.get("ENNEAD_RUN_COMPANION"):
        # A replay: what cannot be isolated must not run, for it would work on the user's own data.
        if problem == "not installed":
            problem += f" in {sys.executable}: name the Python that Ennead is installed in"
        sys.stderr.write(f"ennead: this Python cannot take part in a replay: {problem}\n")
        sys.stderr.flush()
        os._exit(86)


def _misses_ennead(error: Exception) -> bool:
    return isinstance(error, ImportError) and error.name == "ennead"


def _announce(folder: str, problem: "str | None") -> None:
    """One line for the run: this Python process started, and why it cannot be observed, if it cannot."""
    words = {
        "pid": os.getpid(),
        "parent_pid": os.getppid(),
        "executable": sys.executable,
        "python": ".".join(map(str, sys.version_info[:3])),
        "problem": problem,
    }
    try:
        descriptor = os.open(os.path.join(folder, "processes.jsonl"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            if os.fstat(descriptor).st_size < _LARGEST_LIST_BYTES:
                os.write(descriptor, json.dumps(words).encode("ascii") + b"\n")
        finally:
            os.close(descriptor)
    except OSError:
        pass


def _step_aside() -> None:
    own = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != own]
    sys.path_importer_cache.pop(own, None)
    sys.modules.pop("sitecustomize", None)
    # The import system keeps under our name what this leaves there. Where the user has none, it raises what ``site``
    # takes for "there is none".
    importlib.import_module("sitecustomize")


if __name__ == "sitecustomize":
    try:
        _switch_on()
    finally:
        _step_aside()
