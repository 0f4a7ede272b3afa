"""A scenario, its findings, and the candidates tried on it, one after the other."""

import difflib
import importlib
import itertools
import time
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bench.fixes.judgement import PROGRESS, Judgement, Original, judge
from bench.fixes.scratch import copy_project, lay_over
from bench.fixes.trial import Shown, Trial, scratch_folder, show
from ennead.fixes.candidate import Candidate
from ennead.fixes.project_sources import ProjectSources
from ennead.kernel.finding import Finding

SUITES = ("django", "sqlalchemy")
"""Those we develop on: whoever tries candidates tunes, so the held-out suites have no place here."""
MAX_ROUNDS = 6
READ_CODES = ("n-plus-one", "write-n-plus-one", "repeated-query")

Attempt = dict[str, Any]


@dataclass(frozen=True)
class Workplace:
    """Where the copy and the filled databases of a suite are."""

    folder: Path
    suite: str
    sizes: tuple[int, ...]
    proposals: str
    """The module whose ``propose(finding, sources)`` is asked."""

    @property
    def original(self) -> Path:
        return self.folder / "original"

    def filled(self, size: int) -> Path:
        return self.folder / f"rows-{size}"


def attempt(workplace: Workplace, name: str) -> Attempt:
    """Try candidates on one scenario until it is flat or none helps any more."""
    started = time.monotonic()
    done: Attempt = {"scenario": name, "word": "error", "before": [], "after": [], "tried": [], "remark": ""}
    shown = shown_at_sizes(workplace, name, workplace.original)
    again = show(Trial(workplace.suite, name, workplace.original, workplace.filled(workplace.sizes[0])))
    failed = [each["error"] for each in (*shown, again) if "error" in each]
    if failed:
        done["remark"] = f"the original failed: {failed[0]}"
    else:
        _rounds(workplace, name, Original.of(shown, again), done)
    done["seconds"] = round(time.monotonic() - started, 1)
    return done


def _rounds(workplace: Workplace, name: str, original: Original, done: Attempt) -> None:
    current, changed = original.shown, dict[str, str]()
    judgement = Judgement("no-effect", original.queries, original.queries)
    for round_number in range(1, MAX_ROUNDS + 1):
        findings = [Finding.from_dict(each) for each in current[-1]["findings"]]
        better = _first_better(workplace, name, original, findings, changed, current, done["tried"], round_number)
        if better is None:
            break
        changed, current, judgement = better
        if judgement.word == "ok" and not _asks_for_more(current, original):
            break
    if judgement.word == "ok" and _asks_for_more(current, original):
        judgement = Judgement("reduced", judgement.before, judgement.after, "flat, but a finding is left")
    if all(each["title"] is None for each in done["tried"]):
        judgement = replace(judgement, remark="no candidate" if done["tried"] else "no finding")
    done.update(word=judgement.word, before=judgement.before, after=judgement.after, remark=judgement.remark)
    done["diff"] = diff(ProjectSources(workplace.original), changed)
    done["left"] = [_told(Finding.from_dict(each)) for each in current[-1]["findings"]]


def _asks_for_more(current: tuple[Shown, ...], original: Original) -> bool:
    """A scenario of constant size is flat from the start: there the findings must be gone."""
    return len(set(original.queries)) == 1 and any(each["code"] in READ_CODES for each in current[-1]["findings"])


def _first_better(
    workplace: Workplace,
    name: str,
    original: Original,
    findings: list[Finding],
    changed: Mapping[str, str],
    current: tuple[Shown, ...],
    tried: list[Attempt],
    round_number: int,
) -> tuple[dict[str, str], tuple[Shown, ...], Judgement] | None:
    """The best candidate of a round: the first that is flat, else the one with the fewest queries left."""
    best: tuple[dict[str, str], tuple[Shown, ...], Judgement] | None = None
    fewest = current[-1]["queries"]
    sources = ProjectSources(workplace.original, changed)
    for finding in findings:
        candidates, problem = propose(workplace.proposals, finding, sources)
        entry = {"round": round_number, "finding": _told(finding), "recommended": _recommended(finding)}
        if not candidates:
            tried.append({**entry, "title": None, "word": "none", "remark": problem or "no candidate"})
        for candidate in candidates:
            files = {**changed, **candidate.files}
            judgement, shown = judged(workplace, name, original, files)
            tried.append(_tried(entry, candidate, judgement, sources))
            if judgement.word in PROGRESS and judgement.after[-1] < fewest:
                best, fewest = (files, shown, judgement), judgement.after[-1]
                if judgement.word == "ok":
                    return best
    return best


def propose(proposals: str, finding: Finding, sources: ProjectSources) -> tuple[list[Candidate], str]:
    """The product's candidates for a finding; or none, and why."""
    try:
        module = importlib.import_module(proposals)
        proposed: Iterable[Candidate] = module.propose(finding, sources)
        return list(proposed), ""
    except ModuleNotFoundError as error:
        return [], f"{error} (not written yet?)"
    except Exception as error:  # noqa: BLE001 - the writer of candidates wants to see it and the other scenarios
        where = "".join(traceback.format_tb(error.__traceback__)[-4:])
        return [], f"propose() raised {type(error).__name__}: {error}\n{where}"


def judged(
    workplace: Workplace, name: str, original: Original, files: Mapping[str, str]
) -> tuple[Judgement, tuple[Shown, ...]]:
    """Run the scenario with files laid over a copy, and judge what it showed."""
    with scratch_folder() as folder:
        root = folder / "patched"
        copy_project(root)
        lay_over(root, files)
        shown = shown_at_sizes(workplace, name, root)
    return judge(original, shown), shown


def shown_at_sizes(workplace: Workplace, name: str, root: Path) -> tuple[Shown, ...]:
    """Run at each size, and at the largest under Ennead, too; after an error the next size is spared."""
    shown: list[Shown] = []
    for size in workplace.sizes:
        profiled = size == workplace.sizes[-1]
        shown.append(show(Trial(workplace.suite, name, root, workplace.filled(size), profiled)))
        if "error" in shown[-1]:
            return (shown[-1],) * len(workplace.sizes)
    return tuple(shown)


def diff(sources: ProjectSources, files: Mapping[str, str]) -> str:
    """The changes as a unified diff."""
    parts = (
        difflib.unified_diff(
            (sources.text(name) or "").splitlines(keepends=True),
            text.splitlines(keepends=True),
            f"a/{name}",
            f"b/{name}",
        )
        for name, text in files.items()
    )
    return "".join(itertools.chain.from_iterable(parts))


def _tried(entry: Attempt, candidate: Candidate, judgement: Judgement, sources: ProjectSources) -> Attempt:
    shown = {**asdict(judgement), "title": candidate.title, "strategy": candidate.strategy}
    return {**entry, **shown, "diff": diff(sources, candidate.files)}


def _told(finding: Finding) -> str:
    origin = f", origin {finding.origin.file}:{finding.origin.line}" if finding.origin else ", no origin"
    access = f"{finding.call_site.file}:{finding.call_site.line}" if finding.call_site else "?"
    told = f"{finding.code} {finding.kind} {finding.relation or ''} {finding.query_count}x at {access}{origin}"
    return told.replace("bench/detection/", "")


def _recommended(finding: Finding) -> list[str]:
    return [each.title for each in finding.recommendations]
