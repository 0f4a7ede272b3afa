from __future__ import annotations

import socket
from contextlib import closing

import pytest

from tests.replay.project import ReplayedProject

# As uvloop's own package does: the names are looked up in its module when they are called.
UVLOOP = """
import asyncio

class Loop(asyncio.SelectorEventLoop):
    async def create_connection(self, *_arguments, **_options):
        raise SystemExit("a connection that nobody can see")

def new_event_loop():
    return Loop()

def run(main, *, loop_factory=new_event_loop):
    async def checked():
        assert isinstance(asyncio.get_running_loop(), Loop)
        return await main
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(checked())
"""


@pytest.mark.parametrize(
    "run", ["uvloop.run(main())", "asyncio.Runner(loop_factory=uvloop.new_event_loop).run(main())"]
)
def test_connections_of_uvloop_are_refused_and_noted(project: ReplayedProject, run: str) -> None:
    project.write("uvloop.py", UVLOOP)
    with closing(socket.create_server(("127.0.0.1", 0))) as foreign:
        port = foreign.getsockname()[1]
        told, trace = project.told(
            f"""
import asyncio, json, uvloop
async def main():
    try:
        await asyncio.open_connection("127.0.0.1", {port})
    except Exception as error:
        print(json.dumps(type(error).__name__))
{run}
"""
        )
    assert told == "ConnectionRefusedError"
    assert trace.egress == (f"tcp 127.0.0.1:{port}",)
