"""The tables of docs/guide/model-card.md, copied from RESULTS.md."""

import re

from bench.detection.scenario import ROOT

CARD = ROOT / "docs" / "guide" / "model-card.md"
_COPIED = re.compile(r"(<!-- from RESULTS.md: (?P<title>[^>]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def write_card(results: str) -> None:
    """Put the tables of a run between the marks of the card."""
    CARD.write_text(with_tables(CARD.read_text(encoding="utf-8"), results), encoding="utf-8")


def with_tables(card: str, results: str) -> str:
    r"""The card with each marked table as the results have it.

    >>> card = "# Card\n<!-- from RESULTS.md: Who decides -->\nold\n<!-- end -->\n"
    >>> print(with_tables(card, "# Results\n\n## Who decides\n\n| a |\n| --- |\n\n## More\n"))
    # Card
    <!-- from RESULTS.md: Who decides -->
    <BLANKLINE>
    | a |
    | --- |
    <BLANKLINE>
    <!-- end -->
    <BLANKLINE>
    """
    return _COPIED.sub(lambda found: f"{found[1]}\n{_table_under(found['title'], results)}\n\n{found[3]}", card)


def _table_under(title: str, results: str) -> str:
    """The lines of the first table below a heading of any depth."""
    lines = results.splitlines()
    start = next(number for number, line in enumerate(lines) if line.lstrip("#").strip() == title and line[:1] == "#")
    rest = lines[start + 1 :]
    first = next(number for number, line in enumerate(rest) if line.startswith("|"))
    last = next((number for number in range(first, len(rest)) if not rest[number].startswith("|")), len(rest))
    return "\n".join(rest[first:last])
