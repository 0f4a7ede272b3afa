"""Every step of ours fails in turn, and the host's results, exceptions and order of events stay what they were."""

from __future__ import annotations

import asyncio
import contextvars
import sqlite3
import threading
import unittest
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ennead.agent import concurrency
from ennead.agent.call_path import FILE_KINDS, forget_paths, register_inspector, unregister_inspector
from ennead.agent.snapshot import snapshot
from ennead.agent.unit_of_work import CURRENT, PAUSED, UnitOfWork
from ennead.agent.units import AGENT, Recording, pause
from ennead.kernel.call_site import CallSite
from ennead.sources import unittest as unittest_source
from ennead.sources.asgi import EnneadMiddleware as AsgiMiddleware
from ennead.sources.dbapi import wrap_connection
from ennead.sources.wsgi import EnneadMiddleware as WsgiMiddleware
from tests.agent.faults import ROOT, InjectedError, Line, Tracer, lines_of, traced
from tests.agent.library import FOLDER, make_library

Connect = Callable[[], Any]
Told = list[object]


# ------------------------------------------------------------------------------------------------ the host's programs


def _error_of(function: Callable[[], object]) -> tuple[str, ...]:
    try:
        function()
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is compared
        context = error.__context__
        return type(error).__name__, str(error), type(context).__name__
    return ()


def queries(connect: Connect) -> Told:
    """Loops, batches, errors, transactions, texts with literals, values that change."""
    connection = connect()
    told: Told = [connection.execute("CREATE TABLE book (id integer primary key, title text)").fetchall()]
    told.append(connection.executemany("INSERT INTO book VALUES (?, ?)", iter([(1, "a"), (2, "b" * 300)])).rowcount)
    connection.commit()
    cursor = connection.cursor()
    parameters = [0]
    for number in range(3):
        parameters[0] = number
        told.append(cursor.execute("SELECT title FROM book WHERE id = ?", parameters).fetchone())
        told.append(list(cursor.execute(f"SELECT id FROM book WHERE id > {number}")))
        told.append(connection.execute("SELECT :id", {"id": number}).fetchmany(5))
    told.append(_error_of(lambda: cursor.execute("SELECT * FROM absent")))
    told.append(_error_of(lambda: connection.execute("SELECT ?", (1, 2))))
    told.append(_error_of(lambda: connection.executemany("INSERT INTO book VALUES (?, ?)", [(1, "again")])))
    told.append(connection.in_transaction)
    connection.rollback()
    with connection:
        connection.executescript("DELETE FROM book; SELECT 1;")
    told.append([next(connection.execute("SELECT count(*) FROM book"))])
    with pause():
        told.append(connection.execute("SELECT 2").fetchall())
    connection.close()
    return told


def threads(connect: Connect) -> Told:
    """Threads, pools, a thread that fails, a context of its own."""
    connection = connect()
    told: Told = []

    def ask(number: int) -> Any:
        return connection.execute("SELECT ?", (number,)).fetchone()

    def note(number: int) -> None:
        told.append(ask(number))

    for number in range(3):
        thread = threading.Thread(target=note, args=(number,))
        thread.start()
        thread.join()
        told.append(("run" in vars(thread), thread.is_alive()))
        told.append(_error_of(thread.start))
    with ThreadPoolExecutor(1) as pool:
        told += [pool.submit(ask, 5).result(), *pool.map(ask, range(3))]
        told.append(_error_of(lambda: pool.submit(connection.execute, "SELECT * FROM absent").result()))
        told.append(pool.submit(contextvars.copy_context().run, ask, 6).result())
    told.append(_error_of(lambda: pool.submit(ask, 1)))
    connection.close()
    return told


def tasks(connect: Connect) -> Told:
    """Tasks, gathered and grouped, in threads, failing, in a context of their own."""
    connection = connect()

    async def ask(number: int) -> Any:
        await asyncio.sleep(0)
        return connection.execute("SELECT ?", (number,)).fetchone()

    async def fail() -> None:
        raise KeyError(await ask(1))

    async def main() -> Told:
        told: Told = list(await asyncio.gather(*[ask(number) for number in range(3)]))
        async with asyncio.TaskGroup() as group:
            grouped = [group.create_task(ask(number)) for number in range(2)]
        told += [task.result() for task in grouped]
        told.append(await asyncio.to_thread(lambda: connection.execute("SELECT 7").fetchone()))
        told += [type(error).__name__ for error in await asyncio.gather(fail(), return_exceptions=True) if error]
        told.append(await asyncio.create_task(ask(8), context=contextvars.copy_context()))
        return told

    told = asyncio.run(main())
    connection.close()
    return told


