"""`python -m bench.adaptive`: what verdicts change, on the corpus and on generated units of work. Writes RESULTS.md.

Simulated people judge findings that are shown, five a day; the threshold follows as it does in a project.
`--simulations 2` is quicker and writes nothing. It makes an environment with LightGBM where there is none.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from bench.adaptive.generalising import Rule, generalised
from bench.adaptive.patterns import Pattern, corpus_patterns, generated_patterns, one_sided_project
from bench.adaptive.report import Line, Populations, results, table
from bench.adaptive.shipped import decider, shipped_patterns
from bench.adaptive.simulation import Project, live
from bench.adaptive.users import Complainer, Honest, Saboteur, User, Wavering
from bench.ml.environment import run_where_lightgbm_is
from bench.ml.evaluation import read_split

RESULTS = Path(__file__).with_name("RESULTS.md")
SIMULATIONS = 10
A_DAY = 5


class People(NamedTuple):
    """Who judges, how much, and what they look at."""

    name: str
    user: User
    verdicts: int = 50
    attention: float = 1.0
    drawn_again: bool = False
    skipping: float | None = None
    times: int = 1
    """How many times as many simulations as of the others."""


PEOPLE = (
    People("honest, whatever is shown", Honest()),
    People("honest, false ones 5 times as often", Honest(), attention=5),
    People("honest, false ones 20 times as often", Honest(), attention=20),
    People("honest, false ones 5 times as often", Honest(), verdicts=150, attention=5),
    People("contradictory: a coin, again and again", Wavering(), drawn_again=True),
    People("hostile: everything is noise", Complainer()),
    People("hostile: the truth turned round", Saboteur()),
    People("hostile: the truth turned round", Saboteur(), verdicts=150),
)


SKIPPING = 0.2
HEADLINE_TIMES = 10
"""Ten simulations spread by more than what the goal is missed or met by."""
FOLLOWING = (
    People("honest, whatever is shown", Honest()),
    People("honest, false ones 5 times as often", Honest(), attention=5),
    People("honest, false ones 20 times as often", Honest(), attention=20),
    People("honest, the proposed order", Honest(), skipping=SKIPPING, times=HEADLINE_TIMES),
    People("honest, whatever is shown", Honest(), verdicts=150),
    People("honest, the proposed order", Honest(), verdicts=150, skipping=SKIPPING),
    People("contradictory: a coin, the proposed order", Wavering(), skipping=SKIPPING),
    People("hostile: everything is noise", Complainer()),
    People("hostile: everything is noise, the proposed order", Complainer(), skipping=SKIPPING),
    People("hostile: the truth turned round", Saboteur()),
    People("hostile: the truth turned round, the proposed order", Saboteur(), skipping=SKIPPING),
    People("hostile: the truth turned round, the proposed order", Saboteur(), verdicts=150, skipping=SKIPPING),
)
GENERALISING: Mapping[str, User] = {
    "honest": Honest(),
    "everything is noise": Complainer(),
    "the truth turned round": Saboteur(),
}


def main() -> None:
    arguments = _parse()
    run_where_lightgbm_is("bench.adaptive")
    levels = shipped_patterns()
    populations = Populations(
        shipped=[each for found in levels.values() for each in found],
        unseen=[each for found in levels.values() for each in found if each.name.split()[1] in read_split().evaluation],
        by_model=[each for level, found in levels.items() if decider(level) == "the model" for each in found],
        corpus=corpus_patterns(),
        generated=generated_patterns(),
    )
    drawn: dict[str, Callable[[Random], Sequence[Pattern]]] = {
        "corpus": lambda _random: populations.corpus,
        "generated": lambda _random: populations.generated,
        "generated, two idioms": lambda random: one_sided_project(populations.generated, random),
    }
    followed: dict[str, Callable[[Random], Sequence[Pattern]]] = {
        "as it ships": lambda _random: populations.shipped,
        "as it ships, unseen applications": lambda _random: populations.unseen,
        "decided by the model": lambda _random: populations.by_model,
    }
    count = arguments.simulations
    first = [_line(name, draw, people, count) for name, draw in followed.items() for people in FOLLOWING]
    others = [_line(name, draw, people, count) for name, draw in drawn.items() for people in PEOPLE]
    rules = list(_rules(populations.unseen, count))
    print(table(first), table(others), *rules, sep="\n")
    if count == SIMULATIONS:
        RESULTS.write_text(results(first, others, rules, populations, SIMULATIONS), encoding="utf-8")


def _rules(patterns: Sequence[Pattern], simulations: int) -> Iterator[Rule]:
    """What hiding more would do, had it been built in."""
    for name, user in GENERALISING.items():
        projects = []
        for seed in range(simulations):
            random, project = Random(f"generalising {seed}"), Project(patterns)
            live(project, user, random, verdicts=50, a_day=A_DAY, skipping=SKIPPING)
            projects.append(project)
        yield from generalised(name, projects)


def _line(population: str, draw: Callable[[Random], Sequence[Pattern]], people: People, simulations: int) -> Line:
    print(f"{population}: {people.name}, {people.verdicts} verdicts ...", file=sys.stderr, flush=True)
    line = Line(population, people.name, people.verdicts)
    for seed in range(simulations * people.times):
        random = Random(f"{population} {seed}")
        project = Project(draw(random))
        before = sum(each.false_count for each in project.patterns)
        live(
            project,
            people.user,
            random,
            verdicts=people.verdicts,
            a_day=A_DAY,
            drawn_again=people.drawn_again,
            attention=people.attention,
            skipping=people.skipping,
        )
        line.add(before, project.outcome(), project.threshold)
    return line


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulations", type=int, default=SIMULATIONS, help="of each sort (default %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
