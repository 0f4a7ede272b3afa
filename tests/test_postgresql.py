"""The PostgreSQL fixture itself: what it hands out works, and no server is a failure in CI only."""

import psycopg
import pytest

from tests import postgresql


@pytest.mark.postgresql
def test_hands_out_an_empty_database_of_its_own(postgresql_url: str) -> None:
    with postgresql.database(postgresql_url) as url, psycopg.connect(url) as connection:
        name = connection.execute("SELECT current_database()").fetchone()
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert name is not None
    assert name[0].startswith("ennead_test_")
    assert tables == (0,)


@pytest.mark.postgresql
def test_drops_the_database_afterwards(postgresql_url: str) -> None:
    with postgresql.database(postgresql_url) as url:
        psycopg.connect(url).close()
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


@pytest.mark.postgresql
@pytest.mark.skipif(postgresql.server_programs() is None, reason="initdb and pg_ctl are not installed")
def test_starts_a_private_server_where_none_runs() -> None:
    with postgresql.private_server() as url:
        with psycopg.connect(url) as connection:
            version = connection.execute("SHOW server_version_num").fetchone()
        assert version is not None
        assert int(version[0]) >= 120_000
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
