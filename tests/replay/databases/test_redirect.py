"""Connections of SQLite: the originals stay as they are, whatever the work does."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.replay.databases.replays import ReplayFolder

BOOKS = "CREATE TABLE book (id INTEGER PRIMARY KEY, title TEXT); INSERT INTO book VALUES (1, 'Emma')"


def make(path: Path, script: str = BOOKS) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return path


def titles(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [title for (title,) in connection.execute("SELECT title FROM book ORDER BY id")]


OPENINGS = {
    "connect": "sqlite3.connect({path!r})",
    "dbapi2": "sqlite3.dbapi2.connect({path!r})",
    "a path object": "sqlite3.connect(pathlib.Path({path!r}))",
    "bytes": "sqlite3.connect({path!r}.encode())",
    "a URI": "sqlite3.connect('file://' + {path!r} + '?mode=rw', uri=True)",
    "positional": "sqlite3.connect({path!r}, 5.0, 0, '', True, sqlite3.Connection, 128, False)",
    "a class": "sqlite3.connect({path!r}, factory=Own)",
    "a function": "sqlite3.connect({path!r}, factory=lambda *a, **k: sqlite3.Connection(*a, **k))",
    "from elsewhere": "(os.chdir('/'), sqlite3.connect(os.path.relpath({path!r})))[1]",
}
WORK = """
import os, pathlib, sqlite3
class Own(sqlite3.Connection):
    def cursor(self):
        return super().cursor()
