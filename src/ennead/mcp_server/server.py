"""The server: tools with typed arguments, answers as data and as text, errors in one sentence."""

from __future__ import annotations

import logging
import os
import signal
import threading
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, TypeVar

import anyio.to_thread
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, Field

from ennead.kernel.errors import EnneadError
from ennead.mcp_server import telling
from ennead.mcp_server.answers import (
    ApplyAnswer,
    ExplainAnswer,
    FindingsAnswer,
    ProposeAnswer,
    RunAnswer,
    VerifyAnswer,
)
from ennead.mcp_server.finding import explain_finding, list_findings
from ennead.mcp_server.fixing import apply_verified, propose_fixes, target_of, verify_edits
from ennead.mcp_server.observing import run_observed
from ennead.mcp_server.turn import Turn
from ennead.reporting.printable import printable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import FrameType

T = TypeVar("T")
_LOGGER = logging.getLogger("ennead.mcp_server")
_INSTRUCTIONS = """\
Finds the N+1 queries of this Python project and repairs them with verified fixes.
1. run: a command that exercises the code (its tests, a management command, a script).
2. findings, explain: what was found, down to the loop and the query that feeds it.
3. propose: fixes, each replayed on a copy of the project and of its databases at two data sizes. Nothing is changed.
4. apply: writes a fix that was verified. Or edit by hand, and let verify judge the uncommitted edits.
Run, propose and verify take their time: a replay takes as long as the command itself, and a fix takes several.\
"""
_LOOPBACK = "127.0.0.1"
_SIGNAL_BASE = 128
_LEAVING_SECONDS = 3.0

Command = Annotated[
    list[str],
    Field(description='The program and its arguments, without a shell: ["python", "manage.py", "test", "shop"].'),
]
OptionalCommand = Annotated[
    list[str] | None,
    Field(description="What to replay: the program and its arguments, as in 'run'. By default what the run ran."),
]
FindingName = Annotated[str, Field(description="Id of a finding (f1:...), or its beginning.")]
OptionalFinding = Annotated[str | None, Field(description="Id of a finding (f1:...), or its beginning.")]
RunName = Annotated[str | None, Field(description="Id of a run, or a part of it; by default the last run.")]
Sizes = Annotated[
    list[int] | None,
    Field(
        description="Two data sizes, the smaller one first, for a command with {size} in one of its words. Any other "
        "command is replayed on copies of its databases as they are, and on grown ones."
    ),
]


