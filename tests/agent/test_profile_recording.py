"""The recordings that profiles are made of: where they were entered, and what can be read when."""

from __future__ import annotations

import inspect

from ennead.agent.profile_recording import ProfileRecorder, ProfileRecording
from tests.agent.library import execute, make_library


def _line() -> int:
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


def test_names_the_line_that_entered_it() -> None:
    recording = ProfileRecording("mine", route="/orders")
    recording.open(entered_by_user_code=True)
    expected = _line() - 1
    execute("SELECT 1")
    recording.close()
    raw = recording.read()
    assert raw.entry is not None
    assert (raw.entry.file, raw.entry.line) == ("tests/agent/test_profile_recording.py", expected)
    assert raw.entry.source == "recording.open(entered_by_user_code=True)"
    assert (raw.name, raw.route, raw.kind, len(raw.queries)) == ("mine", "/orders", "profile", 1)


def test_the_entry_is_the_users_line_though_a_library_entered() -> None:
    open_it = make_library(
        "def open_it(recording):\n    recording.open(entered_by_user_code=True)\n", "profiler"
    ).open_it
    recording = ProfileRecording("mine")
    open_it(recording)
    expected = _line() - 1
    recording.close()
    entry = recording.read().entry
    assert entry is not None
    assert entry.line == expected


def test_without_a_line_of_the_users() -> None:
    with ProfileRecording("mine") as recording:
        execute("SELECT 1")
    assert recording.read().entry is None


def test_can_be_read_before_and_closed_twice() -> None:
    recording = ProfileRecording("mine")
    recording.close()
    assert recording.read().queries == ()
    recording.open(entered_by_user_code=False)
    execute("SELECT 1")
    assert len(recording.read().queries) == 1
    recording.close()
    recording.close()
    execute("SELECT 2")
    assert len(recording.read().queries) == 1


def test_the_recorder_makes_sure_of_the_hooks_first() -> None:
    prepared: list[str] = []
    recorder = ProfileRecorder(lambda: prepared.append("hooks"))
    recording = recorder.recording("mine")
    assert prepared == ["hooks"]
    assert recording.read().queries == ()
