"""The version matrix: `make matrix`, or `python -m nox --session django-4.2`.

One environment for each set of versions; the tests that concern it run there. What came of each is kept below
``.nox/outcomes``, and `python -m scripts.write_tested_versions` makes the page in the docs of it. An environment whose
interpreter is not there is told as such, there and in nox's own summary.
"""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import nox
from nox.command import CommandFailed

HERE = Path(__file__).parent
OUTCOMES = HERE / ".nox" / "outcomes"
_SHOWN = (
    r"Django|djangorestframework|django-tenants|SQLAlchemy|Flask-SQLAlchemy|sqlmodel|graphene|graphene-django|graphql-core"
    r"|peewee|psycopg|asyncpg|aiosqlite|PyMySQL|mysqlclient|Flask"
)
_BASE = ("pglast", "flask", "jinja2")
_DJANGO = (*_BASE, "djangorestframework", "django-debug-toolbar", "sqlalchemy", "libcst", "sentry-sdk")
_OBSERVERS = (
    "opentelemetry-sdk",
    *(f"opentelemetry-instrumentation-{name}" for name in ("dbapi", "django", "sqlite3")),
)
_KERNEL_TESTS = (
    "tests/kernel",
    "tests/agent/test_call_path.py",
    "tests/agent/test_tasks.py",
    "tests/agent/test_units.py",
)


@dataclass(frozen=True)
class Environment:
    """One set of versions."""

    name: str
    python: str
    packages: tuple[str, ...]
    tests: tuple[str, ...]
    unpinned: str = ""
    """Packages whose line of ``constraints.txt`` does not hold here, as a pattern."""
    needs: str = ""
    """What has to be on the machine, beside the interpreter."""


def _django(version: str, python: str) -> Environment:
    major, minor = version.split(".")
    pinned = f"django>={version},<{major}.{int(minor) + 1}"
    return Environment(
        f"django-{version}",
        python,
        (pinned, *_DJANGO, *_OBSERVERS),
        ("tests/sources/django",),
        "django|djangorestframework|django-debug-toolbar",
    )


def _sqlalchemy(version: str, python: str) -> Environment:
    return Environment(
        f"sqlalchemy-{version}-python-{python}",
        python,
        (f"sqlalchemy=={version}.*", *_BASE),
        ("tests/sources/sqlalchemy",),
        "sqlalchemy",
    )


ENVIRONMENTS = (
    _django("4.2", "3.11"),
    _django("5.2", "3.12"),
    _django("6.0", "3.12"),
    _django("6.1", "3.13"),
    _sqlalchemy("2.0", "3.11"),
    _sqlalchemy("2.0", "3.13"),
    _sqlalchemy("2.1", "3.13"),
    Environment(  # graphene holds graphql-core below 3.3, Strawberry from there on
        "graphene",
        "3.11",
        ("graphene>=3.4", "graphene-django>=3.2", "django", *_DJANGO),
        ("tests/sources/graphene",),
        "graphql-core",
    ),
    Environment(  # compiled where it is installed; GPL, as no dependency of ours is
        "mysqlclient",
        "3.11",
        ("mysqlclient>=2.2", "peewee", "django", *_DJANGO),
        ("tests/sources/mysqlclient",),
        needs="a C compiler, pkg-config and the headers of MariaDB's client library (Debian: libmariadb-dev)",
    ),
    Environment(
        "sqlalchemy-2.1-flask-sqlmodel",
        "3.13",
        ("sqlalchemy==2.1.*", "flask-sqlalchemy", "sqlmodel", "fastapi", "httpx", *_BASE),
        ("tests/sources/test_flask_sqlalchemy.py", "tests/sources/test_sqlmodel.py"),
        "sqlalchemy",
    ),
    Environment(
        "django-6.1-tenants",
        "3.13",
        ("django>=6.1,<6.2", "django-tenants", *_DJANGO),
        ("tests/sources/tenants",),
        "django|djangorestframework|django-debug-toolbar",
    ),
    Environment("python-3.12", "3.12", (*_BASE, "uvloop"), (*_KERNEL_TESTS, "tests/sources/test_uvloop.py")),
    Environment("python-3.13", "3.13", (*_BASE, "uvloop"), (*_KERNEL_TESTS, "tests/sources/test_uvloop.py")),
)


def _interpreter(version: str) -> str:
    """A program of that version: of this machine's, or of pyenv's; nox skips the environment if there is none."""
    root = Path.home() / ".pyenv" / "versions"
    found = sorted(root.glob(f"{version}.*/bin/python"))
    return str(found[-1]) if found else shutil.which(f"python{version}") or version


def _tested(environment: Environment) -> None:
    @nox.session(name=environment.name, python=_interpreter(environment.python), venv_backend="venv")
    def run(session: nox.Session) -> None:
        constraints = Path(session.create_tmp()) / "constraints.txt"
        unpinned = re.compile(rf"(?:{environment.unpinned})==", re.IGNORECASE) if environment.unpinned else None
        lines = (HERE / "constraints.txt").read_text(encoding="utf-8").splitlines()
        constraints.write_text("\n".join(line for line in lines if not (unpinned and unpinned.match(line))))
        session.install("--upgrade", "pip")  # dependency groups need 25.1
        groups = ("--group", "pytest", "--group", "drivers")
        session.install("--constraint", str(constraints), *groups, "--editable", ".", *environment.packages)
        results = Path(session.create_tmp()) / "results.xml"
        results.unlink(missing_ok=True)
        try:
            session.run("python", "-m", "pytest", "-q", f"--junitxml={results}", *environment.tests, *session.posargs)
        except CommandFailed:
            _keep(session, environment, results, outcome="failed")
            raise
        _keep(session, environment, results, outcome="passed")


def _keep(session: nox.Session, environment: Environment, results: Path, *, outcome: str) -> None:
    code = "import platform; print(platform.python_version())"
    python = str(session.run("python", "-c", code, silent=True)).strip()
    listed = str(session.run("python", "-m", "pip", "list", "--format=freeze", silent=True))
    counts = ET.parse(results).getroot()[0].attrib if results.exists() else {}  # noqa: S314 -- pytest has just written it
    kept = {
        "environment": environment.name,
        "outcome": outcome,
        "python": python,
        "date": datetime.now(UTC).date().isoformat(),
        "versions": re.findall(rf"^((?:{_SHOWN})==\S+)", listed, re.MULTILINE),
        "tests": environment.tests,
        **{name: int(counts.get(name, 0)) for name in ("failures", "errors", "skipped")},
        "run": int(counts.get("tests", 0)),
    }
    OUTCOMES.mkdir(parents=True, exist_ok=True)
    (OUTCOMES / f"{environment.name}.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")


@nox.session(name="onnx", python=_interpreter("3.11"), venv_backend="venv")
def _onnx(session: nox.Session) -> None:
    """Models in the ONNX format: onnxruntime and NumPy are too large for everybody's environment."""
    session.install("--upgrade", "pip")
    groups = ("--group", "pytest", "--group", "drivers")
    session.install("--constraint", "constraints.txt", *groups, "--editable", ".[onnx]", "onnx>=1.17")
    session.run("python", "-m", "pytest", "-q", "tests/learners/test_onnx_model.py", *session.posargs)


for _environment in ENVIRONMENTS:
    _tested(_environment)
