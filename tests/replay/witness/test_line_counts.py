"""How often lines ran."""

from __future__ import annotations

import sys
from textwrap import dedent

from tests.replay.project import ReplayedProject

LINES = """\
import asyncio, functools, subprocess, sys, threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Process
import os
def loop(rows):
    for row in rows:
        str(row)                                # loop
def comprehension(rows):
    return [str(row) for row in rows]           # comprehension
def generator(rows):
    for row in rows:
        yield str(row)                          # generator
async def coroutine(row):
    await asyncio.sleep(0)
    return str(row)                             # coroutine
def decorated(function):
    @functools.wraps(function)
    def inside(*rows):
        return function(*rows)                  # decorator
    return inside
@decorated
def row(number):
    return (
        str(number)                             # several lines
    )
def threaded(number):
    return str(number)                          # thread
def in_a_process():
    return str(1)                               # process
class Once:
    @property
    def name(self):
        return str(self)                        # property
def unused():
    return str(1)                               # never
async def gather():
    await asyncio.gather(*(coroutine(n) for n in range(4)))
if __name__ == "__main__":
    loop(range(3))
    comprehension(range(5))
    list(generator(range(6)))
    asyncio.run(gather())
    for number in range(7):
        row(number)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(threaded, range(8)))
    thread = threading.Thread(target=threaded, args=(1,))
    thread.start()
    thread.join()
    Once().name
    in_a_process()
    subprocess.run([sys.executable, "-c", "import program; program.in_a_process()"], check=True)
    process = Process(target=in_a_process)
    process.start()
    process.join()
    if os.fork() == 0:
        in_a_process()
        os._exit(0)
    os.wait()
    print("done", 1 + 1)                        # module
"""


def marked(text: str) -> dict[str, int]:
    """Line numbers by the comment at the end of the line."""
    return {
        line.rpartition("#")[2].strip(): number for number, line in enumerate(text.splitlines(), 1) if "  # " in line
    }


def test_executions_are_counted_in_every_kind_of_function(project: ReplayedProject) -> None:
    numbers = marked(LINES)
    trace = project.run(LINES, watched={"program.py": list(numbers.values())})
    counts = trace.line_counts["program.py"]
    told = {name: counts.get(number, 0) for name, number in numbers.items()}
    assert told.pop("comprehension") == (7 if sys.version_info < (3, 12) else 6)  # the call, and that of what is inside
    assert told == {
        "loop": 3,
        "generator": 6,
        "coroutine": 4,
        "decorator": 7,
        "several lines": 7,
        "thread": 9,
        "process": 4,
        "property": 1,
        "never": 0,
        "module": 1,
    }
    assert not trace.is_unwatched


def test_nothing_is_counted_where_nothing_is_watched(project: ReplayedProject) -> None:
    trace = project.run("import sys; print(sys.gettrace())")
    assert (trace.stdout, trace.line_counts, trace.is_unwatched) == ("None\n", {}, True)


def test_equal_functions_of_two_files_are_told_apart(project: ReplayedProject) -> None:
    text = "def get(row):\n    return str(row)\n"
    project.write("one.py", text)
    project.write("other.py", text)
    program = dedent("""
        import one, other
        other.get(1)
        for n in range(3): one.get(n)
        """)
    assert project.run(program, watched={"one.py": [2]}).line_counts == {"one.py": {2: 3}}
    both = project.run(program, watched={"one.py": [2], "other.py": [2]})
    assert both.line_counts == {"one.py": {2: 3}, "other.py": {2: 1}}


def test_another_tracer_breaks_nothing(project: ReplayedProject) -> None:
    """What coverage does on this Python; the counts are lost then, and the run is not."""
    trace = project.run(
        """
        import sys
        def work():
            return 1
        def tracer(frame, event, argument):
            return tracer
        work()
        sys.settrace(tracer)
        work()
        print(sys.gettrace() is tracer)
        sys.settrace(None)
        """,
        watched={"program.py": [4]},
    )
    assert trace.stdout == "True\n"
    assert trace.line_counts == {"program.py": {4: 1}}
