"""The rivals' advice, applied literally and judged as our candidates are: `python -m bench.fixes.rivals`.

Each tool looks at each scenario in its own environment (see `bench.detection`); all that it advises on a scenario is
applied at once, and the patched code runs at two sizes beside the original.
"""

import argparse
import collections
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from multiprocessing import get_context
from typing import Any

from bench.detection.environment import interpreter_of, version_of
from bench.fixes.attempt import prepare
from bench.fixes.attempted import Workplace, judged, shown_at_sizes
from bench.fixes.judgement import Original
from bench.fixes.literal import Place, Wanted, applied, wanted
from bench.fixes.scratch import ROOT
from bench.fixes.trial import Trial, scratch_folder, show

RIVALS = (("django", "query_doctor"), ("django", "tracepanel"), ("sqlalchemy", "tracepanel"))
WORDS = ("ok", "reduced", "reordered", "no-effect", "worse", "changed", "error")
COLUMNS = ("suite", "tool", "scenarios", "advice given", "applicable", *WORDS)

Told = dict[str, Any]


def main() -> None:
    arguments = _parse()
    print(" | ".join(COLUMNS))
    for suite, tool in RIVALS:
        if arguments.suite in (None, suite) and arguments.tool in (None, tool):
            judgements = list(judge_tool(suite, tool, tuple(arguments.sizes)))
            if arguments.verbose:
                for each in judgements:
                    print("  ", json.dumps(each))
            print(" | ".join(map(str, row(suite, tool, judgements))), flush=True)


def judge_tool(suite: str, tool: str, sizes: tuple[int, ...]) -> Iterator[Told]:
    """What a tool's advice does, scenario by scenario."""
    lines = [each for each in _probe(suite, tool) if each["label"] == "n-plus-one"]
    with scratch_folder() as folder:
        workplace = prepare(Workplace(folder, suite, sizes, ""))
        with get_context("fork").Pool(2) as pool:
            yield from pool.imap(partial(_judge, workplace), lines)


def row(suite: str, tool: str, judgements: Iterable[Told]) -> tuple[Any, ...]:
    """One line of the table."""
    told = list(judgements)
    words = collections.Counter(each["word"] for each in told)
    given = sum(each["given"] for each in told)
    applicable = sum(each["word"] in WORDS for each in told)
    return (suite, version_of(tool), len(told), given, applicable, *(words[word] for word in WORDS))


def _probe(suite: str, tool: str) -> list[Told]:
    command = [str(interpreter_of(tool)), "-m", "bench.detection.probe", "--suite", suite, "--tool", tool]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{run.stderr[-4000:]}")
    return [json.loads(line) for line in run.stdout.splitlines()]


def _judge(workplace: Workplace, line: Told) -> Told:
    told: Told = {"scenario": line["scenario"], "given": bool(line["advice"]), "word": "none"}
    if not line["advice"]:
        return told
    name = line["scenario"]
    original_shown = shown_at_sizes(workplace, name, workplace.original)
    again = show(Trial(workplace.suite, name, workplace.original, workplace.filled(workplace.sizes[0])))
    files, told["not applicable"] = _files(line, original_shown[-1]["findings"])
    if not files:
        return {**told, "word": "not applicable"}
    judgement, _ = judged(workplace, name, Original.of(original_shown, again), files)
    counts = {"before": judgement.before, "after": judgement.after, "remark": judgement.remark}
    return {**told, "word": judgement.word, **counts}


def _files(line: Told, findings: list[Told]) -> tuple[dict[str, str], list[str]]:
    """All advice of a scenario applied, and what could not be."""
    files: dict[str, str] = {}
    left: list[str] = []
    done: set[tuple[str, str, str | None]] = set()
    for advice in line["advice"]:
        place: Place | None = (advice["place"][0], advice["place"][1]) if advice["place"] else None
        taken = {(model, relation) for _, relation, model in done}
        relations = [each for each in _relations_at(place, findings) if tuple(each.split(".")[-2:]) not in taken]
        asked = wanted(advice["text"], place, relations)
        if asked is None or not _apply(asked, line["expected"]["origin"], files, done):
            left.append(advice["text"])
    return files, left


def _apply(asked: Wanted, origins: list[list[Any]], files: dict[str, str], done: set[Any]) -> bool:
    key = (asked.call, asked.relation, asked.model)
    if key in done:
        return True
    labelled = [((each[0], each[1]), False) for each in origins]
    named = [(asked.place, False)] if asked.place else []
    for (file, number), related in [*named, *labelled, *((place, True) for place, _ in labelled)]:
        if not file.endswith(".py"):
            continue
        untouched = (ROOT / file).read_text(encoding="utf-8")
        text = files.get(file, untouched)
        imports_added = text.count("\n") - untouched.count("\n")
        changed = applied(text, number + imports_added, asked, related=related)
        if changed is not None:
            files[file] = changed
            done.add(key)
            return True
    return False


def _relations_at(place: Place | None, findings: list[Told]) -> list[str]:
    """Relations that are accessed at a line, or below it."""
    found = []
    for finding in findings:
        path = [(each["file"], each["line"]) for each in finding["call_path"]]
        if finding["relation"] and finding["kind"] != "deferred" and place in path:
            found.append(finding["relation"])
    return found


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", choices=("django", "sqlalchemy"))
    parser.add_argument("--tool", choices=("query_doctor", "tracepanel"))
    parser.add_argument("--sizes", nargs=2, type=int, default=(6, 24), metavar="ROWS")
    parser.add_argument("-v", "--verbose", action="store_true", help="one JSON line a scenario")
    return parser.parse_args()


if __name__ == "__main__":
    main()
