"""Whose code a file is, and what line an instruction stands for: Python's and Jinja2's."""

from __future__ import annotations

import asyncio
import os
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jinja2
import pytest

from ennead.agent.call_path import FILE_KINDS, forget_paths
from ennead.agent.places import INSPECTED, LIBRARY, PROJECT, USER, FileKinds, ProjectRoot, python_site
from ennead.kernel.call_site import CallSite
from tests.agent.library import execute, make_library, record

ROOT = str(Path(__file__).parents[2])


# ------------------------------------------------------------------------------------------------ kinds of files


@pytest.mark.parametrize(
    ("filename", "kind"),
    [
        ("/srv/shop/views.py", USER),
        ("views.py", USER),
        (r"C:\shop\views.py", USER),
        (__file__, USER),
        ("<stdin>", USER),
        ("<ipython-input-3-abc>", USER),
        ("<string>", LIBRARY),
        ("<frozen importlib._bootstrap>", LIBRARY),
        ("<attrs generated init shop.models.Order>", LIBRARY),
        ("/srv/shop/.venv/lib/python3.11/site-packages/django/db/models/query.py", LIBRARY),
        (r"C:\shop\.venv\Lib\site-packages\django\db\models\query.py", LIBRARY),
        ("/usr/lib/python3/dist-packages/psycopg2/__init__.py", LIBRARY),
        (os.__file__, LIBRARY),
        (asyncio.__file__, LIBRARY),
        (pytest.__file__, LIBRARY),
        (f"{sysconfig.get_path('scripts')}/uvicorn", LIBRARY),
        (sys.modules["ennead.agent.places"].__file__, LIBRARY),
        (f"{ROOT}/src/ennead_example/models.py", USER),
    ],
)
def test_whose_code_a_file_is(filename: str, kind: int) -> None:
    kinds = FileKinds()
    assert kinds.of(filename) == kind
    assert kinds.of(filename) == kind
    assert kinds.is_user_file(filename) == (kind == USER)


def test_installed_packages_may_count_as_the_users() -> None:
    kinds = FileKinds()
    file = "/venv/lib/python3.11/site-packages/oscar/apps/order/models.py"
    assert kinds.of(file) == LIBRARY
    kinds.set_project_packages(("oscar",))
    assert kinds.of(file) == USER
    assert kinds.of("/venv/lib/python3.11/site-packages/oscarbot/models.py") == LIBRARY
    assert kinds.of("/environments/oscar/lib/python3.11/site-packages/django/db/models/query.py") == LIBRARY


def test_inspected_files() -> None:
    kinds = FileKinds()
    file = "/venv/lib/python3.11/site-packages/django/template/base.py"
    assert kinds.of(file) == LIBRARY
    kinds.mark_inspected(file)
    assert kinds.of(file) == INSPECTED


# ------------------------------------------------------------------------------------------------ the project's folder


def test_names_are_relative_to_the_project(tmp_path: Path) -> None:
    project = ProjectRoot()
    project.path = str(tmp_path)
    assert project.relative(f"{tmp_path}/shop/views.py") == "shop/views.py"
    assert project.relative("/elsewhere/views.py") == "/elsewhere/views.py"
    assert project.relative(f"{tmp_path}-two/views.py") == f"{tmp_path}-two/views.py"
    assert project.relative("views.py") == "views.py"
    assert project.relative("<stdin>") == "<stdin>"
    assert project.absolute("shop/views.py") == f"{tmp_path}/shop/views.py"
    assert project.absolute("/elsewhere/views.py") == "/elsewhere/views.py"


def test_links_into_the_project_are_followed(tmp_path: Path) -> None:
    (tmp_path / "real" / "shop").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    project = ProjectRoot()
    project.path = str(tmp_path / "link")
    assert project.relative(str(tmp_path / "real" / "shop" / "views.py")) == "shop/views.py"
    assert project.relative(str(tmp_path / "link" / "shop" / "views.py")) == "shop/views.py"


