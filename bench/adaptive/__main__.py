"""`python -m bench.adaptive`: what verdicts change, on the corpus and on generated units of work. Writes RESULTS.md.

Simulated people judge findings that are shown, five a day; the threshold follows as it does in a project.
`--simulations 2` is quicker and writes nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from bench.adaptive.patterns import Pattern, corpus_patterns, generated_patterns, one_sided_project
from bench.adaptive.report import Line, results, table
from bench.adaptive.simulation import Project, live
from bench.adaptive.users import Complainer, Honest, Saboteur, User, Wavering

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


def main() -> None:
    arguments = _parse()
    generated = generated_patterns()
    corpus = corpus_patterns()
    populations: dict[str, Callable[[Random], Sequence[Pattern]]] = {
        "corpus": lambda _random: corpus,
        "generated": lambda _random: generated,
        "generated, two idioms": lambda random: one_sided_project(generated, random),
    }
    lines = [
        _line(name, draw, people, arguments.simulations) for name, draw in populations.items() for people in PEOPLE
    ]
    print(table(lines))
    if arguments.simulations == SIMULATIONS:
        RESULTS.write_text(results(lines, corpus, generated, SIMULATIONS), encoding="utf-8")


def _line(population: str, draw: Callable[[Random], Sequence[Pattern]], people: People, simulations: int) -> Line:
    print(f"{population}: {people.name}, {people.verdicts} verdicts ...", file=sys.stderr, flush=True)
    line = Line(population, people.name, people.verdicts)
    for seed in range(simulations):
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
        )
        line.add(before, project.outcome(), project.threshold)
    return line


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulations", type=int, default=SIMULATIONS, help="of each sort (default %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
