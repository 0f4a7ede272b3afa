"""Switching the sources on and off: what is hooked, when, and what a failing source costs its neighbours."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from ennead.agent import concurrency
from ennead.sources.registry import SOURCES, Installer, Source, UnsupportedVersionError


class FakeSource(ModuleType):
    """The module of a source, whose hook is an entry in a list."""

    def __init__(self, name: str, log: list[str], error: Exception | None = None) -> None:
        super().__init__(name)
        self._log = log
        self._error = error
        sys.modules[name] = self

    def install(self) -> str:
        self._log.append(f"+{self.__name__}")
        if self._error is not None:
            raise self._error
        return "1.0"

    def uninstall(self) -> None:
        self._log.append(f"-{self.__name__}")
        if self._error is not None:
            raise self._error


@pytest.fixture(autouse=True)
def tidy() -> Iterator[None]:
    concurrency.uninstall()
    modules = set(sys.modules)
    finders = sys.meta_path[:]
    yield
    for name in set(sys.modules) - modules:
        if name.startswith(("hooked_", "source_")):
            del sys.modules[name]
    sys.meta_path[:] = finders
    concurrency.uninstall()


@pytest.fixture
def libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("hooked_one", "hooked_two"):
        (tmp_path / f"{name}.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()


def test_hooks_what_is_imported_now_and_the_rest_as_soon_as_it_is(libraries: None) -> None:
    log: list[str] = []
    FakeSource("source_one", log)
    FakeSource("source_two", log)
    importlib.import_module("hooked_one")
    installer = Installer((Source("one", "hooked_one", "source_one"), Source("two", "hooked_two", "source_two")))
    report = installer.install()
    assert report.hooked == {"one": "1.0"}
    assert report.skipped == {"two": "not imported yet, hooked as soon as it is"}
    importlib.import_module("hooked_two")
    assert installer.install().hooked == {"one": "1.0", "two": "1.0"}
    assert log == ["+source_one", "+source_two"]
    installer.uninstall()
    installer.uninstall()
    assert log == ["+source_one", "+source_two", "-source_two", "-source_one"]
    assert not installer.installed


def test_says_why_a_library_is_not_hooked(libraries: None) -> None:
    importlib.import_module("hooked_one")
    FakeSource("source_old", [], UnsupportedVersionError("one 0.1 is too old: 1.0 and newer can be hooked"))
    FakeSource("source_broken", [], KeyError("mine"))
    installer = Installer(
        (
            Source("old", "hooked_one", "source_old"),
            Source("broken", "hooked_one", "source_broken"),
            Source("missing-source", "hooked_one", "source_that_is_missing"),
            Source("part", "hooked_one.part", "source_one"),
            Source("absent", "hooked_absent", "source_one"),
        )
    )
    report = installer.install()
    installer.uninstall()
    assert report.hooked == {}
    assert report.skipped == {
        "old": "one 0.1 is too old: 1.0 and newer can be hooked",
        "broken": "failed: KeyError: 'mine'",
        "missing-source": "failed: ModuleNotFoundError: No module named 'source_that_is_missing'",
        "part": "hooked as soon as hooked_one.part is imported",
        "absent": "not installed",
    }


def test_a_failing_source_costs_its_neighbours_nothing(libraries: None) -> None:
    log: list[str] = []
    importlib.import_module("hooked_one")
    FakeSource("source_one", log)
    broken = FakeSource("source_broken", log, KeyError("mine"))
    FakeSource("source_two", log)
    installer = Installer(tuple(Source(name, "hooked_one", f"source_{name}") for name in ("one", "broken", "two")))
    assert installer.install().hooked == {"one": "1.0", "two": "1.0"}
    assert log == ["+source_one", "+source_broken", "-source_broken", "+source_two"]
    broken._error = None
    log.clear()
    installer.uninstall()
    assert log == ["-source_two", "-source_one"]


def test_a_source_that_cannot_be_switched_off_does_not_keep_the_others_on(libraries: None) -> None:
    log: list[str] = []
    importlib.import_module("hooked_one")
    FakeSource("source_one", log)
    stubborn = FakeSource("source_two", log)
    installer = Installer(tuple(Source(name, "hooked_one", f"source_{name}") for name in ("one", "two")))
    installer.install()
    stubborn._error = KeyError("mine")
    installer.uninstall()
    assert log[2:] == ["-source_two", "-source_one"]
    assert not installer.installed


def test_nothing_is_hooked_by_a_later_import_once_it_is_switched_off(libraries: None) -> None:
    log: list[str] = []
    FakeSource("source_one", log)
    installer = Installer((Source("one", "hooked_one", "source_one"),))
    installer.install()
    installer.uninstall()
    importlib.import_module("hooked_one")
    assert log == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.library)
def test_every_source_has_a_module(source: Source) -> None:
    module = importlib.import_module(source.module)
    assert callable(module.install)
    assert callable(module.uninstall)
    assert not source.trigger.startswith("ennead")


def test_names_are_told_apart() -> None:
    assert len({source.library for source in SOURCES}) == len(SOURCES)


_NO_TRACE = """
import importlib, json, sys

LIBRARIES = ("django", "django_tenants", "rest_framework", "asgiref", "sqlalchemy", "anyio", "starlette", "fastapi",
             "flask", "graphql", "unittest", "_pytest", "asyncio", "threading", "concurrent", "contextvars")

def everything():
    found = {}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] not in LIBRARIES or module is None:
            continue
        for attribute, value in list(vars(module).items()):
            found[name, attribute] = id(value)
            if isinstance(value, type) and value.__module__ == name:
                for inner, inner_value in list(vars(value).items()):
                    found[name, attribute + "." + inner] = id(inner_value)
    return found

from ennead.sources.registry import INSTALLER, SOURCES
import django.conf
django.conf.settings.configure(INSTALLED_APPS=["django.contrib.contenttypes", "rest_framework"], DATABASES={})
import django
django.setup()
for source in SOURCES:
    try:
        importlib.import_module(source.trigger)
        importlib.import_module(source.module)
    except ImportError as error:
        print(error, file=sys.stderr)
INSTALLER.install()
INSTALLER.uninstall()  # what the hooks import is imported now
finders = list(sys.meta_path)
before = everything()
report = INSTALLER.install()
changed = {key for key, value in everything().items() if before.get(key) != value}
INSTALLER.uninstall()
after = everything()
left = [list(key) for key in {**before, **after} if before.get(key) != after.get(key)]
print(json.dumps({"hooked": sorted(report.hooked), "changed": len(changed), "left": left,
                  "finders": sys.meta_path == finders}))
"""


@pytest.mark.slow
def test_uninstalling_all_sources_leaves_every_attribute_of_every_library_as_it_was() -> None:
    command = [sys.executable, "-W", "ignore", "-c", _NO_TRACE]
    completed = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(completed.stdout)
    absent = {source.library for source in SOURCES} - set(found["hooked"])
    assert absent <= {"uvloop", "mysqlclient"}, completed.stderr  # they may be
    assert found["changed"] > 20
    assert found["left"] == []
    assert found["finders"] is True
