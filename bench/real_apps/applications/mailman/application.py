"""The core's REST API through falcon's test client, its commands, and the handlers that a message goes through."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

ORM = "sqlalchemy"
PACKAGES = ("mailman",)

CONFIGURATION = """
[mailman]
layout: here
[paths.here]
var_dir: {folder}
[mta]
incoming: mailman.mta.null.NullMTA
[webservice]
admin_user: owner
admin_pass: secret
"""

_rows: list[int] = []


def boot(rows: int, folder: Path) -> None:
    _rows[:] = [rows]
    os.chdir(folder)
    configuration = folder / "mailman.cfg"
    configuration.write_text(CONFIGURATION.format(folder=folder))
    from mailman.core.initialize import initialize

    initialize(str(configuration))
    from bench.real_apps.applications.mailman.data import fill

    fill(rows)


def actions() -> Iterator[tuple[str, Callable[[], object]]]:
    from falcon.testing import TestClient
    from mailman.rest.wsgiapp import make_application

    from bench.real_apps.applications.mailman import commands, pages

    served = make_application()
    # The client tells WSGI from ASGI by the names of the arguments.
    client: Any = TestClient(
        lambda environ, start_response: served(environ, start_response),  # noqa: PLW0108 - for its arguments' names
        headers={"Authorization": "Basic b3duZXI6c2VjcmV0"},
    )
    for name, path in pages.pages():
        yield f"REST: {name}", partial(client.simulate_get, path)
    for name, method, path, body in pages.changes(_rows[0]):
        yield f"REST: {name}", partial(client.simulate_request, method, path, json=body)
    yield from commands.actions()
