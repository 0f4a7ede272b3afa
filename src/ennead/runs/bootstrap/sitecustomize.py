"""Imported by Python when it starts, because ``ennead run`` puts this folder first on ``PYTHONPATH``.

Switches Ennead on if it can, and then steps aside: the user's own ``sitecustomize``, if there is one further down the
path, runs as if this one were not there. May run on a Python that has no Ennead: nothing but the standard library is
imported unguarded, and the syntax is that of old Pythons.
"""

import json
import os
import sys


def _switch_on():
    # type: () -> None
    folder = os.environ.get("ENNEAD_RUN_FOLDER")
    if not folder:
        return
    problem = None
    try:
        from ennead.runs.start import start_from_environment
    except Exception as error:
        problem = "not installed" if _names_ennead(error) else "%s: %s" % (type(error).__name__, error)
    else:
        problem = start_from_environment()
    _announce(folder, problem)


def _names_ennead(error):
    # type: (Exception) -> bool
    return isinstance(error, ImportError) and getattr(error, "name", None) == "ennead"


def _announce(folder, problem):
    # type: (str, str | None) -> None
    """One line for the run: this Python process started, and whether it can be observed."""
    words = {
        "pid": os.getpid(),
        "parent_pid": os.getppid(),
        "executable": sys.executable,
        "python": "%d.%d.%d" % sys.version_info[:3],
        "problem": problem,
    }
    line = json.dumps(words).encode("ascii") + b"\n"
    try:
        path = os.path.join(folder, "processes.jsonl")
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            if os.fstat(descriptor).st_size < 1000000:
                os.write(descriptor, line)
        finally:
            os.close(descriptor)
    except OSError:
        pass


def _step_aside():
    # type: () -> None
    own = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != own]
    sys.path_importer_cache.pop(own, None)
    sys.modules.pop("sitecustomize", None)
    # The import system keeps what this leaves under our name; without one, the error is what ``site`` expects.
    import sitecustomize  # noqa: F401


if __name__ == "sitecustomize":
    try:
        _switch_on()
    finally:
        _step_aside()
