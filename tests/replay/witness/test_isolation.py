"""What a replayed process may reach; each program tries much at once, since a process is dear."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.replay.project import ReplayedProject

ATTEMPTS = """
import json

def attempts(tries):
    told = {}
    for name, attempt in tries.items():
        try:
            attempt()
            told[name] = "done"
        except Exception as error:
            told[name] = type(error).__name__
    print(json.dumps(told))
"""


@pytest.fixture
def outside(project: ReplayedProject) -> Path:
    """A folder of the user's with files that must stay as they are."""
    folder = project.folder / "outside"
    folder.mkdir()
    for name in ("kept.txt", "other.txt"):
        (folder / name).write_text("the user's own")
    (folder / "empty").mkdir()
    return folder


@pytest.fixture
def foreign_port() -> Iterator[int]:
    """A server that is no part of any replay."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


def test_writes_outside_are_refused_and_noted(project: ReplayedProject, outside: Path) -> None:
    before = {path.name: path.stat() for path in outside.iterdir()}
    told, trace = project.told(
        ATTEMPTS
        + f"""
import os, pathlib, shutil
outside = pathlib.Path({str(outside)!r})
folder = os.open(outside, os.O_RDONLY)
kept = outside / "kept.txt"
attempts({{
    "new": lambda: (outside / "new.txt").write_text("x"),
    "append": lambda: kept.open("a"),
    "bytes": lambda: open(os.fsencode(kept), "rb+"),
    "descriptor": lambda: os.open(kept, os.O_WRONLY),
    "remove": kept.unlink,
    "rename": lambda: kept.rename(outside / "renamed.txt"),
    "rename into": lambda: kept.rename("stolen.txt"),
    "mkdir": (outside / "made").mkdir,
    "rmdir": (outside / "empty").rmdir,
    "truncate": lambda: os.truncate(kept, 0),
    "chmod": lambda: kept.chmod(0o777),
    "utime": lambda: os.utime(kept),
    "link": lambda: os.link(kept, "hard.txt"),
    "symlink": lambda: os.symlink("x", outside / "link"),
    "copy": lambda: shutil.copy("program.py", outside),
    "rmtree": lambda: shutil.rmtree(outside),
    "remove in a folder": lambda: os.unlink("kept.txt", dir_fd=folder),
    "through a link": lambda: (os.symlink(kept, "through.txt"), open("through.txt", "w")),
}})
"""
    )
    assert [name for name, how in told.items() if how != "PermissionError"] == []
    assert {path.name: path.stat().st_mtime_ns for path in outside.iterdir()} == {
        name: stat.st_mtime_ns for name, stat in before.items()
    }
    assert {path.read_text() for path in outside.glob("*.txt")} == {"the user's own"}
    assert f"a write outside of the project was refused: {outside}/kept.txt" in trace.problems
    assert f"a write outside of the project was refused: {outside}/made" in trace.problems


def test_reading_outside_and_writing_inside_are_allowed(project: ReplayedProject, outside: Path) -> None:
    told, trace = project.told(
        ATTEMPTS
        + f"""
import os, pathlib, shutil, tempfile
outside = pathlib.Path({str(outside)!r})
attempts({{
    "read": (outside / "kept.txt").read_text,
    "list": lambda: os.listdir(outside),
    "new": lambda: pathlib.Path("new.txt").write_text("x"),
    "make and remove": lambda: (os.makedirs("a/b"), shutil.rmtree("a")),
    "rename": lambda: (pathlib.Path("b.txt").write_text("x"), os.rename("b.txt", "c.txt")),
    "temporary": lambda: tempfile.NamedTemporaryFile().close(),
    "temporary folder": lambda: tempfile.TemporaryDirectory().cleanup(),
    "null": lambda: open(os.devnull, "w").close(),
    "link to outside": lambda: (os.symlink(outside, "link"), os.remove("link")),
    "a folder that is there": lambda: os.makedirs(outside, exist_ok=True),
    "pathlib makes a folder that is there": lambda: outside.mkdir(exist_ok=True),
}})
"""
    )
    assert [name for name, how in told.items() if how != "done"] == []
    assert sorted(trace.files_written) == ["c.txt", "new.txt"]
    assert trace.problems == ()


def test_what_is_missing_is_missing(project: ReplayedProject, outside: Path) -> None:
    told, trace = project.told(
        ATTEMPTS
        + f"""
import pathlib
missing = pathlib.Path({str(outside)!r}, "missing")
attempts({{"remove": missing.unlink, "remove quietly": lambda: missing.unlink(missing_ok=True),
           "rmdir": missing.rmdir, "read": missing.read_text}})
