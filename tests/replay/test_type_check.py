"""mypy itself, on a small project that is checked by it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from threading import Event

import pytest

from ennead.fixes.search_result import Judged
from ennead.fixes.verdict import Judgement
from ennead.kernel.finding import Verification
from ennead.replay.type_check import TypeCheck, _python_of
from ennead.runs.bounded_child import CancelledWorkError
from tests.replay.project import ReplayedProject

PRICES = """\
from shop.rates import rate


def price(code: str) -> float:
    return rate(code)


def total(codes: list[str]) -> float:
    return round(price(codes))
"""
"""It has an error that has nothing to do with any change: ``price`` gets a list."""
KNOWN = 'shop/prices.py: Argument 1 to "price" has incompatible type "list[str]"; expected "str"  [arg-type]'
GOOD = PRICES.replace("def price(code: str)", "def price(code: str, known: dict[str, float] | None = None)").replace(
    "    return rate", "    if known is not None:\n        return known[code]\n    return rate"
)
BAD = GOOD.replace(": dict[str, float] | None = None", "=None")
ADDED = (
    "new to mypy: shop/prices.py: Function is missing a type annotation for one or more parameters  [no-untyped-def]",
    'new to mypy: shop/prices.py: Returning Any from function declared to return "float"  [no-any-return]',
)


@pytest.fixture
def shop(project: ReplayedProject) -> ReplayedProject:
    project.write("mypy.ini", "[mypy]\nstrict = True\n")
    project.write("shop/__init__.py", "")
    project.write("shop/rates.py", "def rate(code: str) -> float:\n    return float(len(code))\n")
    project.write("shop/prices.py", PRICES)
    return project


@pytest.fixture
def checked(project: ReplayedProject) -> Callable[..., Judgement]:
    """What is made of a verified change."""

    def check(files: Mapping[str, str], **options: object) -> Judgement:
        return type_check(project, **options).added_to(verified(), files, {}).judgement

    return check


def type_check(project: ReplayedProject, **options: object) -> TypeCheck:
    given = {"original": {}, "tell": print, **options}
    return TypeCheck(project.work("run.py"), project.folder / "types", **given)  # type: ignore[arg-type]


def verified() -> Judged:
    seen = Verification("verified", "", {}, {}, 1.0, 1.0, (), ())
    return Judged(Judgement(verdict="verified", reasons=("fewer queries",), verification=seen))


def not_compared(judgement: Judgement) -> tuple[str, ...]:
    assert judgement.is_accepted
    assert judgement.verification.compared == ()
    return judgement.verification.not_compared


def test_a_change_that_type_checks_as_before_is_accepted_and_its_negative_twin_is_worse(
    shop: ReplayedProject, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(path for path in shop.root.rglob("*"))
    check = type_check(shop)
    good = check.added_to(verified(), {"shop/prices.py": GOOD}, {}).judgement
    assert (good.verdict, good.verification.compared) == ("verified", ("types (mypy)",))
    bad = check.added_to(verified(), {"shop/prices.py": BAD}, {}).judgement
    assert (bad.verdict, bad.reasons) == ("worse", (*ADDED, "fewer queries"))
    check.added_to(verified(), {"shop/prices.py": BAD}, {})
    told = capsys.readouterr().out.splitlines()
    assert told == ["checking the types of the original", *["checking the types of the changed code"] * 2]
    assert sorted(path for path in shop.root.rglob("*")) == before  # no cache, nothing else
    assert not (shop.folder / "types" / "project").exists()


def test_the_cache_that_the_project_has_is_used_and_left_as_it_is(shop: ReplayedProject) -> None:
    command = (sys.executable, "-m", "mypy", "shop/prices.py")
    subprocess.run(command, cwd=shop.root, capture_output=True, check=False)
    own = shop.root / ".mypy_cache"
    before = {path: path.read_bytes() for path in own.rglob("*") if path.is_file()}
    assert before
    check = type_check(shop)
    assert check.added_to(verified(), {"shop/prices.py": BAD}, {}).judgement.verdict == "worse"
    assert {path: path.read_bytes() for path in own.rglob("*") if path.is_file()} == before
    copied = {
        path.relative_to(shop.folder / "types" / "cache") for path in (shop.folder / "types" / "cache").rglob("*")
    }
    assert {path.relative_to(own) for path in before} <= copied


def test_errors_that_were_there_before_are_found_on_other_lines_again(shop: ReplayedProject) -> None:
    check = type_check(shop)
    report = check._report("now", {"shop/prices.py": GOOD}, ["shop/prices.py"])
    assert [f"{file}: {message}" for file, message in report.errors] == [KNOWN]


def test_a_change_that_was_made_on_the_disk_is_compared_with_the_text_before(
    shop: ReplayedProject, checked: Callable[..., Judgement]
) -> None:
    shop.write("shop/prices.py", BAD)
    shop.write("shop/new.py", "def new(value):\n    return value\n")
    files = {"shop/prices.py": BAD, "shop/new.py": "def new(value):\n    return value\n"}
    refused = checked(files, original={"shop/prices.py": PRICES, "shop/new.py": None})
    assert refused.verdict == "worse"
    assert {reason.split(": ")[1] for reason in refused.reasons[:2]} == {"shop/new.py", "shop/prices.py"}


@pytest.mark.parametrize("config", ["", "[mypy]\nfiles = tools\n", "[mypy]\nexclude = ^shop/prices\n"])
def test_nothing_is_said_where_nobody_asked_mypy(
    shop: ReplayedProject, checked: Callable[..., Judgement], config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop.root / "mypy.ini").unlink()
    if config:
        shop.write("mypy.ini", config)
    untouched = checked({"shop/prices.py": BAD})
    assert untouched == verified().judgement
    assert capsys.readouterr().out == ""


def test_nothing_is_said_of_a_change_without_python(shop: ReplayedProject, checked: Callable[..., Judgement]) -> None:
    assert checked({"shop/page.html": "<p>"}) == verified().judgement


def test_mypy_that_does_not_end_is_not_compared_and_not_asked_again(
    shop: ReplayedProject, capsys: pytest.CaptureFixture[str]
) -> None:
    check = type_check(shop, seconds=0.01)
    for _ in range(2):
        slow = check.added_to(verified(), {"shop/prices.py": BAD}, {}).judgement
        assert not_compared(slow) == ("types: mypy did not end within 0.01 s",)
    assert capsys.readouterr().out == "checking the types of the original\n"


def test_mypy_that_gives_up_says_why(shop: ReplayedProject, checked: Callable[..., Judgement]) -> None:
    shop.write("mypy.ini", "[mypy]\nplugins = no_such_plugin\n")
    told = not_compared(checked({"shop/prices.py": BAD}))
    assert told[0].startswith("types: mypy gave up: mypy.ini:2: error: Error importing plugin")


def test_mypy_that_is_not_installed_is_told_in_a_line(shop: ReplayedProject) -> None:
    python = shop.write("bin/python3", f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    python.chmod(0o755)
    check = TypeCheck(shop.work(str(python), "run.py"), shop.folder / "types", {}, tell=print)
    told = not_compared(check.added_to(verified(), {"shop/prices.py": BAD}, {}).judgement)
    assert told == ("types: mypy is configured, but the Python that runs the command lacks it",)


def test_a_program_of_an_environment_is_checked_with_the_python_of_that_environment(project: ReplayedProject) -> None:
    program, python = project.write("env/bin/pytest", ""), project.write("env/bin/python", "")
    assert _python_of(str(program)) == sys.executable  # no environment
    project.write("env/pyvenv.cfg", "")
    assert _python_of(str(program)) == str(python)
    assert _python_of("/usr/bin/python3.12") == "/usr/bin/python3.12"


def test_it_ends_when_nobody_wants_it_any_more(shop: ReplayedProject, checked: Callable[..., Judgement]) -> None:
    stop = Event()
    stop.set()
    with pytest.raises(CancelledWorkError):
        checked({"shop/prices.py": GOOD}, stop=stop)
    assert not (shop.folder / "types" / "project").exists()


def test_what_mypy_looks_for_on_a_path_in_the_project_is_the_changed_code(shop: ReplayedProject) -> None:
    shop.write("lib/limits.py", "LIMIT = 1\n")
    text = "from limits import LIMIT\n\n\ndef top() -> int:\n    return LIMIT\n"
    shop.write("shop/top.py", text)
    files = {"shop/top.py": f"{text}\n\nbest = top()\n", "lib/limits.py": 'LIMIT = "one"\n'}
    work = shop.work("run.py", environment={"MYPYPATH": str(shop.root / "lib"), "ROWS": "{size}"})
    check = TypeCheck(work, shop.folder / "types", {}, tell=print)
    bad = check.added_to(verified(), files, {}).judgement
    wrong = 'Incompatible return value type (got "str", expected "int")  [return-value]'
    assert bad.reasons == (f"new to mypy: shop/top.py: {wrong}", "fewer queries")


def test_mypy_is_started_in_the_folder_of_its_configuration(
    shop: ReplayedProject, checked: Callable[..., Judgement]
) -> None:
    (shop.root / "mypy.ini").unlink()
    (shop.root / "backend").mkdir()
    (shop.root / "shop").rename(shop.root / "backend" / "shop")
    shop.write("backend/pyproject.toml", "[tool.mypy]\nstrict = true\n")
    work = shop.work("run.py", working_folder=shop.root / "backend")
    check = TypeCheck(work, shop.folder / "types", {}, tell=print)
    bad = check.added_to(verified(), {"backend/shop/prices.py": BAD, "other.py": "x = 1 + ''\n"}, {}).judgement
    assert bad.reasons == (*(text.replace("shop/", "backend/shop/") for text in ADDED), "fewer queries")
