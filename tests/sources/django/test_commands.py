"""Management commands as units of work."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils.connection import ConnectionDoesNotExist

from ennead.agent.snapshot import snapshot
from ennead.agent.units import AGENT, Recording
from ennead.kernel.records import RawUnitOfWork
from ennead.sources.django import commands, queries
from tests.sources.django.rows import orders
from tests.sources.django.shop.management.commands import remind, shell_plus


@contextmanager
def listening() -> Iterator[list[RawUnitOfWork]]:
    ended: list[RawUnitOfWork] = []

    def listen(unit: Any) -> None:
        ended.append(snapshot(unit))

    queries.install()
    commands.install()
    AGENT.add_listener(listen)
    try:
        yield ended
    finally:
        AGENT.remove_listener(listen)
        commands.uninstall()
        queries.uninstall()


def test_a_command_is_a_unit_of_work() -> None:
    orders(2)
    out = io.StringIO()
    with listening() as ended:
        call_command("remind", stdout=out)
    assert out.getvalue() == "customer 0\ncustomer 1\n"
    (unit,) = ended
    assert (unit.name, unit.kind, len(unit.queries)) == ("manage.py remind", "command", 3)
    assert {query.call_path[-1].function for query in unit.queries} == {"Command.handle"}


def test_a_command_run_from_the_command_line_is_one_unit() -> None:
    with listening() as ended:
        remind.Command().run_from_argv(["manage.py", "remind", "--skip-checks"])
    assert [unit.name for unit in ended] == ["manage.py remind"]


def test_a_shell_is_none() -> None:
    with listening() as ended:
        call_command(shell_plus.Command(), stdout=io.StringIO())
    assert ended == []


def test_a_command_that_fails_ends_its_unit() -> None:
    with listening() as ended, pytest.raises(ConnectionDoesNotExist):
        call_command("flush", database="nowhere", interactive=False)
    assert [unit.name for unit in ended] == ["manage.py flush"]


@pytest.mark.parametrize("kind", ["request", "job", "command"])
def test_a_command_called_by_other_work_is_part_of_it(kind: Any) -> None:
    with listening() as ended, Recording("outer", kind):
        call_command("remind", stdout=io.StringIO())
    assert [(unit.name, len(unit.queries)) for unit in ended] == [("outer", 1)]


def test_a_command_in_a_profile_is_a_nested_unit() -> None:
    with listening() as ended, Recording("outer", "profile", explicit=True) as recording:
        call_command("remind", stdout=io.StringIO())
    assert ended == []
    assert recording.unit is not None
    assert [query.unit for query in snapshot(recording.unit).queries] == [1]


def test_nothing_is_left_behind() -> None:
    before = dict(vars(BaseCommand))
    with listening():
        pass
    assert dict(vars(BaseCommand)) == before
