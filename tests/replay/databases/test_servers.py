"""Connections to servers: the originals stay as they are, whatever the driver and the statement."""

from __future__ import annotations

from contextlib import closing
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pymysql  # type: ignore[import-untyped]
import pytest

from ennead.kernel.errors import EnneadError
from ennead.replay.databases.copies import DatabaseCopies
from ennead.replay.databases.mariadb_server import MariaDBServer
from ennead.replay.databases.plan import PREFIX
from ennead.replay.databases.postgresql_server import PostgreSQLServer
from tests.replay.databases.replays import ReplayFolder

PSYCOPG = """
import psycopg
with psycopg.connect({url!r}) as connection:
    connection.execute("INSERT INTO book (title) VALUES ('Watt')")
    print(connection.execute("SELECT count(*) FROM book").fetchone()[0])
"""
POSTGRESQL_WORK = {
    "psycopg": PSYCOPG,
    "psycopg by keywords": """
    import psycopg
    from psycopg.conninfo import conninfo_to_dict
    with psycopg.Connection.connect(**conninfo_to_dict({url!r}), autocommit=True) as connection:
        cursor = connection.cursor()
        cursor.executemany("INSERT INTO book (title) VALUES (%s)", [("Watt",)])
        print(cursor.execute("SELECT count(*) FROM book").fetchone()[0])
    """,
    "psycopg by the environment": """
    import os, psycopg
    from psycopg.conninfo import conninfo_to_dict
    for name, value in conninfo_to_dict({url!r}).items():
        os.environ["PGDATABASE" if name == "dbname" else f"PG{{name.upper()}}"] = str(value)
    with psycopg.connect() as connection, connection.cursor("named") as cursor:
        connection.execute("INSERT INTO book (title) VALUES ('Watt')")
        print(cursor.execute("SELECT count(*) FROM book").fetchone()[0])
    """,
    "asynchronous psycopg": """
    import asyncio, psycopg
    async def work():
        async with await psycopg.AsyncConnection.connect({url!r}) as connection:
            await connection.execute("INSERT INTO book (title) VALUES ('Watt')")
            print((await (await connection.execute("SELECT count(*) FROM book")).fetchone())[0])
    asyncio.run(work())
    """,
    "asyncpg": """
    import asyncio, asyncpg
    async def work():
        connection = await asyncpg.connect({url!r})
        async with connection.transaction():
            await connection.execute("INSERT INTO book (title) VALUES ($1)", "Watt")
        print(await connection.fetchval("SELECT count(*) FROM book"))
        await connection.close()
    asyncio.run(work())
    """,
    "a pool of asyncpg": """
    import asyncio, asyncpg
    async def work():
        async with asyncpg.create_pool({url!r}, min_size=1, max_size=2) as pool:
            await pool.execute("INSERT INTO book (title) VALUES ($1)", "Watt")
            async with pool.acquire() as connection:
                statement = await connection.prepare("SELECT count(*) FROM book")
                print(await statement.fetchval())
    asyncio.run(work())
    """,
    "SQLAlchemy": """
    from sqlalchemy import create_engine, text
    engine = create_engine({url!r}.replace("postgresql://", "postgresql+psycopg://"), pool_pre_ping=False)
    @__import__("sqlalchemy").event.listens_for(engine, "first_connect", insert=True)
    def begun(connection, record): print(end="")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO book (title) VALUES ('Watt')"))
        print(connection.execute(text("SELECT count(*) FROM book")).scalar())
    """,
}


