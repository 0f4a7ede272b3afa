"""pytest: each test's call phase is a unit of work; run in processes of its own, as users do."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_CONFTEST = """
import json, sqlite3
import pytest
from ennead.agent import concurrency
from ennead.agent.units import AGENT
from ennead.sources import pytest as source, unittest as unittest_source
from ennead.sources.dbapi import wrap_connection

raw = sqlite3.connect(":memory:", check_same_thread=False)
CONNECTION = wrap_connection(raw)
UNITS = []
AGENT.add_listener(lambda unit: UNITS.append(
    {"name": unit.name, "kind": unit.kind, "texts": [hit.site.statement.sql.split("'")[1] for hit in unit.hits],
     "paths": [[site.function for site in hit.site.path.sites] for hit in unit.hits]}
))
concurrency.install()
source.install()
unittest_source.install()

def query(text):
    CONNECTION.execute(f"SELECT '{text}'").fetchall()

@pytest.fixture
def prepared():
    query("fixture")
    yield
    query("teardown")

def pytest_unconfigure(config):
    raw.close()
    with open("units.json", "w") as file:
        json.dump(UNITS, file)
"""
_TESTS = """
import asyncio, unittest
import pytest
from conftest import query

def test_passes(prepared):
    for _ in range(2):
        query("test")

def test_fails():
    query("test")
    assert 1 == 2

@pytest.mark.parametrize("number", [1, 2])
def test_has_parameters(number):
    query(str(number))

async def load():
    await asyncio.sleep(0)
    query("load")

async def test_asyncio(prepared):
    await asyncio.gather(load(), load())

@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"

@pytest.fixture(scope="module")
async def shared(anyio_backend):
    return 1

class TestAnyIO:
    pytestmark = pytest.mark.anyio

    @pytest.mark.parametrize("number", [1, 2])
    async def test_anyio(self, shared, number):
        await load()
        await asyncio.gather(load())

class Case(unittest.TestCase):
    def setUp(self):
        query("setUp")

    def test_method(self):
        query("method")
"""


def _run(folder: Path, *arguments: str, conftest: str = _CONFTEST) -> tuple[list[dict[str, Any]], str]:
    (folder / "conftest.py").write_text(conftest)
    (folder / "test_shop.py").write_text(_TESTS)
    (folder / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", *arguments]
    completed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    path = folder / "units.json"
    return json.loads(path.read_text()) if path.exists() else [], completed.stdout


@pytest.mark.slow
def test_each_call_phase_is_a_unit_of_work(tmp_path: Path) -> None:
    units, output = _run(tmp_path)
    assert "1 failed, 7 passed" in output
    assert {unit["kind"] for unit in units} == {"test"}
    assert {unit["name"].removeprefix("test_shop.py::"): unit["texts"] for unit in units} == {
        "test_passes": ["test", "test"],
        "test_fails": ["test"],
        "test_has_parameters[1]": ["1"],
        "test_has_parameters[2]": ["2"],
        "test_asyncio": ["load", "load"],
        "TestAnyIO::test_anyio[1]": ["load", "load"],
        "TestAnyIO::test_anyio[2]": ["load", "load"],
        "Case::test_method": ["setUp", "method"],
    }
    paths = {unit["name"].removeprefix("test_shop.py::"): unit["paths"] for unit in units}
    assert paths["test_passes"][0] == ["query", "test_passes"]
    assert paths["test_asyncio"] == [["query", "load", "test_asyncio"]] * 2
    assert paths["TestAnyIO::test_anyio[2]"] == [["query", "load", "TestAnyIO.test_anyio"]] * 2
    assert paths["Case::test_method"][1] == ["query", "Case.test_method"]


@pytest.mark.slow
def test_reports_look_as_without_us(tmp_path: Path) -> None:
    bare = "def query(text): ...\n\nimport pytest\n\n@pytest.fixture\ndef prepared(): ...\n"
    outputs = []
    for name, conftest in (("hooked", _CONFTEST), ("bare", bare)):
        folder = tmp_path / name
        folder.mkdir()
        outputs.append(_run(folder, "--tb=long", "-rA", conftest=conftest)[1])
    hooked, plain = (re.sub(r" in [0-9.]+s", "", output) for output in outputs)
    assert hooked == plain
