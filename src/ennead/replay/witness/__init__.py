"""What lives in a replayed process: it keeps the work away from the outside world and notes what came of it.

:func:`start` is the companion that ``ennead.runs`` starts first in each process of a replay.
"""

from __future__ import annotations

import os
import sys
import traceback

_NOT_ISOLATED = 86
"""Exit code of a process that could not be isolated, and therefore did not begin."""
_started: list[int] = []


def start() -> None:
    """Isolate this process and begin to note. If that fails the process ends: the work must not reach the outside."""
    if _started:
        return
    _started.append(os.getpid())
    try:
        from ennead.replay.witness.process import WitnessedProcess

        WitnessedProcess.from_environment(os.environ).start()
    except BaseException:  # noqa: BLE001 -- whatever it was: nothing may run without isolation
        traceback.print_exc()
        sys.stderr.write("ennead: this process cannot be isolated, so it does not run\n")
        sys.stderr.flush()
        os._exit(_NOT_ISOLATED)
