"""The table of a corpus."""

from pathlib import Path

from bench.ml.corpus.counts import BEGIN, END, as_markdown, rows, write_into
from ennead.training.generator import generate_examples


def test_each_application_and_level_has_a_line_and_all_together_too() -> None:
    examples = [example for example in generate_examples(2, 3) if example.level != "spans"]

    lines = list(rows(examples))

    assert [line[:2] for line in lines] == [(name, level) for name in ("generated", "all") for level in ("full", "sql")]
    for _, level, count, positive, negative, *_, made in lines:
        assert int(count) == int(positive) + int(negative) == int(made) == sum(e.level == level for e in examples)


def test_the_table_is_put_between_the_marks(tmp_path: Path) -> None:
    document = tmp_path / "CORPUS.md"
    document.write_text(f"# Corpus\n\n{BEGIN}\nold\n{END}\n\nMore.\n")

    write_into(document, as_markdown([("shop", "full", *"1234567")]))

    text = document.read_text()
    assert "old" not in text
    assert text.startswith("# Corpus\n")
    assert text.endswith("\n\nMore.\n")
    assert "| shop | full | 1 |" in text