"""
    )
    assert told == {
        "remove": "FileNotFoundError",
        "remove quietly": "done",
        "rmdir": "FileNotFoundError",
        "read": "FileNotFoundError",
    }
    assert trace.problems == ()


def test_connections_are_refused_and_noted(project: ReplayedProject, foreign_port: int) -> None:
    (project.folder / "sockets").mkdir()
    path = project.folder / "sockets" / "s"
    with closing(socket.socket(socket.AF_UNIX)) as server:
        server.bind(str(path))
        server.listen()
        told, trace = project.told(
            ATTEMPTS
            + f"""
import asyncio, socket, urllib.request
port = {foreign_port}
def udp():
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", port))
def unix(path):
    socket.socket(socket.AF_UNIX).connect(path)
attempts({{
    "tcp": lambda: socket.create_connection(("127.0.0.1", port)),
    "by name": lambda: socket.create_connection(("localhost", port)),
    "udp": udp,
    "unix": lambda: unix({str(path)!r}),
    "abstract": lambda: unix(b"\\0somebody"),
    "dns": lambda: socket.getaddrinfo("api.example.org", 443),
    "old dns": lambda: socket.gethostbyname("api.example.org"),
    "http": lambda: urllib.request.urlopen(f"http://127.0.0.1:{{port}}/"),
    "asyncio": lambda: asyncio.run(asyncio.open_connection("127.0.0.1", port)),
}})
"""
        )
    assert told == {
        "tcp": "ConnectionRefusedError",
        "by name": "ConnectionRefusedError",
        "udp": "ConnectionRefusedError",
        "unix": "ConnectionRefusedError",
        "abstract": "ConnectionRefusedError",
        "dns": "gaierror",
        "old dns": "gaierror",
        "http": "URLError",
        "asyncio": "ConnectionRefusedError",
    }
    noted = set(trace.egress)
    assert {f"tcp 127.0.0.1:{foreign_port}", f"udp 127.0.0.1:{foreign_port}", f"unix {path}"} <= noted
    assert list(trace.egress).count("dns api.example.org") == 2


def test_servers_of_the_replay_may_be_asked(project: ReplayedProject) -> None:
    project.write(
        "server.py",
        """
        import http.server, sys
        server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
        print(server.server_port, flush=True)
        server.handle_request()
        """,
    )
    told, trace = project.told(
        ATTEMPTS
        + """
import asyncio, socket, subprocess, sys, tempfile, threading, urllib.request
from multiprocessing.connection import Client, Listener
def own():
    server = socket.create_server(("", 0))
    socket.create_connection(("localhost", server.getsockname()[1])).close()
def child():
    with subprocess.Popen([sys.executable, "server.py"], stdout=subprocess.PIPE, text=True) as process:
        urllib.request.urlopen(f"http://127.0.0.1:{int(process.stdout.readline())}/server.py").read()
async def loop():
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    await reader.read()
    writer.close()
def udp():
    one, other = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    one.bind(("127.0.0.1", 0))
    other.sendto(b"x", one.getsockname())
def listener():
    with Listener() as listening:
        threading.Thread(target=lambda: listening.accept().close()).start()
        Client(listening.address).close()
attempts({"own": own, "child": child, "loop": lambda: asyncio.run(loop()), "udp": udp, "listener": listener,
          "pair": socket.socketpair, "own name": lambda: socket.gethostbyname(socket.gethostname())})
"""
    )
    assert [name for name, how in told.items() if how != "done"] == []
    assert trace.egress == ()


def test_a_port_that_could_not_be_bound_is_none_of_ours(project: ReplayedProject, foreign_port: int) -> None:
    told, _ = project.told(
        ATTEMPTS
        + f"""
import socket
attempts({{"bind": lambda: socket.socket().bind(("127.0.0.1", {foreign_port})),
           "connect": lambda: socket.create_connection(("127.0.0.1", {foreign_port}))}})
"""
    )
    assert told == {"bind": "OSError", "connect": "ConnectionRefusedError"}


@pytest.mark.parametrize("allowed", ["127.0.0.1", "localhost"])
def test_allowed_addresses_may_be_reached(project: ReplayedProject, foreign_port: int, allowed: str) -> None:
    told, trace = project.told(
        ATTEMPTS
        + f"""
import socket
attempts({{"numeric": lambda: socket.create_connection(("127.0.0.1", {foreign_port})),
           "another port": lambda: socket.create_connection(("127.0.0.1", {foreign_port ^ 1}))}})
""",
        allowed_addresses=(f"{allowed}:{foreign_port}",),
    )
    assert told == {"numeric": "done", "another port": "ConnectionRefusedError"}
    assert trace.egress == (f"tcp 127.0.0.1:{foreign_port ^ 1}",)


CHILD = """
import os, sys
try:
    open(sys.argv[1], "w")
except PermissionError:
    print("refused", flush=True)
"""


class TestChildren:
    def test_are_isolated_however_they_are_started(self, project: ReplayedProject, outside: Path) -> None:
        project.write("child.py", CHILD)
        target = outside / "from_a_child.txt"
        trace = project.run(f"""
