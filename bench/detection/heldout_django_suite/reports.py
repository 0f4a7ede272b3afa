# mypy: ignore-errors
"""Loops over what the repository returns."""

from .pricing import price_of
from .repository import visits_of_the_year


def revenue(year):
    total = 0
    for visit in visits_of_the_year(year):  # place[three_modules]: loop
        total += price_of(visit)
    return total


def join_lines(rows, format_row):
    return "\n".join(format_row(row) for row in rows)  # place[list_handed_to_a_formatter]: loop
