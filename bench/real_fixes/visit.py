"""Visit pages of an application, as its user's command would: `python -m bench.real_fixes.visit wagtail --rows 10`.

Run in a project as `bench.real_fixes.project` makes it. The database at a size is filled once, by a process of its own.
Each page is visited once unseen, so that what is filled once a process is no part of what is watched, and once more to
be watched. With `--count` the second visit is counted here, without Ennead: one JSON line a page.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest import mock

APPLICATIONS = {
    "wagtail": ("bench.real_fixes.wagtail_site", "BENCH_SITE_DATABASE"),
    "oscar": ("bench.real_apps.applications.oscar", "BENCH_OSCAR_DATABASE"),
}
SQL_LIST = re.compile(r"\(%s(?:, %s)+\)")
VOLATILE = re.compile(r'(csrf\w*"(?:\s+value=|:\s*)")[^"]*', re.IGNORECASE)
SQL_LIMIT = re.compile(r"\b(LIMIT|OFFSET) \d+")
CLOCK = re.compile(
    r"Just now|\d+\s(?:second|minute)s?\sago|\d+\s(?:second|minute)s?\b|(?:\d+(?::\d+)*\s[ap]\.m\.|midnight|noon)"
)
"""Each visit signs in, and pages tell how long ago that was."""


def main() -> int:
    arguments = _parse()
    database = database_of(Path.cwd(), arguments.application, arguments.rows)
    if arguments.fill:
        fill(arguments.application, database, arguments.rows)
        return 0
    if not database.exists():
        subprocess.run([sys.executable, "-m", "bench.real_fixes.visit", *sys.argv[1:], "--fill"], check=True)
    package = boot(arguments.application, database)
    failed = False
    for name, answer in visit(package, arguments.pages, counted=arguments.count):
        failed = failed or answer["status"] >= 400
        print(json.dumps({"page": name, **answer}) if arguments.count else f"{answer['status']} {name}", flush=True)
    return 1 if failed else 0


def database_of(project: Path, application: str, rows: int) -> Path:
    return project / "data" / f"{application}-{rows}" / "site.sqlite3"


def fill(application: str, database: Path, rows: int) -> None:
    """Make the database; it gets its name when it is complete."""
    database.parent.mkdir(parents=True, exist_ok=True)
    unfinished = database.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    package = boot(application, unfinished)
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", run_syncdb=True, verbosity=0)
    import_module(f"{package}.data").fill(rows)
    connections.close_all()
    unfinished.rename(database)


def boot(application: str, database: Path) -> str:
    """Set Django up for an application on a database; the package of its site."""
    package, variable = APPLICATIONS[application]
    os.environ[variable] = str(database)
    os.environ["DJANGO_SETTINGS_MODULE"] = f"{package}.settings"
    import django

    django.setup()
    return package


def visit(package: str, wanted: list[str], *, counted: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """Visit each page, or the wanted ones: name, status and, if they are counted, statements and body."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    pages = import_module(f"{package}.pages")
    client = Client(raise_request_exception=False)
    with _unseen(counted=counted):
        client.force_login(get_user_model().objects.get(**pages.OWNER))
        chosen = [(name, url) for name, url in pages.addresses() if not wanted or name in wanted]
    for name, url in chosen:
        with _unseen(counted=counted):
            client.get(url)
        if not counted:
            yield name, {"status": client.get(url).status_code}
            continue
        with _statements() as statements:
            response = client.get(url)
        yield name, {"status": response.status_code, "statements": statements, "body": _text(response)}


def _unseen(*, counted: bool) -> Any:
    if counted:
        return nullcontext()
    import ennead

    return ennead.pause()


@contextmanager
def _statements() -> Iterator[Counter[str]]:
    """Count statements as Django hands them to its cursors, lists and limits of any length being alike."""
    from django.db.backends.utils import CursorWrapper

    counts: Counter[str] = Counter()
    execute = CursorWrapper.execute

    def counted_execute(self: Any, sql: str, params: Any = None) -> Any:
        counts[SQL_LIMIT.sub(r"\1 n", SQL_LIST.sub("(%s, ...)", sql))] += 1
        return execute(self, sql, params)

    with mock.patch.object(CursorWrapper, "execute", counted_execute):
        yield counts


def _text(response: Any) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return CLOCK.sub("", VOLATILE.sub(r"\1", body.decode("utf-8", "backslashreplace")))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("application", choices=APPLICATIONS)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--pages", nargs="*", default=[], metavar="PAGE", help="these pages only")
    parser.add_argument("--fill", action="store_true", help="fill the database and visit nothing")
    parser.add_argument("--count", action="store_true", help="count statements and print bodies, one JSON line a page")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