def titles(url: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return [title for (title,) in connection.execute("SELECT title FROM book ORDER BY id")]


def name_of(url: str) -> str:
    return urlsplit(url).path[1:]


def server_of(url: str) -> PostgreSQLServer:
    parts = urlsplit(url)
    return PostgreSQLServer({"host": parts.hostname, "port": str(parts.port), "user": parts.username})


def finish(replays: ReplayFolder, *copies: DatabaseCopies) -> None:
    for each in copies:
        each.drop()
        assert each.problems == []
    replays.store.drop()


@pytest.mark.postgresql
@pytest.mark.parametrize("program", POSTGRESQL_WORK.values(), ids=POSTGRESQL_WORK)
def test_postgresql(replays: ReplayFolder, postgresql_database: str, program: str) -> None:
    copies, printed = replays.replay(program.format(url=postgresql_database))
    again, printed_again = replays.replay(program.format(url=postgresql_database))
    assert (printed, printed_again) == ("2\n", "2\n")
    assert titles(postgresql_database) == ["Emma"]
    name = name_of(postgresql_database)
    assert copies.contents()[f"{name}.book"].rows == (("1", "Emma"), ("2", "Watt"))
    if "create_engine" not in program:  # SQLAlchemy asks for versions and the like
        assert copies.statement_count() == 2
    server = server_of(postgresql_database)
    made = [decision.copy for each in (copies, again) for decision in each.decisions()]
    assert all(server.exists(copy) and copy.startswith(PREFIX) for copy in made)
    finish(replays, copies, again)
    assert not any(server.exists(copy) for copy in made)
    assert titles(postgresql_database) == ["Emma"]


@pytest.mark.postgresql
def test_a_database_in_use_is_dumped(replays: ReplayFolder, postgresql_database: str) -> None:
    with psycopg.connect(postgresql_database) as using:
        using.execute("SELECT 1")
        copies, printed = replays.replay(PSYCOPG.format(url=postgresql_database))
    assert printed == "2\n"
    assert titles(postgresql_database) == ["Emma"]
    finish(replays, copies)


@pytest.mark.postgresql
def test_what_is_missing_is_told(
    replays: ReplayFolder, postgresql_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = f"""
    import psycopg
    try:
        psycopg.connect({postgresql_database!r})
    except Exception as error:
        print(error)
    """
    monkeypatch.setenv("PATH", "/nowhere")
    with psycopg.connect(postgresql_database) as using:
        using.execute("SELECT 1")
        _, printed = replays.replay(program)
    assert "is being accessed by other users" in printed
    assert "pg_dump is not installed, or not on the PATH" in printed
    assert titles(postgresql_database) == ["Emma"]
    replays.store.drop()


@pytest.mark.postgresql
def test_processes_and_names_of_a_server_share_a_copy(replays: ReplayFolder, postgresql_database: str) -> None:
    other = postgresql_database.replace("127.0.0.1", "localhost")
    assert other != postgresql_database
    program = f"""
    import asyncio, asyncpg, os, psycopg
    for _ in range(3):
        if os.fork() == 0:
            psycopg.connect({other!r}, autocommit=True).execute("INSERT INTO book (title) VALUES ('x')")
            os._exit(0)
    assert [os.wait()[1] for _ in range(3)] == [0, 0, 0]
    async def work():
        connection = await asyncpg.connect({postgresql_database!r})
        print(await connection.fetchval("SELECT count(*) FROM book"))
    asyncio.run(work())
    """
    copies, printed = replays.replay(program)
    assert printed == "4\n"
    assert copies.statement_count() == 4
    assert len(copies.decisions()) == 1
    finish(replays, copies)


TEST_RUNNER = """
import asyncio, psycopg
def runs(sql, url={server!r}):
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else None
runs('CREATE DATABASE "{name}"')
runs("CREATE TABLE note (text text)", {url!r})
runs("INSERT INTO note VALUES ('x')", {url!r})
runs("CREATE DATABASE {name}_1 TEMPLATE {name}")
print(runs("SELECT text FROM note", {url!r} + "_1"))
runs("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}_1'")
runs("DROP DATABASE {name}_1")
"""


@pytest.mark.postgresql
@pytest.mark.parametrize("exists", [False, True], ids=["new", "there already"])
def test_databases_that_the_work_creates(replays: ReplayFolder, postgresql_database: str, exists: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    url = postgresql_database if exists else f"{postgresql_database}_test"
    maintenance = urlunsplit(urlsplit(postgresql_database)._replace(path="/postgres"))
    copies, printed = replays.replay(TEST_RUNNER.format(server=maintenance, name=name_of(url), url=url))
    assert printed == "[('x',)]\n"
    server = server_of(postgresql_database)
    assert server.exists(name_of(url)) is exists
    assert not server.exists(f"{name_of(url)}_1")
    assert titles(postgresql_database) == ["Emma"]
    assert copies.contents()[f"{name_of(url)}.note"].rows == (("x",),)
    finish(replays, copies)


@pytest.mark.postgresql
def test_dropping_the_original_drops_nothing(replays: ReplayFolder, postgresql_database: str) -> None:
    maintenance = urlunsplit(urlsplit(postgresql_database)._replace(path="/postgres"))
    copies, _ = replays.replay(f"""
    import psycopg
    with psycopg.connect({maintenance!r}, autocommit=True) as connection:
        connection.execute("DROP DATABASE {name_of(postgresql_database)}")
    """)
    assert titles(postgresql_database) == ["Emma"]
    finish(replays, copies)


@pytest.mark.postgresql
def test_leftovers_of_a_server_are_dropped_with_the_copies_of_a_later_replay(
    replays: ReplayFolder, postgresql_database: str
) -> None:
    server = server_of(postgresql_database)
    old, new = f"{PREFIX}00000001_abcdef_x", f"{PREFIX}ffffffff_abcdef_x"
    for name in (old, new):
        server.ask(f'CREATE DATABASE "{name}"')
    try:
        copies, _ = replays.replay(f"""
        import psycopg
        psycopg.connect({postgresql_database!r}).close()
        """)
        assert server.exists(old)
        finish(replays, copies)
        assert not server.exists(old)
        assert server.exists(new)
    finally:
        server.drop(new)


@pytest.mark.postgresql
def test_grown_copies(replays: ReplayFolder, postgresql_database: str) -> None:
    from ennead.replay.databases.grown_store import GrownStore

    first, _ = replays.replay(PSYCOPG.format(url=postgresql_database))
    grown = GrownStore.create(replays.folder / "grown", replays.store, {"book"}, factor=5)
    second, printed = replays.replay(PSYCOPG.format(url=postgresql_database), store=grown.store)
    assert printed == "6\n"
    assert titles(postgresql_database) == ["Emma"]
    grown.store.drop()
    finish(replays, first, second)


# ------------------------------------------------------------------------------------------------ MariaDB

MARIADB_WORK = """
import pymysql
connection = pymysql.connect({arguments}, autocommit=True)
cursor = connection.cursor()
{before}
cursor.execute("INSERT INTO {table} (title) VALUES (%s)", ("Watt",))
cursor.executemany("UPDATE {table} SET cover = %s WHERE id = %s", [(b"1", 1), (b"2", 2)])
cursor.execute("SELECT count(*) FROM {table} WHERE extract(year from made) > 1")
print(cursor.fetchone()[0])
"""
MARIADB_OPENINGS = {
    "connect": ("**{settings!r}", "", "book"),
    "use": ("**{server!r}", "cursor.execute('USE ' + {name!r})", "book"),
    "select_db": ("**{server!r}", "connection.select_db({name!r})", "book"),
    "deferred": ("**{settings!r}, defer_connect=True", "connection.connect()", "book"),
    "lost and found": ("**{settings!r}", "connection._force_close(); connection.connect()", "book"),
    "qualified": ("**{server!r}", "", "`{name}`.book"),
}


@pytest.mark.mariadb
@pytest.mark.parametrize(("arguments", "before", "table"), MARIADB_OPENINGS.values(), ids=MARIADB_OPENINGS)
def test_mariadb(
    replays: ReplayFolder, mariadb_database: dict[str, Any], arguments: str, before: str, table: str
) -> None:
    from tests import mariadb

    name = mariadb_database["database"]
    server = {key: value for key, value in mariadb_database.items() if key != "database"}
    mariadb.run(server, "ALTER TABLE book ADD made date DEFAULT '2026-01-01'", name=name)
    names = {"settings": mariadb_database, "server": server, "name": name}
    program = MARIADB_WORK.format(
        arguments=arguments.format(**names), before=before.format(**names), table=table.format(**names)
    )
    copies, printed = replays.replay(program)
    again, printed_again = replays.replay(program)
    assert (printed, printed_again) == ("2\n", "2\n")
    assert mariadb.run(server, "SELECT title FROM book", name=name) == [("Emma",)]
    rows = copies.contents()[f"{name}.book"].rows
    assert rows == (("1", "Emma", "31", "2026-01-01"), ("2", "Watt", "32", "2026-01-01"))
    assert copies.statement_count() == 3 + ("USE" in before)
    made = [decision.copy for each in (copies, again) for decision in each.decisions()]
    assert made
    assert all(MariaDBServer(server).exists(copy) for copy in made)
    finish(replays, copies, again)
    assert not any(MariaDBServer(server).exists(copy) for copy in made)


@pytest.mark.mariadb
def test_mariadb_databases_that_the_work_creates(replays: ReplayFolder, mariadb_database: dict[str, Any]) -> None:
    from tests import mariadb

    name = mariadb_database.pop("database")
    copies, printed = replays.replay(f"""
    import pymysql
    server = {mariadb_database!r}
    cursor = pymysql.connect(**server, autocommit=True).cursor()
    cursor.execute("CREATE DATABASE `test_{name}`")
    cursor.execute("CREATE DATABASE `{name}`")
    work = pymysql.connect(**server, database="{name}", autocommit=True).cursor()
    work.execute("CREATE TABLE note (text text)")
    work.execute("INSERT INTO note VALUES ('from nowhere.at all')")
    work.execute("SELECT text FROM note")
    print(work.fetchone())
    cursor.execute("DROP DATABASE `test_{name}`")
    """)
    assert printed == "('from nowhere.at all',)\n"
    assert mariadb.run(mariadb_database, "SELECT title FROM book", name=name) == [("Emma",)]
    assert copies.contents()[f"{name}.note"].rows == (("from nowhere.at all",),)
    finish(replays, copies)


@pytest.mark.mariadb
def test_mariadb_grown_copies(replays: ReplayFolder, mariadb_database: dict[str, Any]) -> None:
    from ennead.replay.databases.grown_store import GrownStore
    from tests import mariadb

    work = f"""
    import pymysql
    cursor = pymysql.connect(**{mariadb_database!r}).cursor()
    cursor.execute("SELECT count(*) FROM book")
    print(cursor.fetchone()[0])
    """
    first, _ = replays.replay(work)
    grown = GrownStore.create(replays.folder / "grown", replays.store, {"book"}, factor=5)
    second, printed = replays.replay(work, store=grown.store)
    assert printed == "5\n"
    name = mariadb_database.pop("database")
    assert mariadb.run(mariadb_database, "SELECT count(*) FROM book", name=name) == [(1,)]
    grown.store.drop()
    finish(replays, first, second)


def test_a_driver_that_is_not_supported_is_refused(replays: ReplayFolder) -> None:
    (replays.project / "oracledb.py").write_text("def connect(*args): print('connected')\n")
    _, printed = replays.replay("""
    import sys; sys.path.insert(0, ".")
    import oracledb
    try:
        oracledb.connect("shop")
    except Exception as error:
        print(error)
    """)
    assert printed == "a replay cannot make copies of databases that are opened by oracledb, so it does not connect\n"


def test_a_server_that_does_not_answer_is_told() -> None:
    server = MariaDBServer({"host": "127.0.0.1", "port": 1, "user": "nobody"})
    with pytest.raises(EnneadError, match="cannot connect to the MariaDB database"):
        server.exists("shop")
    with pytest.raises(EnneadError, match="cannot connect to the PostgreSQL database"):
        PostgreSQLServer({"host": "127.0.0.1", "port": "1"}).exists("shop")


@pytest.mark.mariadb
def test_a_private_server_where_none_runs() -> None:
    from tests import mariadb

    try:
        with mariadb.private_server() as settings:
            assert mariadb.run(settings, "SELECT 1") == [(1,)]
    except mariadb.NoServerError as error:
        pytest.skip(str(error))
    with pytest.raises(pymysql.OperationalError), closing(pymysql.connect(**settings)):
        pass
