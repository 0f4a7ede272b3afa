"""Each variant does what its name says, and leaves nothing behind for the next one."""

from typing import Any

import pytest

from bench.overhead import dbapi_cases
from bench.overhead.__main__ import _dbapi_variants
from bench.overhead.case import BARE, IN_UNIT, OUTSIDE, PROVENANCE, SAMPLED_OUT, SELECTS
from bench.overhead.pairing import rounds
from bench.overhead.variants import empty_django_hook, empty_orm_listeners, in_profile, in_unit, outside, sampled_out
from ennead.agent.unit_of_work import CURRENT
from ennead.sources.registry import INSTALLER

VARIANTS = {variant.name: variant for variant in _dbapi_variants()}


@pytest.mark.parametrize(
    ("name", "recorded"), [(BARE, 0), (OUTSIDE, 0), (SAMPLED_OUT, 0), (IN_UNIT, 1), (PROVENANCE, 1)]
)
def test_only_a_unit_of_work_records(name: str, recorded: int) -> None:
    case = dbapi_cases.case()
    with VARIANTS[name].active():
        case.run(case.prepare())
        unit = CURRENT.get()
        assert (0 if unit is None else len(unit.hits)) == recorded * SELECTS
    assert CURRENT.get() is None
    assert not INSTALLER.installed


def test_only_a_profile_keeps_rows() -> None:
    with in_unit():
        plain = CURRENT.get()
    with in_profile():
        profiled = CURRENT.get()
    assert plain is not None
    assert profiled is not None
    assert (plain.provenance, profiled.provenance) == (False, True)


def test_hooks_are_in_place_only_while_a_variant_is_active() -> None:
    import django.db.backends.base.base  # noqa: F401 -- hooked once it is imported
    from django.db.backends.utils import CursorWrapper

    bare = CursorWrapper.execute
    for active in (empty_django_hook, outside, in_unit, sampled_out):
        with active():
            assert CursorWrapper.execute is not bare
        assert CursorWrapper.execute is bare


def test_listeners_go_again() -> None:
    from sqlalchemy.orm import Session

    with empty_orm_listeners():
        assert list(_listeners(Session())) != []
    assert list(_listeners(Session())) == []


def _listeners(session: Any) -> Any:
    return session.dispatch.do_orm_execute


def test_variants_take_turns_and_each_gives_one_sample_a_round() -> None:
    samples = rounds(dbapi_cases.case(), tuple(VARIANTS.values()), 2)
    assert {name: len(taken) for name, taken in samples.items()} == dict.fromkeys(VARIANTS, 2)
    assert all(each.wall_ns > 0 for taken in samples.values() for each in taken)
