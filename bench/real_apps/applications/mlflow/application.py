"""The tracking store and the model registry on SQLite, through `MlflowClient` and through the server's test client."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

ORM = "sqlalchemy"
PACKAGES = ("mlflow",)

_uri: list[str] = []
_rows: list[int] = []


def boot(rows: int, folder: Path) -> None:
    """Fill the store, which the server reads, too."""
    _rows[:], _uri[:] = [rows], [f"sqlite:///{folder}/mlflow.sqlite3"]
    os.environ |= {
        "MLFLOW_TRACKING_URI": _uri[0],
        "MLFLOW_REGISTRY_URI": _uri[0],
        "_MLFLOW_SERVER_FILE_STORE": _uri[0],
        "_MLFLOW_SERVER_ARTIFACT_ROOT": str(folder / "artifacts"),
        "MLFLOW_ENABLE_ASYNC_TRACE_LOGGING": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    os.chdir(folder)
    from bench.real_apps.applications.mlflow.data import fill

    fill(rows)


def actions() -> Iterator[tuple[str, Callable[[], object]]]:
    from bench.real_apps.applications.mlflow.calls import calls
    from bench.real_apps.applications.mlflow.pages import pages

    yield from calls(_rows[0])
    from mlflow.server import app

    client: Any = app.test_client()
    for name, method, path, body in pages():
        yield name, partial(client.open, path, method=method, json=body)
