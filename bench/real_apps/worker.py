"""Boots an application with a number of rows and runs its actions under a tool. Runs in the application's environment.

`python -m bench.real_apps.worker --application oscar --rows 12 --tool ennead` prints one JSON line an action.
"""

import argparse
import contextlib
import json
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.real_apps.tools import RIVALS, Answer, Look, looking, prepare

FAILED_STATUS = 400


def main() -> None:
    arguments = _parse()
    application: Any = import_module(f"bench.real_apps.applications.{arguments.application}.application")
    results = sys.stdout
    with (
        contextlib.redirect_stdout(sys.stderr),
        # A server's thread may still hold a file when the actions are done.
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
    ):
        prepare(arguments.tool, application.ORM)
        application.boot(arguments.rows, Path(folder))
        look = looking(arguments.tool, application.ORM, application.PACKAGES)
        for name, answer in run_actions(application.actions(), look):
            print(json.dumps({"action": name, **answer}), file=results, flush=True)


def run_actions(actions: Iterator[tuple[str, Callable[[], object]]], look: Look) -> Iterator[tuple[str, Answer]]:
    """Run each action once to warm it up, and once more under the tool."""
    for name, run in actions:
        try:
            status = status_of(run())
            answer = look(run)
        except Exception as error:  # noqa: BLE001 - told in the report, the next action goes on
            traceback.print_exc(limit=-5)
            status, answer = f"{type(error).__name__}: {error}"[:200], {}
        yield name, {"status": status, **answer}


def status_of(result: object) -> str:
    """Tell ``ok``, or the status of a response that is an error."""
    status = getattr(result, "status_code", 0)
    return f"HTTP {status}" if isinstance(status, int) and status >= FAILED_STATUS else "ok"


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--application", required=True)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--tool", required=True, choices=("count", "ennead", "contexts", *RIVALS))
    return parser.parse_args()


if __name__ == "__main__":
    main()