def requests(  # noqa: C901 -- two small applications and their client
    connect: Connect, wsgi: Any = lambda app: app, asgi: Any = lambda app: app
) -> Told:
    """WSGI and ASGI requests, answered, streamed, closed early and failing."""
    connection = connect()
    told: Told = []

    def application(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/fail":
            raise KeyError("mine")
        start_response("200 OK", [])

        def ask(number: int) -> bytes:
            return b"%d" % connection.execute("SELECT ?", (number,)).fetchone()

        return [ask(1)] if environ["PATH_INFO"] == "/list" else (ask(number) for number in range(3))

    async def asynchronous(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/fail":
            raise KeyError("mine")
        for number in range(3):
            await send(connection.execute("SELECT ?", (number,)).fetchone())

    async def send(message: Any) -> None:
        told.append(message)

    def get(path: str) -> Any:
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "HTTP_TRACEPARENT": "00-" + "a" * 32 + "-b-01"}
        return wsgi(application)(environ, lambda *args: told.append(args))

    for path in ("/list", "/stream"):
        told.append(b"".join(get(path)))
    early = get("/stream")
    told.append(next(iter(early)))
    early.close()
    told.append(_error_of(lambda: get("/fail")))
    for path in ("/", "/fail"):
        scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"traceparent", b"none")]}
        told.append(_error_of(lambda scope=scope: asyncio.run(asgi(asynchronous)(scope, None, send))))  # type: ignore[misc]
    connection.close()
    return told


def cases(connect: Connect) -> Told:
    """Test cases that pass and fail, synchronous and asynchronous."""
    connection = connect()

    class Case(unittest.IsolatedAsyncioTestCase):
        def setUp(self) -> None:
            connection.execute("SELECT 1")

        def test_fails(self) -> None:
            self.fail("mine")

        async def test_passes(self) -> None:
            connection.execute("SELECT 2")

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Case).run(result)
    connection.close()
    return [result.testsRun, len(result.failures), result.errors]


def inspected(connect: Connect) -> Told:
    """A library whose frames stand for lines of a template, with evidence about what it loads."""
    connection = connect()
    module = make_library(
        "def render(connection, node):\n    return connection.execute('SELECT 1').fetchone()\n", "page"
    )
    nodes = [object(), object()]

    def inspector(frame: Any, walk: Any) -> None:
        node = frame.f_locals["node"]
        walk.add_site(lambda: CallSite("page.html", 1, "page.html"), lambda other: other.f_locals["node"], node)
        walk.add_evidence(library="orm", lazy_load=True)

    register_inspector(f"{FOLDER}/page.py", "render", inspector)
    try:
        return [module.render(connection, node) for node in nodes * 3]
    finally:
        unregister_inspector(f"{FOLDER}/page.py", "render", inspector)
        connection.close()


# ------------------------------------------------------------------------------------------------ with and without us


def _raw() -> Any:
    return sqlite3.connect(":memory:", check_same_thread=False)


def _wrapped() -> Any:
    return wrap_connection(_raw())


def _bare(program: Callable[..., Told]) -> Told:
    return program(_raw)


def _observed(program: Callable[..., Told]) -> Told:
    """The program in units of work of every kind, nested in each other, each told to a listener that reads it."""
    forget_paths()
    FILE_KINDS.known.clear()
    arguments = (WsgiMiddleware, AsgiMiddleware) if program is requests else ()
    with Recording("profile", "profile", explicit=True), Recording("job", "job"):
        program(_wrapped, *arguments)
    with Recording("command", "command", trace_id="a" * 32):
        return program(_wrapped, *arguments)


def reading_listener(unit: UnitOfWork) -> None:
    snapshot(unit)


@pytest.fixture(autouse=True)
def hooked() -> Iterator[None]:
    concurrency.install()
    unittest_source.install()
    AGENT.add_listener(reading_listener)
    yield
    AGENT.remove_listener(reading_listener)
    unittest_source.uninstall()
    concurrency.uninstall()


PROGRAMS = [queries, threads, tasks, requests, cases, inspected]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_the_host_is_as_without_us(program: Callable[..., Told]) -> None:
    errors = AGENT.internal_error_count, AGENT.listener_error_count
    assert _observed(program) == _bare(program)
    assert (AGENT.internal_error_count, AGENT.listener_error_count) == errors