@pytest.mark.parametrize("marker", ["pyproject.toml", "manage.py", ".git"])
def test_the_folder_is_found_by_its_marker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, marker: str) -> None:
    (tmp_path / "shop" / "orders").mkdir(parents=True)
    (tmp_path / "shop" / marker).touch()
    monkeypatch.chdir(tmp_path / "shop" / "orders")
    assert ProjectRoot().path == str(tmp_path / "shop")


# ------------------------------------------------------------------------------------------------ Python lines


def _first_site(function: Callable[[], object], depth: int = 0) -> CallSite:
    return record(function).hits[0].site.path.sites[depth]


def test_a_call_over_several_lines() -> None:
    def page() -> None:
        execute(
            "SELECT 1",
            (),
        )

    site = _first_site(page)
    start = page.__code__.co_firstlineno + 1
    assert (site.line, site.end_line, site.column, site.end_column) == (start, start + 3, 8, 9)
    assert site.source == "execute("


def test_source_that_cannot_be_read() -> None:
    module = make_library("def page(execute):\n    execute('SELECT 1')\n", "absent")
    code = module.page.__code__.replace(co_filename="/srv/absent/views.py")
    site = python_site(code, -1, "absent.views")
    assert (site.file, site.line, site.source, site.column) == ("/srv/absent/views.py", 1, None, None)