class Tools:
    """The tools of one project: the one that the process stands in."""

    def __init__(self) -> None:
        self.turn = Turn()

    async def run(
        self,
        context: Context,
        command: Command,
        folder: Annotated[
            str | None, Field(description="Where to start it, relative to the project root; the server's by default.")
        ] = None,
        seconds: Annotated[float, Field(gt=0, description="Time the command may take; then it is ended.")] = 600.0,
    ) -> Annotated[CallToolResult, RunAnswer]:
        """Run a Python command with everything hooked, and tell the N+1 queries that it showed.

        The command runs for real, on the project's own databases: name one that you would run yourself (tests, a
        management command, pytest, a script). A server does not end by itself and is ended when its time is up.
        """
        answer = await self._work(context, lambda _tell, stop: run_observed(command, folder, seconds, stop))
        return _result(answer, telling.run_text(answer))

    async def findings(
        self,
        run: RunName = None,
        limit: Annotated[int, Field(ge=1, description="Findings to tell, the worst first.")] = 20,
    ) -> Annotated[CallToolResult, FindingsAnswer]:
        """List the findings of a recorded run, the worst first."""
        answer = await _read(partial(list_findings, run, limit))
        return _result(answer, telling.findings_text(answer))

    async def explain(self, finding: FindingName, run: RunName = None) -> Annotated[CallToolResult, ExplainAnswer]:
        """Tell the whole story of a finding: places, source lines, statement, evidence, advice, verified fix."""
        answer, report, entry = await _read(partial(explain_finding, finding, run))
        return _result(answer, telling.story_text(report, entry))

    async def propose(
        self,
        context: Context,
        *,
        finding: OptionalFinding = None,
        run: RunName = None,
        command: OptionalCommand = None,
        all: Annotated[  # noqa: A002 -- the name that agents know from the command line
            bool, Field(description="Fix all findings of the work, not only the one named or the worst one.")
        ] = False,
        as_method: Annotated[
            bool,
            Field(description="Write eager loads as a named method or function beside the project's own queries."),
        ] = False,
        sizes: Sizes = None,
        seconds: Annotated[
            float, Field(gt=0, description="Time to look for fixes; a replay that has begun is finished.")
        ] = 900.0,
    ) -> Annotated[CallToolResult, ProposeAnswer]:
        """Look for a fix of a finding, and verify it by replaying the work before and after. Changes no file.

        A fix is verified if the queries stop growing with the data, and everything that was compared stayed the same:
        output, responses, test outcomes, rows written, mails. Hand the id of the fix to 'apply' to have it written.
        """

        def work(tell: Callable[[str], None], stop: threading.Event) -> ProposeAnswer:
            target = target_of(finding, run, has_command=bool(command))
            return propose_fixes(
                target,
                command,
                everything=all,
                as_method=as_method,
                sizes=sizes,
                seconds=seconds,
                tell=tell,
                stop=stop,
            )

        answer = await self._work(context, work)
        return _result(answer, telling.propose_text(answer))

    async def verify(
        self,
        context: Context,
        command: OptionalCommand = None,
        finding: OptionalFinding = None,
        sizes: Sizes = None,
    ) -> Annotated[CallToolResult, VerifyAnswer]:
        """Judge the uncommitted edits of the project against git HEAD, by replaying the work on both. Changes no file.

        With a finding the edits are to repair it; without one they are to make the queries fewer.
        """
        answer = await self._work(context, partial(verify_edits, command, finding, sizes))
        return _result(answer, telling.verify_text(answer))

    async def apply(
        self,
        context: Context,
        *,
        fix: Annotated[
            str, Field(description="Id of a fix that 'propose' told (c1:...), or of a finding that it repairs.")
        ],
        force: Annotated[bool, Field(description="Change files with uncommitted edits, too.")] = False,
    ) -> Annotated[CallToolResult, ApplyAnswer]:
        """Write a verified fix into the project, if its files are still those that it was verified on."""
        answer = await self._work(context, lambda _tell, _stop: apply_verified(fix, force=force))
        return _result(answer, telling.apply_text(answer))

    async def _work(self, context: Context, work: Callable[[Callable[[str], None], threading.Event], T]) -> T:
        told = 0

        async def report(sentence: str) -> None:
            nonlocal told
            told += 1
            await context.report_progress(told, message=printable(sentence))

        return await _told(self.turn.take(work, report))


async def _read(read: Callable[[], T]) -> T:
    return await _told(anyio.to_thread.run_sync(read))


async def _told(answer: Awaitable[T]) -> T:
    """Make errors what an agent can read."""
    try:
        return await answer
    except EnneadError as error:
        raise ToolError(printable(str(error))) from error
    except Exception as error:
        _LOGGER.exception("a tool failed")
        message = f"{type(error).__name__}: {error}: an error of Ennead itself, its standard error tells more"
        raise ToolError(printable(message)) from error


def _result(answer: BaseModel, text: str) -> CallToolResult:
    content = TextContent(type="text", text=text)
    return CallToolResult(content=[content], structured_content=answer.model_dump(mode="json"))


def new_server(tools: Tools) -> MCPServer:
    """The server with its tools."""
    server: MCPServer = MCPServer(
        "ennead",
        title="Ennead",
        instructions=_INSTRUCTIONS,
        version=import_module("ennead").__version__,
        log_level="WARNING",
    )
    reads = ToolAnnotations(read_only_hint=True, open_world_hint=False)
    replays = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)
    server.add_tool(tools.run, annotations=ToolAnnotations(read_only_hint=False, destructive_hint=True))
    server.add_tool(tools.findings, annotations=reads)
    server.add_tool(tools.explain, annotations=reads)
    server.add_tool(tools.propose, annotations=replays)
    server.add_tool(tools.verify, annotations=replays)
    server.add_tool(
        tools.apply, annotations=ToolAnnotations(read_only_hint=False, destructive_hint=True, open_world_hint=False)
    )
    return server


def serve(port: int | None) -> None:
    """Serve on standard input and output, or on a port of the loopback interface, until the client or a signal ends it.

    Parameters
    ----------
    port
        ``None`` for standard input and output.
    """
    tools = Tools()
    server = new_server(tools)
    if port is not None:
        server.run("streamable-http", host=_LOOPBACK, port=port)
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, partial(_leave, tools.turn))
    server.run("stdio")


def _leave(turn: Turn, number: int, _frame: FrameType | None) -> None:
    """End what is under way, then the process: a thread that waits for a line of standard input would hold it up."""

    def leave() -> None:
        turn.stop(_LEAVING_SECONDS)
        os._exit(_SIGNAL_BASE + number)

    threading.Thread(target=leave, daemon=True).start()
