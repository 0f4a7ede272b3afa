"""How many examples a corpus has, by application, level and label: for the terminal and for CORPUS.md."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ennead.domains.nplusone.levels import LEVELS
from ennead.training.examples import Example

COLUMNS = ("application", "level", "examples", "N+1", "no N+1", "sites", "read", "growth", "made")
DOCUMENT = Path(__file__).parents[1] / "CORPUS.md"
BEGIN, END = "<!-- counts: written by python -m bench.ml.corpus -->", "<!-- end of counts -->"


def rows(examples: Sequence[Example]) -> Iterator[tuple[str, ...]]:
    """One line for each application and level, and one for all applications of a level."""
    names = sorted({example.application for example in examples})
    for name in (*names, "all"):
        for level in LEVELS:
            chosen = [each for each in examples if each.level == level and name in (each.application, "all")]
            if chosen:
                yield (name, level, *map(str, _numbers(chosen)))


def _numbers(examples: Sequence[Example]) -> Iterator[int]:
    positive = sum(example.label for example in examples)
    yield from (len(examples), positive, len(examples) - positive)
    yield len({(example.application, example.site) for example in examples})
    sources = Counter(example.source for example in examples)
    yield from (sources["read"], sources["growth"], sources["scenario"] + sources["generated"])


def as_markdown(lines: Iterable[Sequence[str]]) -> str:
    """The table of CORPUS.md."""
    separator = ["---", "---", *["---:"] * (len(COLUMNS) - 2)]
    return "\n".join("| " + " | ".join(line) + " |" for line in (COLUMNS, separator, *lines))


def write_into(document: Path, table: str) -> None:
    """Put the table between the two marks of a document."""
    before, _, rest = document.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    document.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")
