"""The server as a process: what it answers without a replay, how it fails, how it ends."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import httpx
import pytest
from mcp import Client

from tests.mcp_server.agent import LIST_LOANS, agent
from tests.runs.project import ENNEAD

_SLEEP = "import os, time, pathlib; pathlib.Path('pid').write_text(str(os.getpid())); time.sleep(120)"
_WITHOUT = "import sys; sys.modules[{name!r}] = None; from ennead.cli.main import main; main(['mcp'])"


async def test_tools_describe_every_argument_and_what_they_answer(tmp_path: Path) -> None:
    async with agent(tmp_path) as session:
        tools = (await session.client.list_tools()).tools
    assert [tool.name for tool in tools] == ["run", "findings", "explain", "propose", "verify", "apply"]
    for tool in tools:
        assert tool.description
        assert tool.output_schema
        for name, argument in tool.input_schema["properties"].items():
            assert argument.get("description"), f"{tool.name}: {name}"


@pytest.mark.slow
async def test_findings_of_a_run_are_told_and_explained(loans: Path) -> None:
    async with agent(loans) as session:
        ran = await session.call("run", command=LIST_LOANS)
        assert (ran["exit_code"], ran["unit_counts"], ran["query_count"]) == (0, {"command": 1}, 7)
        assert ran["stdout"].splitlines()[0] == "book 0: reader 0"
        told = await session.call("findings", run=ran["run"])
        assert told["findings"] == ran["findings"]
        (found,) = told["findings"]
        assert found["decided_by"] in ("rules", "both")
        assert found["rules_confidence"] == found["confidence"]
        assert found["model_confidence"] > 0
        story = await session.call("explain", finding=found["id"][:6])
        assert story["finding"]["id"] == found["id"]
        roles = {role for line in story["source"] for role in line["roles"]}
        assert {"origin", "loop", "access"} <= roles


async def test_a_command_that_fails_is_an_answer(loans: Path) -> None:
    async with agent(loans) as session:
        ran = await session.call("run", command=["python", "-c", "print('out'); raise SystemExit('in vain')"])
    assert (ran["exit_code"], ran["stdout"], ran["stderr"]) == (1, "out\n", "in vain\n")
    assert ran["findings"] == []
    assert ran["notes"]


@pytest.mark.slow
async def test_a_command_whose_time_is_up_is_ended(loans: Path) -> None:
    async with agent(loans) as session:
        ran = await session.call("run", command=["python", "-c", _SLEEP], seconds=3)
    assert ran["exit_code"] == 124
    assert not _is_alive(int((loans / "pid").read_text()))


async def test_what_is_not_there_is_told_in_one_sentence(loans: Path) -> None:
    async with agent(loans) as session:
        assert "record one" in await session.refusal("findings")
        assert "record one" in await session.refusal("propose")
        assert "no program 'nope'" in await session.refusal("run", command=["nope"])
        assert "as a list" in await session.refusal("run", command=[])
        assert "no folder of the project" in await session.refusal("run", command=LIST_LOANS, folder="..")
        assert "no verified fix is known" in await session.refusal("apply", fix="f1:0000")
        assert "nothing was edited" in await session.refusal("verify", command=LIST_LOANS)
        ran = await session.call("run", command=["python", "-c", "pass"])
        assert "no finding of run" in await session.refusal("explain", finding="f1:0000")
        assert "no finding of run" in await session.refusal("propose", finding="f1:0000")
        assert "called 'yesterday'" in await session.refusal("findings", run="yesterday")
        assert (await session.call("findings"))["run"] == ran["run"]


async def test_a_cancelled_call_ends_its_command_and_the_server_lives_on(loans: Path) -> None:
    async with agent(loans) as session:
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(lambda: session.call("run", command=["python", "-c", _SLEEP]))
                pid = await _pid(loans)
                scope.cancel()
        await _until_gone(pid)
        assert (await session.call("run", command=["python", "-c", "print(1)"]))["stdout"] == "1\n"


@pytest.mark.slow
async def test_a_cancelled_search_ends_its_replay_and_leaves_nothing(loans: Path, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    async with agent(loans, environment={"TMPDIR": str(temporary)}) as session:
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(lambda: session.call("propose", command=["python", "-c", _SLEEP]))
                pid = await _pid(temporary, "ennead-replay-*/replay-1/project/pid")
                scope.cancel()
        await _until_gone(pid)
        assert (await session.call("run", command=["python", "-c", "print(1)"]))["stdout"] == "1\n"
        assert list(temporary.iterdir()) == []


async def test_a_client_that_leaves_takes_the_command_along(loans: Path) -> None:
    with anyio.CancelScope() as scope:
        async with agent(loans) as session, anyio.create_task_group() as group:
            group.start_soon(lambda: session.call("run", command=["python", "-c", _SLEEP]))
            pid = await _pid(loans)
            scope.cancel()
    await _until_gone(pid)


@pytest.mark.parametrize("name", ["mcp", "libcst"])
def test_a_missing_extra_is_one_line_with_the_way_out(name: str, tmp_path: Path) -> None:
    program = [sys.executable, "-c", _WITHOUT.format(name=name)]
    done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    line = f"Error: the server for coding agents needs the package {name}: pip install 'ennead[mcp,fix]'\n"
    assert (done.stdout, done.stderr) == ("", line)


def test_a_signal_ends_the_server_and_its_command(loans: Path) -> None:
    with _served(loans, "mcp") as server:
        assert server.stdin is not None
        for message in _calling("run", {"command": ["python", "-c", _SLEEP]}):
            server.stdin.write(json.dumps(message).encode() + b"\n")
            server.stdin.flush()
        pid = asyncio.run(_pid(loans))
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 128 + signal.SIGTERM
    assert not _is_alive(pid)


async def test_serves_http_on_the_loopback_interface_to_local_names_only(loans: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/mcp"
    with _served(loans, "mcp", "--http", str(port)):
        await _until_listening(port)
        async with Client(url) as client:
            assert "propose" in [tool.name for tool in (await client.list_tools()).tools]
        async with httpx.AsyncClient() as browser:
            refused = await browser.post(url, headers={"Host": "rebound.example"}, json={})
        assert refused.status_code == 421


@contextmanager
def _served(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    pipe = subprocess.PIPE
    with subprocess.Popen([*ENNEAD, *arguments], cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe) as server:
        try:
            yield server
        finally:
            server.kill()


def _calling(tool: str, arguments: dict[str, object]) -> list[dict[str, object]]:
    greeting = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    return [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": greeting},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": tool, "arguments": arguments}},
    ]


async def _pid(folder: Path, pattern: str = "pid") -> int:
    for _ in range(1_200):
        if pid := _written(folder, pattern):
            return pid
        await anyio.sleep(0.05)
    raise TimeoutError(folder)


def _written(folder: Path, pattern: str) -> int:
    return next((int(text) for file in folder.glob(pattern) if (text := file.read_text())), 0)


async def _until_gone(pid: int) -> None:
    for _ in range(600):
        if not _is_alive(pid):
            return
        await anyio.sleep(0.05)
    raise TimeoutError(pid)


async def _until_listening(port: int) -> None:
    for _ in range(1_200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        await anyio.sleep(0.05)
    raise TimeoutError(port)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")  # nobody may have waited for a process that has ended
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
