"""What is recorded of each cursor call, and that nothing else changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, bindparam, create_engine, event, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from ennead.agent.unit_of_work import CURRENT
from ennead.agent.units import pause
from ennead.sources.sqlalchemy import orm, queries
from tests.sources.sqlalchemy.recording import record
from tests.sources.sqlalchemy.shop import Customer, Order, Tag

TAGS = Tag.metadata.tables["tag"]
EVENTS = ("before_cursor_execute", "after_cursor_execute", "handle_error", "begin", "commit", "rollback")


def memory_engine() -> Engine:
    return create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})


class TestStatements:
    def test_orm_core_text_and_driver_sql(self, session: Session) -> None:
        with record() as recorded:
            session.get_one(Tag, 1)
            session.execute(select(TAGS).where(TAGS.c.id == 2)).all()
            session.execute(text("SELECT name FROM tag WHERE id = :id"), {"id": 1}).all()
            session.connection().exec_driver_sql("SELECT name FROM tag WHERE id = ?", (2,)).all()
        assert [hit.parameters for hit in recorded.hits] == [(1,), (2,), (1,), (2,)]
        assert [query.row_count for query in recorded.queries] == [1, 1, 1, 1]
        assert {query.operation for query in recorded.queries} == {"select"}
        assert {query.tables for query in recorded.queries} == {("tag",)}
        assert {(query.connection, query.database) for query in recorded.queries} == {("sqlite", "sqlite")}
        assert all(query.duration_ns > 0 for query in recorded.queries)

    def test_call_path(self, session: Session) -> None:
        def access(customer: Customer) -> list[Order]:
            return customer.orders

        with record() as recorded:
            for customer in session.scalars(select(Customer)).all():
                access(customer)
        here = self.test_call_path.__name__
        assert recorded.paths[0][:1] == [(here, "for customer in session.scalars(select(Customer)).all():")]
        for path in recorded.paths[1:]:
            assert path[:2] == [("access", "return customer.orders"), (here, "access(customer)")]

    def test_statement_as_the_host_rewrote_it(self, engine: Engine, hooks: None) -> None:
        def comment(
            connection: object, cursor: object, statement: str, parameters: object, context: object, many: object
        ) -> tuple[str, object]:
            return f"{statement} /* by the host */", parameters

        event.listen(engine, "before_cursor_execute", comment, retval=True)
        with record() as recorded, engine.connect() as connection:
            assert connection.scalar(text("SELECT 1")) == 1
        assert recorded.statements == ["SELECT 1 /* by the host */"]

    def test_nothing_outside_of_units_of_work_and_while_paused(self, session: Session) -> None:
        session.get_one(Tag, 1)
        with record() as recorded, pause():
            session.get_one(Tag, 2)
        assert recorded.queries == ()
        assert CURRENT.get() is None

    def test_unit_of_work_that_begins_in_mid_execution(self, session: Session) -> None:
        result = session.execute(select(Tag))
        with record() as recorded:
            assert len(result.all()) == 2
        assert recorded.queries == ()


class TestErrors:
    def test_statement_that_fails(self, session: Session) -> None:
        with record() as recorded:
            with pytest.raises(OperationalError, match="no such table: nowhere"):
                session.execute(text("SELECT * FROM nowhere"))
            session.rollback()
            session.add(Tag(id=1, name="again"))
            with pytest.raises(IntegrityError):
                session.flush()
        assert [(query.operation, query.error) for query in recorded.queries] == [
            ("select", "OperationalError"),
            ("insert", "IntegrityError"),
        ]

    def test_lazy_load_that_fails_keeps_its_evidence(self, session: Session) -> None:
        customer = session.get_one(Customer, 1)
        session.execute(text("ALTER TABLE orders RENAME TO gone"))
        with record() as recorded, pytest.raises(OperationalError):
            assert customer.orders
        (failed,) = recorded.queries
        assert failed.error == "OperationalError"
        assert failed.orm is not None
        assert failed.orm.relation == "Customer.orders"
        assert failed.call_path[0].source == "assert customer.orders"

    def test_error_after_the_execution_is_not_recorded_twice(self, engine: Engine, hooks: None) -> None:
        def fail(*_: object) -> None:
            message = "the host's own listener"
            raise RuntimeError(message)

        event.listen(engine, "after_cursor_execute", fail)
        with record() as recorded, engine.connect() as connection, pytest.raises(RuntimeError, match="own listener"):
            connection.execute(text("SELECT 1"))
        assert [query.error for query in recorded.queries] == [None]

    def test_host_that_translates_errors(self, engine: Engine, hooks: None) -> None:
        class OurError(Exception):
            pass

        def translate(context: object) -> None:
            raise OurError

        event.listen(engine, "handle_error", translate)
        with record() as recorded, engine.connect() as connection, pytest.raises(OurError):
            connection.execute(text("SELECT * FROM nowhere"))
        assert [query.error for query in recorded.queries] == ["OperationalError"]


class TestBatches:
    def test_executemany(self, session: Session) -> None:
        with record() as recorded:
            session.connection().execute(
                update(TAGS).where(TAGS.c.id == bindparam("key")).values(name="x"),
                [{"key": 1}, {"key": 2}],
            )
        assert [query.batch_size for query in recorded.queries] == [2]

    def test_insert_that_sqlalchemy_cuts_into_cursor_calls_is_one(self, session: Session) -> None:
        with record() as recorded:
            session.add_all([Tag(name=f"tag {number}") for number in range(5)])
            session.flush()
        (inserted,) = recorded.queries
        assert inserted.operation == "insert"
        assert inserted.batch_size == 5
        assert inserted.row_count is None

    def test_bulk_insert(self, session: Session) -> None:
        rows = [{"name": f"tag {number}"} for number in range(5)]
        with record() as recorded:
            session.execute(insert(Tag), rows)
            assert len(session.scalars(insert(Tag).returning(Tag), rows).all()) == 5
        assert [query.batch_size for query in recorded.queries] == [5, 5]

    def test_pages_of_a_bulk_insert_are_added_up(self, session: Session) -> None:
        statement = insert(TAGS).returning(TAGS.c.id)
        rows = [{"name": f"tag {number}"} for number in range(5)]
        with record() as recorded:
            result = session.connection(execution_options={"insertmanyvalues_page_size": 2}).execute(statement, rows)
            assert len(result.all()) == 5
        assert [query.batch_size for query in recorded.queries] == [5]

    def test_single_inserts_stay_single(self, session: Session) -> None:
        with record() as recorded:
            for number in range(3):
                session.add(Tag(name=f"tag {number}"))
                session.flush()
        assert [query.batch_size for query in recorded.queries] == [1, 1, 1]

    def test_batch_that_fails(self, session: Session) -> None:
        with record() as recorded, pytest.raises(IntegrityError):
            session.execute(insert(Tag), [{"id": 10, "name": "x"}, {"id": 10, "name": "y"}])
        assert [(query.error, query.batch_size) for query in recorded.queries] == [("IntegrityError", 2)]


class TestEngines:
    def test_engines_and_connections_from_before(self) -> None:
        engine = memory_engine()
        with engine.connect() as connection:
            queries.install()
            try:
                with record() as recorded:
                    connection.execute(text("SELECT 1"))
            finally:
                queries.uninstall()
            with record() as afterwards:
                connection.execute(text("SELECT 1"))
        engine.dispose()
        assert len(recorded.queries) == 1
        assert afterwards.queries == ()

    def test_variant_of_an_engine_is_recorded_once(self, engine: Engine, hooks: None) -> None:
        variant = engine.execution_options(isolation_level="SERIALIZABLE")
        with record() as recorded:
            for each in (engine, variant):
                with each.connect() as connection:
                    connection.execute(text("SELECT 1"))
        assert [query.connection for query in recorded.queries] == ["sqlite", "sqlite"]

    def test_install_twice_and_uninstall_twice(self) -> None:
        assert queries.install() == queries.install()
        engine = memory_engine()
        with record() as recorded, engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        queries.uninstall()
        queries.uninstall()
        engine.dispose()
        assert len(recorded.queries) == 1

    def test_uninstall_leaves_no_listener(self) -> None:
        before = _listeners_of_the_library()
        queries.install()
        orm.install()
        assert _listeners_of_the_library() != before
        orm.uninstall()
        queries.uninstall()
        assert _listeners_of_the_library() == before


def _listeners_of_the_library() -> dict[str, int]:
    engine = memory_engine()
    counts = {name: len(list(getattr(engine.dispatch, name))) for name in EVENTS if name != "handle_error"}
    counts["handle_error"] = len(list(engine.dialect.dispatch.handle_error))
    counts["do_orm_execute"] = len(list(Session().dispatch.do_orm_execute))
    engine.dispose()
    return counts


class TestConnectionNames:
    @pytest.fixture
    def names(self, hooks: None, tmp_path: Path) -> Callable[..., list[str]]:
        def names_of(*engines: Engine) -> list[str]:
            with record() as recorded:
                for engine in engines:
                    with engine.connect() as connection:
                        connection.execute(text("SELECT 1"))
                    engine.dispose()
            return [query.connection for query in recorded.queries]

        return names_of

    def test_shards_in_memory(self, names: Callable[..., list[str]]) -> None:
        assert names(memory_engine(), memory_engine(), memory_engine()) == ["sqlite", "sqlite#2", "sqlite#3"]

    def test_shards_in_files(self, names: Callable[..., list[str]], tmp_path: Path) -> None:
        (tmp_path / "west").mkdir()
        urls = [f"sqlite:///{tmp_path}/shop.db", f"sqlite:///{tmp_path}/west/shop.db", f"sqlite:///{tmp_path}/b.db"]
        assert names(*map(create_engine, urls)) == ["shop.db", "shop.db#2", "b.db"]

    def test_two_engines_of_one_database(self, names: Callable[..., list[str]], tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path}/shop.db"
        assert names(create_engine(url), create_engine(url)) == ["shop.db", "shop.db"]


class TestTransactions:
    def test_ordinals(self, session: Session) -> None:
        with record() as recorded:
            session.get_one(Tag, 1)
            session.get_one(Tag, 2)
            session.commit()
            session.scalars(select(Tag)).all()
            session.rollback()
            session.scalars(select(Order)).all()
        assert [query.transaction for query in recorded.queries] == [1, 1, 2, 3]

    def test_savepoints_belong_to_their_transaction(self, session: Session) -> None:
        with record() as recorded:
            for name in ("x", "y"):
                with session.begin_nested():
                    session.add(Tag(name=name))
        operations = [query.operation for query in recorded.queries if query.operation == "insert"]
        assert operations == ["insert", "insert"]
        assert {query.transaction for query in recorded.queries} == {1}

    def test_concurrent_transactions_of_one_engine(self, shop_file: Path, hooks: None) -> None:
        engine = create_engine(f"sqlite:///{shop_file}")
        with record() as recorded, Session(engine) as one, Session(engine) as other:
            one.get(Tag, 1)
            other.get(Tag, 1)
            one.get(Tag, 2)
        engine.dispose()
        assert [query.transaction for query in recorded.queries] == [1, 2, 1]
        assert {query.connection for query in recorded.queries} == {"shop.db"}

    def test_unit_of_work_in_mid_transaction(self, session: Session) -> None:
        session.get_one(Tag, 1)
        with record() as recorded:
            session.get_one(Tag, 2)
            session.commit()
            session.scalars(select(Tag)).all()
        assert [query.transaction for query in recorded.queries] == [1, 2]
