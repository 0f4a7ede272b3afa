"""What the work left behind besides its results: output, mails, connections attempted, files, the exit code."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from ennead.fixes.comparison.texts import compare_texts, excerpt
from ennead.fixes.comparison.units import size_words
from ennead.fixes.comparison.values import LARGEST_MASKED_SHARE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.fixes.comparison.notes import Notes
    from ennead.fixes.trace import ReplayTrace

# What the two common test runners print about their own speed; nothing of the user's looks exactly like this.
_RUNNER_DURATION = re.compile(
    r"^(Ran \d+ tests? in )\d+\.\d+s$"
    r"|^((?:=+ )?\d+ \w+(?:, \d+ \w+)* in )\d+\.\d+s(?: \(\d+:\d\d:\d\d\))?( =+)?$",
    re.MULTILINE,
)
# What programs print about their own speed, with the blanks that align it: "  12.5 ms", "3 s", "0.25 seconds".
_DURATION = re.compile(r"[ \t]*\b\d+(?:[.,:]\d+)*\s?(?:ns|us|µs|ms|s|secs?|seconds?|min)\b")
_MOST_PLACES = 5


def compare_effects(originals: Sequence[ReplayTrace], patched: ReplayTrace, notes: Notes) -> None:
    """Compare everything that is no result of a unit of work and no row of a table."""
    at = size_words(patched)
    _compare_exit_codes(originals, patched, notes, at)
    _compare_output(originals, patched, notes, at)
    _compare_mails(originals, patched, notes, at)
    _compare_connections(originals, patched, notes, at)
    _compare_files(originals, patched, notes, at)


def _compare_exit_codes(originals: Sequence[ReplayTrace], patched: ReplayTrace, notes: Notes, at: str) -> None:
    codes = {trace.exit_code for trace in originals}
    if len(codes) > 1:
        notes.vary(f"two runs of the original end with different exit codes{at}")
    elif patched.exit_code not in codes:
        notes.differ(f"the exit code was {originals[0].exit_code}, became {patched.exit_code}{at}")
    notes.compare("exit code")


def _compare_output(originals: Sequence[ReplayTrace], patched: ReplayTrace, notes: Notes, at: str) -> None:
    notes.compare("standard output")
    texts, now = [_without_durations(trace) for trace in originals], _without_durations(patched)
    varying = _varying_durations(texts)
    if varying:
        texts, now = [_masked_durations(text, varying) for text in texts], _masked_durations(now, varying)
        notes.leave_out("standard output (durations that vary)", "they tell the time")
    seen = compare_texts(texts, now)
    if any(_RUNNER_DURATION.search(trace.stdout) for trace in originals):
        notes.leave_out("standard output (seconds that the test runner prints)", "they tell the time")
    if seen.unstable or len(seen.masked) > LARGEST_MASKED_SHARE * seen.word_count:
        notes.vary(f"two runs of the original print different things{at}")
        return
    if seen.masked:
        places = "; ".join(seen.masked[:_MOST_PLACES]) + (" ..." if len(seen.masked) > _MOST_PLACES else "")
        notes.leave_out(f"standard output ({places}){at}", "two runs of the original differ there")
    if seen.difference is not None:
        notes.differ(f"standard output{at}: {seen.difference}")


def _varying_durations(texts: Sequence[str]) -> set[int]:
    """Which of the printed durations differ between runs of the original; none if there are not equally many."""
    found = [_DURATION.findall(text) for text in texts]
    if len({len(durations) for durations in found}) > 1:
        return set()
    return {at for at, durations in enumerate(zip(*found, strict=True)) if len(set(durations)) > 1}


def _masked_durations(text: str, places: set[int]) -> str:
    at = iter(range(len(text)))
    return _DURATION.sub(lambda found: " <duration>" if next(at) in places else found[0], text)


def _without_durations(trace: ReplayTrace) -> str:
    text = trace.stdout.replace(trace.scratch_root, "<project>") if trace.scratch_root else trace.stdout
    return _RUNNER_DURATION.sub(lambda found: f"{found[1] or found[2]}<seconds>{found[3] or ''}", text)


def _compare_mails(originals: Sequence[ReplayTrace], patched: ReplayTrace, notes: Notes, at: str) -> None:
    notes.compare("mails")
    if len({len(trace.mails) for trace in originals}) > 1:
        notes.vary(f"two runs of the original send different numbers of mails{at}")
        return
    first = originals[0].mails
    if len(patched.mails) != len(first):
        notes.differ(f"{len(first)} mails were sent, now {len(patched.mails)}{at}")
        return
    if all(Counter(trace.mails) == Counter(first) for trace in originals):
        for mail in (Counter(first) - Counter(patched.mails)).elements():
            notes.differ(f"the mail {excerpt(mail)} was not sent as it was{at}")
        return
    for number, texts in enumerate(zip(*(trace.mails for trace in originals), strict=True)):
        _compare_mail(number, texts, patched.mails[number], notes, at)


def _compare_mail(number: int, originals: Sequence[str], patched: str, notes: Notes, at: str) -> None:
    seen = compare_texts(originals, patched)
    if seen.unstable or len(seen.masked) > LARGEST_MASKED_SHARE * seen.word_count:
        notes.vary(f"mail no. {number + 1} differs between two runs of the original{at}")
    elif seen.difference is not None:
        notes.differ(f"mail no. {number + 1}{at}: {seen.difference}")
    elif seen.masked:
        places = "; ".join(seen.masked)
        notes.leave_out(f"mail no. {number + 1} ({places}){at}", "two runs of the original differ there")


def _compare_connections(originals: Sequence[ReplayTrace], patched: ReplayTrace, notes: Notes, at: str) -> None:
    notes.compare("connections attempted")
    first = Counter(originals[0].egress)
    if any(Counter(trace.egress) != first for trace in originals):
        notes.vary(f"two runs of the original attempt different connections{at}")
        return
    now = Counter(patched.egress)
    for target in first - now:
        notes.differ(f"{target} was contacted {first[target]} times, now {now[target]} times{at}")
    for target in now - first:
        notes.differ(f"{target} was contacted {first[target]} times, now {now[target]} times{at}")


def _compare_files(originals: Sequence[ReplayTrace], patched: ReplayTrace, notes: Notes, at: str) -> None:
    notes.compare("files written")
    first = originals[0].files_written
    if any(trace.files_written.keys() != first.keys() for trace in originals):
        notes.vary(f"two runs of the original write different files{at}")
        return
    for file in sorted(first.keys() - patched.files_written.keys()):
        notes.differ(f"the file {file} was not written{at}")
    for file in sorted(patched.files_written.keys() - first.keys()):
        notes.differ(f"the file {file} was written, which the original does not do{at}")
    for file in sorted(first.keys() & patched.files_written.keys()):
        if len({trace.files_written[file] for trace in originals}) > 1:
            notes.leave_out(f"content of the file {file}", "two runs of the original differ there")
        elif patched.files_written[file] != first[file]:
            notes.differ(f"the file {file} has another content{at}")
