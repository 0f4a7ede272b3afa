"""`python -m bench.ml.tuning`: the labels that `ennead tune` measures on, written from the corpus."""

from collections.abc import Iterator
from pathlib import Path

from ennead.training.examples import Example, read_examples
from ennead.training.tuning_labels import labels_of, write_labels

CORPUS = Path(__file__).parent / "corpus"
FILES = ("applications.csv", "scenarios.csv")
SHIPPED = Path(__file__).parents[2] / "src" / "ennead" / "domains" / "nplusone" / "models" / "tuning.csv"


def main() -> None:
    lines = write_labels(SHIPPED, labels_of(examples(), {}))
    print(f"{SHIPPED.name}: {lines:,} lines, {SHIPPED.stat().st_size:,} bytes")


def examples() -> Iterator[Example]:
    """What was recorded; what was generated is no measure."""
    for name in FILES:
        if (CORPUS / name).is_file():
            yield from read_examples(CORPUS / name)


if __name__ == "__main__":
    main()
