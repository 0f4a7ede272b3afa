"""The page of tested versions tells what was run and what was not."""

from scripts.write_tested_versions import PAGE, page

KEPT = {
    "environment": "django-6.1",
    "outcome": "failed",
    "python": "3.13.0",
    "date": "2026-11-23",
    "versions": ["Django==6.1.3", "psycopg==3.3.9"],
    "tests": ["tests/sources/django"],
    "run": 12,
    "failures": 1,
    "errors": 1,
    "skipped": 3,
}


NOT_RUN = "| django-7.0 | 3.14 | | | not run, it needs Python 3.14, a compiler | |"
ENVIRONMENTS = [("django-6.1", "3.13", ""), ("django-7.0", "3.14", "a compiler")]


def test_what_was_run_and_what_was_not() -> None:
    text = page(ENVIRONMENTS, {"django-6.1": KEPT})
    rows = text.splitlines()[-2:]
    assert rows == [
        (
            "| django-6.1 | 3.13.0 | Django 6.1.3, psycopg 3.3.9 | `tests/sources/django` "
            "| failed: 12 run, 2 failed, 3 skipped | 2026-11-23 |"
        ),
        NOT_RUN,
    ]


def test_what_was_not_run_this_time_stays() -> None:
    first = page(ENVIRONMENTS, {"django-6.1": KEPT})
    row = first.splitlines()[-2]
    assert page(ENVIRONMENTS, {}, first) == first
    assert page(ENVIRONMENTS, {"django-6.1": {**KEPT, "run": 13}}, first) == first.replace("12 run", "13 run")
    assert page(ENVIRONMENTS[1:], {}, first) == first.replace(f"{row}\n", "")


def test_the_committed_page_has_no_failure() -> None:
    assert "failed:" not in PAGE.read_text(encoding="utf-8")
