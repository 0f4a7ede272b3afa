# mypy: ignore-errors
"""How things are called."""


def title_of(match):
    referee = match.referee  # place[three_modules]: access
    return f"match {match.id}, whistled by {referee.name}"
