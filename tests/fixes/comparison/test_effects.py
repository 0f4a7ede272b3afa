from __future__ import annotations

from typing import Any

import pytest

from ennead.fixes.comparison.effects import compare_effects
from ennead.fixes.comparison.notes import Notes
from ennead.fixes.trace import ReplayTrace


def trace(**values: Any) -> ReplayTrace:
    return ReplayTrace(**{"size": 0, "exit_code": 0, "stdout": "", **values})


def compared(*traces: ReplayTrace) -> Notes:
    notes = Notes()
    compare_effects(traces[:-1], traces[-1], notes)
    return notes


@pytest.mark.parametrize(
    "line",
    ["Ran 3 tests in {}s", "=== 3 passed in {}s ===", "3 passed, 1 skipped in {}s", "2 passed in {}s (0:01:03)"],
)
def test_seconds_of_a_test_runner_are_left_out(line: str) -> None:
    notes = compared(*(trace(stdout=line.format(seconds)) for seconds in ("0.10", "0.10", "0.73")))
    assert notes.differences == {}
    assert len(notes.not_compared) == 1
    other = line.format("0.10").replace("3", "4").replace("2 passed", "4 passed")
    assert compared(
        trace(stdout=line.format("0.10")), trace(stdout=line.format("0.10")), trace(stdout=other)
    ).differences


def test_other_seconds_are_compared() -> None:
    assert compared(*(trace(stdout=f"delay: {seconds}s") for seconds in ("0.10", "0.10", "0.73"))).differences


def test_the_scratch_copy_is_the_same_place_in_every_run() -> None:
    runs = [trace(stdout=f"read {root}/shop.ini", scratch_root=root) for root in ("/s/a", "/s/b", "/s/patched")]
    assert compared(*runs).differences == {}
    assert compared(*runs).not_compared == {}
    assert compared(*runs[:2], trace(stdout="read /s/a/shop.ini", scratch_root="/s/patched")).differences


def test_an_address_that_varies_is_masked() -> None:
    runs = [trace(stdout=f"<Order at 0x{at}> is paid in full today") for at in ("7f01", "7f02", "7f03")]
    notes = compared(*runs)
    assert notes.differences == {}
    assert [name.split(":")[0] for name in notes.not_compared] == ["standard output (line 1, word 4)"]


def test_an_address_that_does_not_vary_is_compared() -> None:
    runs = [trace(stdout=f"color 0x{at}") for at in ("ff00", "ff00", "00ff")]
    assert compared(*runs).differences


def test_output_that_mostly_varies_says_nothing() -> None:
    assert compared(trace(stdout="12"), trace(stdout="13"), trace(stdout="14")).unstable


def test_mails_may_leave_in_any_order() -> None:
    both = trace(mails=("To: a", "To: b"))
    assert compared(both, both, trace(mails=("To: b", "To: a"))).differences == {}
    assert compared(both, both, trace(mails=("To: b", "To: b"))).differences


def test_a_mail_that_varies_is_masked_by_the_word() -> None:
    mails = [trace(mails=(f"To: a\nYour order is here, code {code}",)) for code in ("ab12", "cd34", "ef56")]
    assert compared(*mails).differences == {}
    wrong = trace(mails=("To: b\nYour order is here, code ef56",))
    assert compared(*mails[:2], wrong).differences


def test_connections_and_files_that_vary_are_told() -> None:
    assert compared(trace(egress=("tcp a:1",)), trace(), trace()).unstable
    assert compared(trace(files_written={"a": "1"}), trace(), trace()).unstable
    varying = compared(*(trace(files_written={"a": digest}) for digest in "123"))
    assert varying.differences == {}
    assert list(varying.not_compared) == ["content of the file a: two runs of the original differ there"]


def test_connections_that_are_no_longer_attempted_are_told() -> None:
    tried = trace(egress=("tcp a:1", "tcp a:1"))
    assert list(compared(tried, tried, trace(egress=("tcp a:1",))).differences) == [
        "tcp a:1 was contacted 2 times, now 1 times"
    ]


def test_exit_codes_that_vary_say_nothing() -> None:
    assert compared(trace(exit_code=0), trace(exit_code=1), trace(exit_code=0)).unstable


def test_durations_that_vary_are_left_out_with_the_blanks_that_align_them() -> None:
    notes = Notes()
    originals = [trace(stdout="export   10.4 ms  11 lines\n"), trace(stdout="export  109.2 ms  11 lines\n")]
    compare_effects(originals, trace(stdout="export    7.0 ms  11 lines\n"), notes)
    assert not notes.unstable
    assert not notes.differences
    assert "standard output (durations that vary): they tell the time" in notes.not_compared


def test_what_stands_beside_a_duration_that_varies_is_compared() -> None:
    notes = Notes()
    originals = [trace(stdout="export   10.4 ms  11 lines\n"), trace(stdout="export  109.2 ms  11 lines\n")]
    compare_effects(originals, trace(stdout="export    7.0 ms  10 lines\n"), notes)
    assert notes.differences


def test_a_duration_that_does_not_vary_is_compared() -> None:
    notes = Notes()
    originals = [trace(stdout=f"delay 5 ms\nexport {spent} ms\n") for spent in ("10.4", "109.2")]
    compare_effects(originals, trace(stdout="delay 9 ms\nexport 7.0 ms\n"), notes)
    assert notes.differences