connection = {opening}
connection.isolation_level = None
connection.execute("INSERT INTO book VALUES (?, ?)", (2, "Watt"))
print(connection.execute("SELECT count(*) FROM book").fetchone()[0])
"""


@pytest.mark.parametrize("opening", OPENINGS.values(), ids=OPENINGS)
@pytest.mark.parametrize("place", ["outside", "project"])
def test_writes_go_to_a_copy(replays: ReplayFolder, opening: str, place: str) -> None:
    folder = replays.project if place == "project" else replays.folder
    original = make(folder / "books.db")
    program = WORK.format(opening=opening.format(path=str(original)))
    copies, printed = replays.replay(program)
    assert printed == "2\n"
    assert titles(original) == ["Emma"]
    assert copies.contents()["books.db.book"].rows == (("1", "Emma"), ("2", "Watt"))
    assert copies.problems == []
    assert copies.statement_count() == 2
    assert replays.replay(program)[1] == "2\n"  # the next replay begins as this one did


def test_relative_paths_are_those_of_the_scratch_copy(replays: ReplayFolder) -> None:
    original = make(replays.project / "books.db")
    copies, printed = replays.replay(WORK.format(opening="sqlite3.connect('books.db')"))
    assert printed == "2\n"
    assert titles(original) == ["Emma"]
    assert [(found.kind, found.name) for found in copies.decisions()] == [("in place", "books.db")]
    assert len(copies.contents()["books.db.book"].rows) == 2


def test_the_scratch_copy_has_what_is_still_in_the_log(replays: ReplayFolder) -> None:
    with closing(sqlite3.connect(replays.project / "books.db")) as writing:
        writing.execute("PRAGMA journal_mode = WAL")
        writing.executescript(BOOKS)
        writing.execute("INSERT INTO book VALUES (7, 'not yet committed')")
        copies, printed = replays.replay(WORK.format(opening="sqlite3.connect('books.db')"))
    assert printed == "2\n"
    assert [title for _, title in copies.contents()["books.db.book"].rows] == ["Emma", "Watt"]


def test_a_log_beside_a_file_outside_goes_along(replays: ReplayFolder) -> None:
    path = replays.folder / "books.db"
    with closing(sqlite3.connect(path)) as writing:
        writing.execute("PRAGMA journal_mode = WAL")
        writing.executescript(BOOKS)
        _, printed = replays.replay(WORK.format(opening=f"sqlite3.connect({str(path)!r})"))
    assert printed == "2\n"
    assert titles(path) == ["Emma"]


def test_processes_of_a_replay_share_a_copy(replays: ReplayFolder) -> None:
    original = make(replays.folder / "books.db")
    program = f"""
    import os, sqlite3
    for number in range(2, 6):
        if os.fork() == 0:
            with sqlite3.connect({str(original)!r}, timeout=60) as connection:
                connection.execute("INSERT INTO book VALUES (?, 'x')", (number,))
            os._exit(0)
    assert [os.wait()[1] for _ in range(4)] == [0, 0, 0, 0]
    print(sqlite3.connect({str(original)!r}).execute("SELECT count(*) FROM book").fetchone())
    """
    copies, printed = replays.replay(program)
    assert printed == "(5,)\n"
    assert len(copies.decisions()) == 1
    assert copies.statement_count() == 5
    assert titles(original) == ["Emma"]


def test_the_original_may_change_between_replays(replays: ReplayFolder) -> None:
    original = make(replays.folder / "books.db")
    program = WORK.format(opening=f"sqlite3.connect({str(original)!r})")
    first, _ = replays.replay(program)
    with closing(sqlite3.connect(original)) as connection, connection:
        connection.execute("DELETE FROM book")
    second, _ = replays.replay(program)
    assert first.contents() == second.contents()


def test_attached_files_are_copies(replays: ReplayFolder) -> None:
    original = str(make(replays.folder / "it's books.db"))
    program = f"""
    import sqlite3
    original = {original!r}
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("ATTACH ? AS a", (original,))
    connection.execute("ATTACH DATABASE :path AS b", {{"path": original}})
    connection.executescript("SELECT 1; attach '" + original.replace("'", "''") + "' AS c")
    connection.execute("INSERT INTO a.book VALUES (2, 'Watt')")
    print([connection.execute(f"SELECT count(*) FROM {{name}}.book").fetchone()[0] for name in "abc"])
    """
    copies, printed = replays.replay(program)
    assert printed == "[2, 2, 2]\n"
    assert titles(Path(original)) == ["Emma"]
    assert len(copies.contents()["it's books.db.book"].rows) == 2
    assert copies.problems == ["rows of SQLite databases in memory are not compared"]


def test_what_opens_a_file_past_connect_is_refused(replays: ReplayFolder) -> None:
    original = make(replays.folder / "books.db")
    program = f"""
    import sqlite3
    try:
        sqlite3.Connection({str(original)!r})
    except PermissionError as error:
        print(error)
    sqlite3.Connection(":memory:").close()
    """
    _, printed = replays.replay(program)
    assert (
        printed
        == f"a replay leads sqlite3.connect() to a copy; {original} was opened in another way, which it refuses\n"
    )


def test_what_cannot_be_copied_is_not_opened(replays: ReplayFolder) -> None:
    path = replays.folder / "books.db"
    path.write_bytes(b"no database, but long enough to be taken for one" * 100)
    program = f"""
    import sqlite3
    try:
        sqlite3.connect({str(path)!r})
    except Exception as error:
        print(error)
    """
    copies, printed = replays.replay(program)
    assert printed.startswith(f"a replay cannot work on a copy of {path}: cannot copy the SQLite database")
    assert "file is not a database" in printed
    assert copies.decisions() == []


def test_a_new_file_is_made_in_the_replay(replays: ReplayFolder) -> None:
    path = replays.folder / "new.db"
    copies, _ = replays.replay(f"""
    import sqlite3
    for _ in range(2):
        connection = sqlite3.connect({str(path)!r})
        connection.executescript("CREATE TABLE IF NOT EXISTS note (text); INSERT INTO note VALUES (1)")
        connection.close()
    """)
    assert not path.exists()
    assert copies.contents()["new.db.note"].rows == (("1",), ("1",))


def test_files_of_the_replay_are_used_as_they_are(replays: ReplayFolder) -> None:
    copies, printed = replays.replay("""
    import os, pathlib, sqlite3
    temporary = pathlib.Path("../tmp").resolve()
    temporary.mkdir()
    sqlite3.connect(temporary / "x.db").execute("CREATE TABLE a (b)")
    print(os.listdir(temporary))
    sqlite3.connect("made.db").execute("CREATE TABLE a (b)")
    """)
    assert printed == "['x.db']\n"
    assert [(found.kind, found.name) for found in copies.decisions()] == [("created", "made.db")]


def test_counts_what_the_program_executes_and_nothing_of_its_listener(replays: ReplayFolder) -> None:
    copies, printed = replays.replay("""
    import sqlite3, threading
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    heard = []
    connection.set_trace_callback(heard.append)
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE a (b)")
    cursor.executemany("INSERT INTO a VALUES (?)", [(1,), (2,), (3,)])
    threads = [threading.Thread(target=connection.execute, args=("SELECT 1",)) for _ in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    print(len([statement for statement in heard if "INSERT" in statement]), type(cursor).__name__)
    """)
    assert printed == "3 Cursor\n"
    assert copies.statement_count() == 6


async def test_aiosqlite(replays: ReplayFolder) -> None:
    original = make(replays.folder / "books.db")
    copies, printed = replays.replay(f"""
    import aiosqlite, asyncio
    async def work():
        async with aiosqlite.connect({str(original)!r}) as connection:
            await connection.execute("DELETE FROM book")
            await connection.commit()
            async with connection.execute("SELECT * FROM book") as cursor:
                print(await cursor.fetchall())
    asyncio.run(work())
    """)
    assert printed == "[]\n"
    assert titles(original) == ["Emma"]
    assert copies.statement_count() == 2


def test_dropping_removes_the_copies(replays: ReplayFolder) -> None:
    original = make(replays.folder / "books.db")
    copies, _ = replays.replay(WORK.format(opening=f"sqlite3.connect({str(original)!r})"))
    (decision,) = copies.decisions()
    assert Path(decision.copy).exists()
    copies.drop()
    assert not Path(decision.copy).exists()
    assert original.exists()
