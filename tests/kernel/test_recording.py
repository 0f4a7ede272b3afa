"""How a domain gets its recorder."""

from typing import cast

import pytest

from ennead.kernel import recording
from ennead.kernel.errors import EnneadError
from ennead.kernel.recording import Recorder, default_recorder, provide_recorder


@pytest.fixture(autouse=True)
def _providers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of our own, put back afterwards."""
    monkeypatch.setattr(recording, "_providers", [])


def test_says_how_to_get_a_recorder_where_there_is_none() -> None:
    with pytest.raises(EnneadError, match=r"^no recorder was provided: import ennead before profiling$"):
        default_recorder()


def test_the_last_one_provided_counts() -> None:
    first, second = cast("Recorder", object()), cast("Recorder", object())
    provide_recorder(lambda _: first)
    provide_recorder(lambda _: second)
    assert default_recorder() is second


def test_a_recorder_is_asked_for_only_when_it_is_needed() -> None:
    asked: list[str] = []
    recorder = cast("Recorder", object())

    def provider(_: object) -> Recorder:
        asked.append("now")
        return recorder

    provide_recorder(provider)
    assert asked == []
    assert default_recorder() is recorder
    assert asked == ["now"]


def test_it_is_made_for_the_engine_that_analyses() -> None:
    asked: list[object] = []
    engine, recorder = object(), cast("Recorder", object())

    def provider(told: object) -> Recorder:
        asked.append(told)
        return recorder

    provide_recorder(provider)
    default_recorder(engine)
    default_recorder()
    assert asked == [engine, None]
