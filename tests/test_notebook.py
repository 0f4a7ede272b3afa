"""The magics, in a real shell of IPython, which has a process to itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

_SHOP = """
import sqlite3, ennead
shop = ennead.wrap_connection(sqlite3.connect(":memory:"))
shop.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER)")
shop.execute("CREATE TABLE customer (id INTEGER PRIMARY KEY)")
for number in range(5):
    shop.execute("INSERT INTO orders VALUES (?, ?)", (number, number))
    shop.execute("INSERT INTO customer VALUES (?)", (number,))
"""
_FUNCTION = """
def customer(key):
    return shop.execute("SELECT * FROM customer WHERE id = ?", (key,)).fetchone()
"""
_ONE_BY_ONE = """%%ennead all <customers>
keys = [key for (key,) in shop.execute("SELECT customer_id FROM orders").fetchall()]
for key in keys:
    customer(key)
len(keys)
"""
_SUPPRESSED = """%%ennead
keys = [key for (key,) in shop.execute("SELECT customer_id FROM orders").fetchall()]
for key in keys:
    shop.execute("SELECT * FROM customer WHERE id = ?", (key,)).fetchone()  # ennead: ok five of them
"""
_CELLS = {
    "load": "%load_ext ennead",
    "shop": _SHOP,
    "function": _FUNCTION,
    "one by one": _ONE_BY_ONE,
    "at once": "%%ennead\nshop.execute('SELECT * FROM orders JOIN customer ON customer.id = customer_id').fetchall()",
    "suppressed": _SUPPRESSED,
    "line": "%ennead shop.execute('SELECT 1 + 1').fetchone()",
    "failing": "%%ennead\n1 / 0",
    "waiting": "%%ennead\nimport asyncio\nawait asyncio.sleep(0)\nshop.execute('SELECT 2').fetchone()",
    "another magic": "%%ennead\n%%capture kept\nprint(shop.execute('SELECT 3').fetchone())",
    "kept names": "len(keys), kept.stdout",
    "unload": "%unload_ext ennead",
    "unloaded": "%%ennead\n1",
}
_PROGRAM = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

shell = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}), colors="nocolor")
told = {}
for name, cell in json.load(sys.stdin).items():
    with capture_output() as captured:
        shell.run_cell(cell, store_history=True)
    outputs = [output.data for output in captured.outputs]
    told[name] = {"outputs": outputs, "out": captured.stdout, "err": captured.stderr}
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each cell showed."""
    folder = tmp_path_factory.mktemp("notebook")
    completed = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        input=json.dumps(_CELLS),
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={**os.environ, "IPYTHONDIR": str(folder / "ipython"), "COLUMNS": "120"},
    )
    answers: dict[str, Any] = json.loads(completed.stdout.splitlines()[-1])
    return answers


def _shown(told: dict[str, Any], cell: str) -> dict[str, str]:
    """What stands below the cell's own output."""
    shown: dict[str, str] = told[cell]["outputs"][-1]
    assert set(shown) == {"text/plain", "text/html"}
    return shown


def test_a_cell_is_a_unit_of_work(told: dict[str, Any]) -> None:
    text = _shown(told, "one by one")["text/plain"]
    assert "5 queries where 1 would do" in text
    assert (
        'cell:2   keys = [key for (key,) in shop.execute("SELECT customer_id FROM orders").fetchall()]  5 rows' in text
    )
    assert "cell:3   for key in keys:" in text
    assert 'In[3]:2  return shop.execute("SELECT * FROM customer WHERE id = ?", (key,)).fetchone()  ×5' in text
    assert text.splitlines()[-1].startswith("6 queries, ")
    assert "1 finding in 1 place" in text


def test_it_is_rich_html(told: dict[str, Any]) -> None:
    html = _shown(told, "one by one")["text/html"]
    assert "<strong>6 queries</strong>" in html
    assert "<code>cell:3</code>" in html
    assert "WHERE id = ?&#34;, (key,)" in html
    assert "<script" not in html
    assert "http" not in html


def test_a_cell_without_one_says_so(told: dict[str, Any]) -> None:
    shown = _shown(told, "at once")
    assert shown["text/plain"].startswith("1 query, ")
    assert shown["text/plain"].endswith(": no N+1 found")
    assert "no N+1 found" in shown["text/html"]
    assert "<section" not in shown["text/html"]


def test_a_comment_in_a_cell_suppresses(told: dict[str, Any]) -> None:
    shown = _shown(told, "suppressed")
    assert shown["text/plain"].endswith(": no N+1 found")
    assert "1 finding suppressed" in shown["text/html"]


def test_a_line_is_one_too(told: dict[str, Any]) -> None:
    assert _shown(told, "line")["text/plain"].startswith("1 query, ")
    assert told["line"]["out"].endswith(": (2,)\n")


def test_the_cell_s_own_result_is_shown_before(told: dict[str, Any]) -> None:
    assert told["one by one"]["out"].endswith(": 5\n")


def test_an_error_is_the_cell_s_own(told: dict[str, Any]) -> None:
    assert "ZeroDivisionError: division by zero" in told["failing"]["out"]
    assert _shown(told, "failing")["text/plain"].startswith("0 queries, ")


@pytest.mark.parametrize("cell", ["waiting", "another magic"])
def test_it_runs_what_any_cell_may_hold(told: dict[str, Any], cell: str) -> None:
    assert _shown(told, cell)["text/plain"].startswith("1 query, ")


def test_names_stay_in_the_notebook(told: dict[str, Any]) -> None:
    assert told["kept names"]["out"].endswith(r": (5, '(3,)\n')" + "\n")


def test_loading_and_unloading_say_nothing(told: dict[str, Any]) -> None:
    assert told["load"] == told["unload"] == {"outputs": [], "out": "", "err": ""}


def test_without_the_extension_there_is_no_magic(told: dict[str, Any]) -> None:
    assert told["unloaded"]["outputs"] == []
    assert "Cell magic `%%ennead` not found" in told["unloaded"]["out"] + told["unloaded"]["err"]


def test_importing_ennead_does_not_load_it() -> None:
    program = (
        "import sys, ennead; from ennead import *; print('ennead.notebook' in sys.modules, 'IPython' in sys.modules)"
    )
    completed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert completed.stdout == "False False\n"


def test_ipython_finds_the_extension_lazily() -> None:
    program = (
        "import ennead, sys\n"
        "ennead.load_ipython_extension, ennead.unload_ipython_extension\n"
        "print('ennead.notebook' in sys.modules, 'IPython' in sys.modules)"
    )
    completed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert completed.stdout == "True False\n"