import multiprocessing, os, subprocess, sys
target = {str(target)!r}
words = [sys.executable, "child.py", target]

def write(path):
    try:
        open(path, "w")
    except PermissionError:
        print("refused", flush=True)

if __name__ == "__main__":
    subprocess.run(words, check=True)
    subprocess.run(words, check=True, env={{}})
    subprocess.run(words, check=True, env={{b"PYTHONPATH": b"/nowhere"}})
    subprocess.run(" ".join(words), check=True, shell=True, env={{"PATH": os.environ["PATH"]}})
    assert os.system(" ".join(words)) == 0
    if os.fork() == 0:
        write(target)
        os._exit(0)
    os.wait()
    for method in ("fork", "spawn"):
        process = multiprocessing.get_context(method).Process(target=write, args=(target,))
        process.start()
        process.join()
        assert process.exitcode == 0
    os.environ.clear()
    subprocess.run(words, check=True)
""")
        assert trace.stdout.split() == ["refused"] * 9
        assert not target.exists()

    def test_that_cannot_be_isolated_are_refused(self, project: ReplayedProject, outside: Path) -> None:
        project.write("child.py", CHILD)
        project.write("script", "#!/usr/bin/env -S python3 -I\n").chmod(0o755)
        told, trace = project.told(
            ATTEMPTS
            + f"""
import os, subprocess, sys
target = {str(outside / "x.txt")!r}
def run(*words):
    return lambda: subprocess.run([*words, "child.py", target], check=True)
attempts({{
    "-I": run(sys.executable, "-I"),
    "-u -E": run(sys.executable, "-u", "-E"),
    "-bS": run(sys.executable, "-bS"),
    "script": run("./script"),
    "posix_spawn": lambda: os.posix_spawn(sys.executable, [sys.executable, "child.py", target], {{}}),
    "exec": lambda: os.execve(sys.executable, [sys.executable, "child.py", target], {{}}),
}})
"""
        )
        assert [name for name, how in told.items() if how != "PermissionError"] == []
        assert not (outside / "x.txt").exists()
        assert "a program that cannot be isolated was refused: script child.py " in " ".join(trace.problems)

    def test_that_are_no_python_are_told(self, project: ReplayedProject) -> None:
        trace = project.run("""
            import os, subprocess
            subprocess.run(["true"], check=True)
            subprocess.run(["/bin/true"], check=True)
            os.system("exit 0")
            """)
        assert trace.problems == (
            "a program that is not Python was started, and not isolated: true",
            "a program that is not Python was started, and not isolated: sh",
        )

    def test_that_work_on_the_real_thing_are_refused(self, project: ReplayedProject) -> None:
        told, trace = project.told(
            ATTEMPTS
            + """
import os, subprocess
attempts({
    "psql": lambda: subprocess.run(["psql", "--version"], check=True),
    "path": lambda: subprocess.run(["/usr/bin/redis-cli", "--version"], check=True),
    "shell": lambda: subprocess.run("true && mariadb --version | cat", shell=True, check=True),
    "system": lambda: os.system("curl --version"),
    "echo": lambda: subprocess.run("true harmless", shell=True, check=True),
})
"""
        )
        assert told == dict.fromkeys(("psql", "path", "shell", "system"), "PermissionError") | {"echo": "done"}
        assert "a program that cannot be isolated was refused: psql" in trace.problems

    def test_a_script_of_this_python_is_isolated(self, project: ReplayedProject, outside: Path) -> None:
        project.write("tool", f"#!{sys.executable}\n{CHILD}").chmod(0o755)
        trace = project.run(f"""
            import subprocess
            subprocess.run(["./tool", {str(outside / "x.txt")!r}], check=True)
            """)
        assert (trace.stdout, trace.problems[1:]) == ("refused\n", ())
        assert "refused" in trace.problems[0]


def test_a_python_without_ennead_does_not_run(project: ReplayedProject) -> None:
    """The system's own has no Ennead; nothing of the work may begin."""
    python = Path("/usr/bin/python3")
    if not python.exists() or os.path.realpath(python).startswith(str(Path(sys.prefix))):
        pytest.skip("there is no other Python")
    project.write("program.py", "print('begun')")
    trace = project.replay(str(python), "program.py")
    assert (trace.exit_code, trace.stdout) == (86, "")
    assert "this Python cannot take part in a replay: not installed" in trace.stderr_tail


def test_switching_ennead_off_in_a_child_ends_it(project: ReplayedProject) -> None:
    project.write("child.py", "print('begun')")
    trace = project.run("""
        import os, subprocess, sys
        done = subprocess.run([sys.executable, "child.py"], env={**os.environ, "ENNEAD_DISABLED": "1"})
        print(done.returncode)
        """)
    assert trace.stdout == "86\n"
