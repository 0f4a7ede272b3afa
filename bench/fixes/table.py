"""Attempts as lines for the terminal."""

import collections
from typing import Any

MARKS = {"ok": "+", "reduced": "~", "reordered": "~", "no-effect": ".", "worse": "!", "changed": "!", "error": "!"}


def line(attempt: dict[str, Any], *, verbose: bool) -> str:
    """One scenario: its word, its counts, and what was tried."""
    counts = f"{_counts(attempt['before'])} -> {_counts(attempt['after'])}"
    titles = [_title(each) for each in attempt["tried"]]
    head = f"{MARKS[attempt['word']]} {attempt['word']:<9} {attempt['scenario']:<44} {counts:<20}"
    head += f" {attempt.get('seconds', 0):4.1f} s  {attempt['remark']}"
    if not verbose:
        return head.rstrip() if attempt["word"] == "ok" else "\n".join([head.rstrip(), *_short(titles)])
    return "\n".join([head.rstrip(), *_details(attempt), ""])


def summary(attempts: list[dict[str, Any]]) -> str:
    """``ok 101/125``, and the other words.

    >>> summary([{"word": "ok"}, {"word": "reduced"}, {"word": "ok"}])
    'ok 2/3 (67 %), reduced 1'
    """
    words = collections.Counter(each["word"] for each in attempts)
    good = words.pop("ok", 0)
    others = "".join(f", {word} {count}" for word, count in words.most_common())
    return f"ok {good}/{len(attempts)} ({100 * good / max(1, len(attempts)):.0f} %){others}"


def _counts(queries: list[int]) -> str:
    return "/".join(map(str, queries)) or "-"


def _title(tried: dict[str, Any]) -> str:
    remark = f" ({tried['remark']})" if tried["remark"] else ""
    counts = f" {_counts(tried['after'])}" if tried.get("after") else ""
    return f"{tried['round']}. {tried['word']}: {tried['title'] or tried['finding']}{counts}{remark}"


def _short(titles: list[str]) -> list[str]:
    return [f"      {title.splitlines()[0][:180]}" for title in titles]


def _details(attempt: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    told = None
    for tried in attempt["tried"]:
        if tried["finding"] != told:
            told = tried["finding"]
            lines += [f"    finding: {told}", *(f"      advice: {each}" for each in tried["recommended"])]
        lines.append(f"    {_title(tried)}")
        lines += [f"      {each}" for each in tried.get("diff", "").splitlines()]
    lines += [f"    left: {each}" for each in attempt.get("left", ())]
    return lines
