"""The SQL store through `zenml.client.Client`, as scripts and the command line use it."""

import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ORM = "sqlalchemy"
PACKAGES = ("zenml",)

STORE = "local_stores/default_zen_store/zenml.db"

_rows: list[int] = []


def boot(rows: int, folder: Path) -> None:
    """Fill a store, or copy what an earlier boot of this environment filled: that takes minutes."""
    _rows[:] = [rows]
    os.environ |= {
        "ZENML_CONFIG_PATH": str(folder),
        "ZENML_ANALYTICS_OPT_IN": "false",
        "ZENML_LOGGING_VERBOSITY": "ERROR",
        "ZENML_ENABLE_REPO_INIT_WARNINGS": "false",
    }
    os.chdir(folder)
    sources = Path(__file__).read_bytes() + Path(__file__).with_name("data.py").read_bytes()
    kept = Path(sys.prefix) / "data" / f"{hashlib.sha256(sources).hexdigest()[:12]} {rows} rows.db"
    store = folder / STORE
    if kept.exists():
        store.parent.mkdir(parents=True)
        shutil.copy(kept, store)
        return
    from bench.real_apps.applications.zenml.data import fill

    fill(rows)
    kept.parent.mkdir(exist_ok=True)
    unfinished = kept.with_suffix(f".{os.getpid()}")
    shutil.copy(store, unfinished)
    unfinished.rename(kept)


def actions() -> Iterator[tuple[str, Callable[[], object]]]:
    from bench.real_apps.applications.zenml.calls import calls

    return calls()
