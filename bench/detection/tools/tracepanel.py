"""tracepanel, driven as its pytest plugin drives it: each scenario a traced test, its findings asked of the agent.

The agent is tracepanel's own binary, started here on a store of its own and ended with the process. Thresholds
are as shipped.
"""

import atexit
import itertools
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.detection.observation import N_PLUS_ONE, Advice, Observation, relative
from bench.detection.scenario import ROOT

CULPRIT = re.compile(r"(?:.*\(rendered from )?(?P<file>[^()]+):(?P<line>\d+) in ")
START_SECONDS = 10

_console: list[Any] = []
_number = itertools.count(1)


def prepare(suite: str) -> None:  # noqa: ARG001 - tracepanel finds the framework by itself
    from tracepanel import _run, testing
    from tracepanel.core import conf

    store = tempfile.TemporaryDirectory(prefix="tracepanel-", ignore_cleanup_errors=True)
    atexit.register(store.cleanup)
    conf.configure(enabled=True, widget=False, terminal_summary=False, root=str(ROOT), dir=store.name)
    _run.install()
    testing.install()
    _console.append(testing.Console(_start_agent(Path(store.name))))


def observe(run: Callable[[], object]) -> Observation:
    from tracepanel.testing import TracedTest

    test = TracedTest(f"scenario {next(_number)}", {}, _console[0])
    _send_at_once()
    test.start()
    try:
        run()
    finally:
        test.stop()
        test.send()
    issues = test.issues
    told = [each for each in issues if each.kind == "n+1"]
    sites = [CULPRIT.match(each.culprit or "") for each in told]
    return Observation(
        codes=tuple(N_PLUS_ONE if each.kind == "n+1" else each.kind for each in issues),
        access=tuple(dict.fromkeys(_place(site) for site in sites if site)),
        advice=tuple(
            Advice(each.hint, _place(site) if site else None)
            for each, site in zip(told, sites, strict=True)
            if each.hint
        ),
    )


def _place(site: re.Match[str]) -> tuple[str, int]:
    return relative(site["file"]), int(site["line"])


def _send_at_once() -> None:
    """Replace the batching writer by the plugin's own, which sends a trace before the code goes on."""
    from tracepanel.core import conf
    from tracepanel.pytest_plugin import _SyncWriter
    from tracepanel.storage import transport

    if not isinstance(transport.get_writer(), _SyncWriter):
        transport.set_writer(_SyncWriter(conf.get_config()))


def _start_agent(store: Path) -> str:
    binary = Path(sys.executable).with_name("tracepanel-agent")
    command = [str(binary), "--dir", str(store), "--serve", "127.0.0.1:0", "--otlp", "off"]
    with (store / "agent.log").open("wb") as log:
        agent = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    atexit.register(agent.wait)
    atexit.register(agent.terminate)
    console = store / "console.addr"
    deadline = time.monotonic() + START_SECONDS
    while not (console.exists() and console.read_text().strip()):
        if agent.poll() is not None or time.monotonic() > deadline:
            message = f"tracepanel-agent did not start: {(store / 'agent.log').read_text()}"
            raise RuntimeError(message)
        time.sleep(0.02)
    return console.read_text().strip()