# A fault in the first line of a finaliser can be told by nobody: the interpreter reports it, the host goes on.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_the_host_is_as_without_us_whichever_step_of_ours_fails(program: Callable[..., Told]) -> None:
    expected = _bare(program)
    for warm in (queries, program):
        _observed(warm)
    targets = lines_of(lambda: _observed(program)).guarded
    if program is not queries:  # what that one leads to has been tried there
        targets = dict.fromkeys(targets.keys() - lines_of(lambda: _observed(queries)).guarded.keys())
    injected = 0
    for target in targets:
        with traced(Tracer(target)) as tracer:
            told = _observed(program)
        assert told == expected, str(target)
        assert (CURRENT.get(), PAUSED.get()) == (None, False), str(target)
        injected += tracer.injected > 0
    assert injected >= 0.75 * len(targets)  # some run once only: their answer is remembered
    assert injected >= (300 if program is queries else 5)


def test_the_steps_that_matter_are_among_those_that_fail() -> None:
    guarded = {line.function for program in PROGRAMS for line in lines_of(lambda p=program: _observed(p)).guarded}  # type: ignore[misc]
    assert guarded >= {
        "UnitOfWork.record",
        "UnitOfWork._discover",
        "UnitOfWork.absorb",
        "UnitOfWork.detached",
        "known_path",
        "same_stack",
        "walk_path",
        "Walk.follow",
        "Walk._visit",
        "Walk.finish",
        "CallPath.__init__",
        "path_here",
        "Agent.samples",
        "Agent.tell",
        "snapshot",
        "normalize",
        "supplied_by",
        "python_site",
        "ParameterHasher.hash",
        "trace_id_of",
    }


# What stands between the host and what it calls: it reads and sets variables of ours, and calls the host.
UNGUARDED = {
    "agent/call_path.py": {"forget_paths", "register_inspector", "unregister_inspector", "Walk.add_site"}
    | {"Walk.add_evidence"},
    "agent/concurrency.py": {
        "InUnitOfWork.__call__",
        "InUnitOfWork.__init__",
        "_RunInUnitOfWork.__call__",
        "_RunInUnitOfWork.leave",
        "_carrying_start.<locals>.start",
        "_carrying_submit.<locals>.submit",
        "_enter_context",
        "_runs_in_context",
        "_stand_in",
        "carried",
        "carrying_create_task.<locals>.create_task",
        "path_here",
    },
    "agent/places.py": {"FileKinds.mark_inspected"},
    "agent/settings.py": {"is_disabled"},
    "agent/statements.py": {"StatementMemo.clear"},
    "agent/unit_of_work.py": {"Connection.__init__", "UnitOfWork.record"},
    "agent/units.py": {
        "Recording.__enter__",
        "Recording.__exit__",
        "Recording.__init__",
        "Recording._is_wanted",
        "Recording._joins",
        "Recording._open",
        "Recording.is_joined",
        "Recording.resume",
        "Recording.suspend",
        "await_inside",
        "call_inside",
        "pause.__enter__",
        "pause.__exit__",
        "pause.__init__",
    },
}


def test_nothing_else_of_the_agent_stands_unguarded_between_the_host_and_what_it_calls() -> None:
    found: dict[str, set[str]] = {}
    for program in PROGRAMS:
        for line in lines_of(lambda p=program: _observed(p)).unguarded:  # type: ignore[misc]
            file = line.file.removeprefix(ROOT)
            if file.startswith("agent/"):
                found.setdefault(file, set()).add(line.function)
    assert {file: functions - UNGUARDED.get(file, set()) for file, functions in found.items()} == {
        file: set() for file in found
    }


def test_a_guarded_line_that_fails_is_noticed() -> None:
    """The tests above can fail: without the guards the host would see the error."""
    target = next(line for line in lines_of(lambda: _observed(queries)).guarded if line.function == "UnitOfWork.record")
    with pytest.raises(InjectedError), traced(Tracer(Line(target.file, target.line, target.function))):
        _unguarded_copy(target)()


def _unguarded_copy(target: Line) -> Callable[[], object]:
    """A function with a line of that name and number, but without a guard around it."""
    source = "\n" * (target.line - 2) + "def record():\n    return 1\n"
    names: dict[str, Any] = {}
    exec(compile(source, target.file, "exec"), names)  # noqa: S102 -- a function made for the test
    function = names["record"]
    function.__code__ = function.__code__.replace(co_qualname=target.function)
    return function  # type: ignore[no-any-return]
