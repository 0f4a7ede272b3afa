"""A coding agent in front of the real server, and the small Django project that it works on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult, TextContent

from tests.runs.project import ENNEAD

LIST_LOANS = ["python", "manage.py", "list_loans"]
REPORT_FILE = "loans/report.py"
_FILES = {
    "pyproject.toml": "",
    ".gitignore": "*.sqlite3\n__pycache__/\n.ennead/\n",
    "manage.py": """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
""",
    "settings.py": """
from pathlib import Path
SECRET_KEY = "only for this test"
INSTALLED_APPS = ["loans"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": Path(__file__).parent / "db.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
""",
    "loans/__init__.py": "",
    "loans/models.py": """
from django.db import models


class Reader(models.Model):
    name = models.CharField(max_length=50)


class Loan(models.Model):
    title = models.CharField(max_length=50)
    reader = models.ForeignKey(Reader, on_delete=models.CASCADE)
""",
    REPORT_FILE: """from loans.models import Loan


def lines():
    loans = Loan.objects.order_by("pk")
    return [f"{loan.title}: {loan.reader.name}" for loan in loans]
""",
    "loans/management/__init__.py": "",
    "loans/management/commands/__init__.py": "",
    "loans/management/commands/list_loans.py": """
from django.core.management.base import BaseCommand

from loans.report import lines


class Command(BaseCommand):
    def handle(self, *args, **options):
        for line in lines():
            self.stdout.write(line)
""",
    "loans/management/commands/fill.py": """
from django.core.management.base import BaseCommand

from loans.models import Loan, Reader


class Command(BaseCommand):
    def handle(self, *args, **options):
        for number in range(6):
            Loan.objects.create(title=f"book {number}", reader=Reader.objects.create(name=f"reader {number}"))
""",
}


def make_loans(folder: Path) -> Path:
    """The project with six loans, committed."""
    for name, text in _FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for arguments in (["migrate", "--run-syncdb", "-v", "0"], ["fill"]):
        subprocess.run([sys.executable, "manage.py", *arguments], cwd=folder, check=True)
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "loans"]):
        subprocess.run([*git, *arguments], cwd=folder, check=True)
    return folder


class Agent:
    """Calls tools as a coding agent does."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.progress: list[str] = []

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """What a tool answers."""
        result = await self._call(tool, arguments)
        assert not result.is_error, result
        answer = result.structured_content
        assert isinstance(answer, dict)
        assert text_of(result)
        return answer

    async def refusal(self, tool: str, **arguments: Any) -> str:
        """What a tool says of its failure."""
        result = await self._call(tool, arguments)
        assert result.is_error, result
        text = text_of(result)
        assert "Traceback" not in text
        assert "\n" not in text
        return text.removeprefix(f"Error executing tool {tool}: ")

    async def _call(self, tool: str, arguments: dict[str, Any]) -> CallToolResult:
        async def note(progress: float, total: float | None, message: str | None) -> None:
            self.progress.append(message or "")

        result = await self.client.call_tool(tool, arguments, progress_callback=note)
        assert isinstance(result, CallToolResult)
        return result


def text_of(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


@asynccontextmanager
async def agent(folder: Path, *options: str, environment: Mapping[str, str] | None = None) -> AsyncIterator[Agent]:
    """A client session with the server as a process of its own, started beside the project, not in it."""
    program, *arguments = ENNEAD
    server = StdioServerParameters(
        command=program,
        args=[*arguments, "mcp", "--project", str(folder), *options],
        cwd=str(folder.parent),
        env={
            "PATH": "/usr/bin:/bin",
            **(environment or {}),
        },  # a client hands on little: our programs are found all the same
    )
    async with Client(server) as client:
        yield Agent(client)
