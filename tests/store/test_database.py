"""The tables come to be, once, whoever begins; and what cannot be used is told in one line."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.pool import NullPool

import ennead
import ennead.store.database as database_module
from ennead.kernel.errors import EnneadError
from ennead.store.database import Database
from ennead.store.memory import Memory
from ennead.store.schema import METADATA, REVISION, VERSION_TABLE


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


@pytest.fixture
def own_schema(postgresql_url: str) -> str:
    """The URL of an empty schema: migrations begin there from nothing."""
    name = f"s{uuid.uuid4().hex}"
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute(f'CREATE SCHEMA "{name}"'.encode())
    return f"{postgresql_url}?options=-csearch_path%3D{name}"


def test_tables_come_from_nothing_and_only_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'memory.sqlite'}"
    tables = Database(url).read(_tables)
    assert tables >= {"nplusone_ml_patterns", "ennead_runs", "ennead_verdicts", VERSION_TABLE}
    assert Database(url).write(_tables) == tables


@pytest.mark.postgresql
def test_tables_come_from_nothing_on_a_server(own_schema: str) -> None:
    tables = Database(own_schema).read(_tables)
    assert tables == {*METADATA.tables, VERSION_TABLE}
    assert Database(own_schema).write(_tables) == tables


@pytest.mark.postgresql
def test_two_that_begin_at_once_make_one_set_of_tables(own_schema: str) -> None:
    with ThreadPoolExecutor(2) as threads:
        made = list(threads.map(lambda _number: Database(own_schema).write(_tables), range(2)))
    assert made[0] == made[1] == {*METADATA.tables, VERSION_TABLE}


def test_migrations_lead_to_the_tables_as_they_are(empty_file: Path) -> None:
    engine = create_engine(f"sqlite:///{empty_file}", poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, METADATA) == []


def test_the_newest_revision_is_the_one_that_is_known() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(database_module.__file__).with_name("migrations")))
    assert ScriptDirectory.from_config(config).get_current_head() == REVISION


def test_the_public_columns_of_a_pattern_are_those_that_were_promised() -> None:
    columns = list(METADATA.tables["nplusone_ml_patterns"].columns.keys())
    assert columns[1:9] == [
        "pattern_hash",
        "query_template",
        "detection_count",
        "first_detected",
        "last_detected",
        "confidence",
        "severity",
        "fixed",
    ]


def test_its_own_queries_are_no_part_of_what_is_recorded(memory: object, empty_file: Path) -> None:
    with ennead.profile("work") as profile:
        Database(f"sqlite:///{empty_file}").write(_tables)
    assert profile.context.query_count == 0


def test_a_query_beside_it_is_recorded(tmp_path: Path) -> None:
    """The twin of the test above: the same library, the same hooks, without the memory."""
    engine = create_engine(f"sqlite:///{tmp_path / 'other.sqlite'}", poolclass=NullPool)
    with ennead.profile("work") as profile, engine.connect() as connection:
        connection.execute(text("SELECT 1 FROM sqlite_master"))
    assert profile.context.query_count > 0


def test_tables_of_a_newer_version_are_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'memory.sqlite'}"
    Database(url).write(lambda connection: connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")))
    with pytest.raises(EnneadError, match="newer version of Ennead"):
        Database(url).read(_tables)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("nonsense", "must be a URL like postgresql"),
        ("oracle://host/name", "must be of postgresql or sqlite, got oracle"),
        ("sqlite:////nowhere/at/all/memory.sqlite", "cannot be used: unable to open database file"),
        (
            "postgresql://somebody:secret@127.0.0.1:1/name",
            "the memory in postgresql://somebody@127.0.0.1:1/name cannot",
        ),
        (
            "postgresql://127.0.0.1:1/name?password=secret",
            "the memory in postgresql://127.0.0.1:1/name cannot be used: ",
        ),
        ("postgresql://somebody:a@secret@127.0.0.1:1/name", "an @ in ENNEAD_STORE_URL must be written as %40"),
        ("postgresql://somebody:a@b:secret@127.0.0.1:1/name", "must be a URL like postgresql"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line_without_the_password(url: str, told: str) -> None:
    with pytest.raises(EnneadError) as raised:
        Database(url).read(_tables)
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    path.write_text("these are notes, and long enough to be looked at as the header of a file\n" * 20)
    with pytest.raises(EnneadError, match="file is not a database"):
        Database(f"sqlite:///{path}").read(_tables)


def test_a_writer_that_another_one_holds_up_gives_up(either: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "_PATIENCE_SECONDS", 0.05)
    other = Memory(Database(either.database.url.render_as_string(hide_password=False)), either.project)
    assert other.write(_tables)

    def hold(_connection: Connection) -> None:
        with pytest.raises(EnneadError, match=r"cannot be used: .*(lock timeout|database is locked)"):
            other.write(_tables)

    either.write(hold)
    assert other.write(_tables)


@pytest.mark.postgresql
def test_no_statement_on_a_server_runs_for_ever(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(postgresql_url)
    assert database.write(lambda connection: connection.execute(text("SELECT pg_sleep(0)")).rowcount) == 1
    monkeypatch.setattr(database_module, "_STATEMENT_SECONDS", 0.05)
    with pytest.raises(EnneadError, match="statement timeout"):
        database.read(lambda connection: connection.execute(text("SELECT pg_sleep(20)")))
