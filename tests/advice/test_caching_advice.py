"""Advice to keep an answer, followed to the letter: the same answers with one query, and new ones after a save."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import StaticPool, create_engine, event, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from ennead.domains.nplusone.advice_caching import RepeatedAcrossUnits, caching_advice
from ennead.kernel.call_site import CallSite
from tests.runs.menu_shop import write_shop
from tests.runs.project import Project

PAGES = ("about", "product/1", "basket", "product/2", "about", "basket", "product/3", "about")
AFTER_A_SAVE = (*PAGES, "saved", *PAGES)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    write_shop(made)
    return made


def _walk(project: Project, *pages: str) -> tuple[list[str], list[dict[str, Any]]]:
    """The answers, and what is asked again."""
    walked = project.run(sys.executable, "walk.py", *pages, check=True)
    asked: list[dict[str, Any]] = project.report()["asked_again"]
    return [line for line in walked.stdout.splitlines() if line.startswith("{")], asked


def _follow(project: Project, asked: Mapping[str, Any], *, forgets: bool = True) -> None:
    keep, forget = asked["recommendations"]
    views = project.folder / keep["place"]["file"]
    lines = views.read_text().splitlines()
    number = keep["place"]["line"] - 1
    assert lines[number].strip() == keep["place"]["source"]
    lines[number] = "    " + keep["code"]
    views.write_text("\n".join(["from django.core.cache import cache", *lines]))
    if forgets:
        models = project.folder / "catalogue/models.py"
        models.write_text(f"{models.read_text()}\n\n{forget['code']}\n")


def _queries(project: Project) -> int:
    return sum(unit.query_count for unit in project.units if unit.kind == "request")


def test_django_answers_the_same_with_one_query_instead_of_one_for_each_request(project: Project) -> None:
    before, asked = _walk(project, *PAGES)
    queries = _queries(project)
    _follow(project, asked[0])
    after, rest = _walk(project, *PAGES)
    assert (len(before), after, rest) == (8, before, [])
    assert (queries, _queries(project)) == (8 + 3, 1 + 3)


@pytest.mark.parametrize("forgets", [True, False], ids=["with the receiver", "without it"])
def test_django_answers_anew_after_a_save(project: Project, *, forgets: bool) -> None:
    before, asked = _walk(project, *AFTER_A_SAVE)
    assert before[0] != before[9]
    _follow(project, asked[0], forgets=forgets)
    assert (_walk(project, *AFTER_A_SAVE)[0] == before) is forgets


class Base(DeclarativeBase):
    pass


class TaxRate(Base):
    __tablename__ = "tax_rate"
    id: Mapped[int] = mapped_column(primary_key=True)
    percent: Mapped[int]


def test_sqlalchemy_rows_are_kept_until_they_are_forgotten() -> None:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    line = "rates = session.execute(select(TaxRate.percent).order_by(TaxRate.id)).all()"
    read = RepeatedAcrossUnits(
        "SELECT percent FROM tax_rate", ("tax_rate",), "sqlalchemy", "TaxRate", CallSite("a.py", 1, "f", line), None
    )
    advice = caching_advice(read)
    names: dict[str, Any] = {"select": select, "TaxRate": TaxRate}
    exec(str(advice.recommendations[1].code), names)  # noqa: S102 -- our own advice
    selects: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: selects.append(arguments[2]))

    def answered() -> list[int]:
        with Session(engine) as session:
            names["session"] = session
            exec(str(advice.recommendations[0].code), names)  # noqa: S102 -- our own advice
        return [rate.percent for rate in names["rates"]]

    with Session(engine) as session:
        session.add_all([TaxRate(percent=7), TaxRate(percent=19)])
        session.commit()
    selects.clear()
    assert [answered() for _ in range(5)] == [[7, 19]] * 5
    assert len(selects) == 1
    with Session(engine) as session:
        session.execute(text("UPDATE tax_rate SET percent = percent + 1"))
        session.commit()
    assert answered() == [7, 19]
    names["forget"](advice.key)
    assert answered() == [8, 20]
    engine.dispose()