class _Rows:
    """Runs a query for each row it is asked for."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __iter__(self) -> Iterator[int]:
        rows: Iterator[int] = _ITERATION.rows(execute, self._count)
        return rows


_ITERATION = make_library(
    "def rows(execute, count):\n    for number in range(count):\n        execute('SELECT 1')\n        yield number\n",
    "rows",
)


@pytest.mark.parametrize(
    "consume",
    [
        pytest.param(lambda rows: [row for row in rows], id="list"),  # noqa: C416 -- the loop is what is tested
        pytest.param(lambda rows: {row: row for row in rows}, id="dict"),
        pytest.param(lambda rows: sum(row for row in rows), id="generator"),
    ],
)
def test_comprehensions_iterate(consume: Callable[[Any], object]) -> None:
    sites = record(lambda: consume(_Rows(3))).hits[1].site.path.sites
    assert sites[0].note == "iterates"


@pytest.mark.parametrize("consume", [lambda rows: next(iter(rows)), max], ids=["next", "max"])
def test_calls_do_not_iterate(consume: Callable[[Any], object]) -> None:
    sites = record(lambda: consume(_Rows(3))).hits[0].site.path.sites
    assert sites[0].note is None


def test_a_for_statement_iterates_and_its_header_does_not() -> None:
    def page() -> None:
        for _ in _Rows(2):
            execute("SELECT 2")
        for _ in (execute("SELECT 3"), 1):
            pass

    hits = record(page).hits
    notes = {hit.site.statement.sql: hit.site.path.sites[0].note for hit in hits}
    assert notes == {"SELECT 1": "iterates", "SELECT 2": None, "SELECT 3": None}


# ------------------------------------------------------------------------------------------------ Jinja2


class Order:
    """Its customer is loaded when it is asked for, by a library."""

    def __init__(self, number: int) -> None:
        self.number = number

    @property
    def customer(self) -> str:
        return str(_LAZY.load(execute, self.number))

    def total(self) -> int:
        return len(str(_LAZY.load(execute, self.number)))


_LAZY = make_library("def load(execute, number):\n    execute('SELECT name', (number,))\n    return 'name'\n", "lazy")
_TEMPLATES = {
    "base.html": "<html>\n{% block title %}none{% endblock %}\n<body>\n\n{% block body %}\n{% endblock %}\n</body>",
    "page.html": """{% extends "base.html" %}
{% block title %}Orders{% endblock %}
{% block body %}
  {% from "macros.html" import card with context %}
  {% for order in orders %}
    <p>{{ order.customer }}</p>
    {% include "part.html" %}
    {{ card(order) }}
    {% if order.total() > 1 %}
      big
    {% endif %}
  {% endfor %}
{% endblock %}
""",
    "part.html": "part\n\n{{ order.customer|upper }}",
    "macros.html": "{% macro card(order) %}\n  {{ order.number }}\n  {{ order.customer }}\n{% endmacro %}",
}


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in _TEMPLATES.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(PROJECT, "_path", str(tmp_path))
    forget_paths()
    return tmp_path


def _render(environment: jinja2.Environment, name: str) -> list[list[tuple[str, int, str | None]]]:
    orders = [Order(number) for number in range(3)]
    template = environment.get_template(name)
    paths = []
    for hit in record(lambda: template.render(orders=orders)).hits:
        sites = [site for site in hit.site.path.sites if site.language == "jinja2"]
        assert {site.function for site in sites} <= set(_TEMPLATES)
        paths.append([(site.file, site.line, site.source) for site in sites])
    return paths


LOOP_LINES = [
    [("page.html", 6, "<p>{{ order.customer }}</p>")],
    [("part.html", 3, "{{ order.customer|upper }}"), ("page.html", 7, '{% include "part.html" %}')],
    [("macros.html", 3, "{{ order.customer }}"), ("page.html", 8, "{{ card(order) }}")],
    [("page.html", 9, "{% if order.total() > 1 %}")],
]


def test_template_lines_of_blocks_includes_and_macros(templates: Path) -> None:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(templates), autoescape=True)
    for _ in range(2):
        paths = _render(environment, "page.html")
        assert [path[: len(expected)] for path, expected in zip(paths, LOOP_LINES * 3, strict=True)] == LOOP_LINES * 3
        assert {path[-1][:2] for path in paths} == {("page.html", 1)}
        assert [file for file, _, _ in paths[0]] == ["page.html", "base.html", "page.html"]


def test_python_and_template_frames_take_turns(templates: Path) -> None:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(templates), autoescape=True)

    def page() -> str:
        return environment.get_template("page.html").render(orders=[Order(1)])

    sites = record(page).hits[0].site.path.sites
    languages = [site.language for site in sites]
    assert languages == ["python", "jinja2", "jinja2", "jinja2", "python"]
    assert sites[0].function == "Order.customer"
    assert sites[-1].function.endswith("page")


async def test_asynchronous_templates(templates: Path) -> None:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(templates), autoescape=True, enable_async=True)
    template = environment.get_template("page.html")
    from ennead.agent.units import Recording, await_inside

    async with Recording("test", "profile", explicit=True) as recording:
        await await_inside(template.render_async(orders=[Order(1)]))
    assert recording.unit is not None
    found = []
    for hit in recording.unit.hits:
        sites = [site for site in hit.site.path.sites if site.language == "jinja2"]
        found.append([(site.file, site.line, site.source) for site in sites])
    assert [path[: len(expected)] for path, expected in zip(found, LOOP_LINES, strict=True)] == LOOP_LINES


def test_templates_without_a_file() -> None:
    environment = jinja2.Environment(loader=jinja2.DictLoader({"mail.txt": "\n{{ order.customer }}"}), autoescape=True)
    template = environment.get_template("mail.txt")
    site = _first_site(lambda: template.render(order=Order(1)), 1)
    assert (site.function, site.line, site.source, site.language) == ("mail.txt", 2, None, "jinja2")
    nameless = jinja2.Template("{{ order.customer }}")
    site = _first_site(lambda: nameless.render(order=Order(1)), 1)
    assert (site.line, site.language) == (1, "jinja2")


def test_templates_of_libraries_are_not_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "site-packages" / "admin"
    folder.mkdir(parents=True)
    (folder / "list.html").write_text("{{ order.customer }}")
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(folder), autoescape=True)
    template = environment.get_template("list.html")
    sites = record(lambda: template.render(order=Order(1))).hits[0].site.path.sites
    assert {site.language for site in sites} == {"python"}
    assert FILE_KINDS.of(str(folder / "list.html")) == LIBRARY
