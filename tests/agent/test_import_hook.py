"""Callbacks after imports, and nothing else changed about them."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ennead.agent.import_hook import ImportWatcher


@pytest.fixture
def watcher() -> Iterator[ImportWatcher]:
    watcher = ImportWatcher()
    yield watcher
    watcher.clear()


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package to import, forgotten afterwards."""
    folder = tmp_path / "watched_library"
    (folder / "inner").mkdir(parents=True)
    (folder / "__init__.py").write_text("LOADED = ['package']\n")
    (folder / "part.py").write_text("from watched_library import LOADED\nLOADED.append('part')\nVALUE = 1\n")
    (folder / "inner" / "__init__.py").write_text("")
    (folder / "inner" / "deep.py").write_text("VALUE = 2\n")
    (folder / "broken.py").write_text("raise KeyError('mine')\n")
    (folder / "data.txt").write_text("data")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "watched_library"]:
        del sys.modules[name]


def test_calls_back_after_the_module_has_run(watcher: ImportWatcher, library: Path) -> None:
    seen: list[int] = []
    watcher.when_imported("watched_library.part", lambda: seen.append(sys.modules["watched_library.part"].VALUE))
    assert "watched_library" not in sys.modules
    importlib.import_module("watched_library")
    assert seen == []
    importlib.import_module("watched_library.part")
    importlib.import_module("watched_library.part")
    assert seen == [1]


def test_calls_back_at_once_if_it_is_imported_already(watcher: ImportWatcher) -> None:
    seen: list[int] = []
    watcher.when_imported("sys", lambda: seen.append(1))
    assert seen == [1]
    assert watcher not in sys.meta_path


def test_package_and_module_of_it_watched_together(watcher: ImportWatcher, library: Path) -> None:
    seen: list[str] = []
    for name in ("watched_library", "watched_library.inner.deep", "watched_library.inner", "watched_library"):
        watcher.when_imported(name, lambda name=name: seen.append(name))  # type: ignore[misc]
    importlib.import_module("watched_library.inner.deep")
    assert seen == ["watched_library", "watched_library", "watched_library.inner", "watched_library.inner.deep"]


def test_the_module_looks_as_without_us(watcher: ImportWatcher, library: Path) -> None:
    def described() -> dict[str, Any]:
        module = importlib.import_module("watched_library.part")
        spec = module.__spec__
        assert spec is not None
        found = {
            "file": module.__file__,
            "loaders": (type(module.__loader__), type(spec.loader)),
            "origin": spec.origin,
            "cached": spec.cached,
            "package": module.__package__,
            "data": importlib.resources.files("watched_library").joinpath("data.txt").read_text(),
            "source": importlib.util.find_spec("watched_library.part") is spec,
        }
        for name in ("watched_library.part", "watched_library"):
            del sys.modules[name]
        return found

    plain = described()
    watcher.when_imported("watched_library.part", lambda: None)
    watcher.when_imported("watched_library", lambda: None)
    assert described() == plain


def test_errors_of_the_module_are_its_own_and_it_is_still_waited_for(watcher: ImportWatcher, library: Path) -> None:
    seen: list[int] = []
    watcher.when_imported("watched_library.broken", lambda: seen.append(1))
    for _ in range(2):
        with pytest.raises(KeyError, match="mine"):
            importlib.import_module("watched_library.broken")
    assert seen == []
    (library / "broken.py").write_text("REPAIRED = True\n")
    importlib.invalidate_caches()
    importlib.import_module("watched_library.broken")
    assert seen == [1]


def test_errors_of_callbacks_are_counted(watcher: ImportWatcher, library: Path) -> None:
    seen: list[int] = []
    watcher.when_imported("watched_library", lambda: 1 // 0)  # type: ignore[arg-type]
    watcher.when_imported("watched_library", lambda: seen.append(1))
    importlib.import_module("watched_library")
    assert watcher.error_count == 1
    assert seen == [1]


def test_a_missing_module_is_missing(watcher: ImportWatcher) -> None:
    watcher.when_imported("watched_library_that_is_absent", lambda: None)
    with pytest.raises(ModuleNotFoundError, match="watched_library_that_is_absent"):
        importlib.import_module("watched_library_that_is_absent")


def test_runs_as_a_script_too(watcher: ImportWatcher, library: Path) -> None:
    import runpy

    watcher.when_imported("watched_library.part", lambda: None)
    assert runpy.run_module("watched_library.part")["VALUE"] == 1


def test_clear_leaves_no_trace(watcher: ImportWatcher, library: Path) -> None:
    seen: list[int] = []
    finders = sys.meta_path[:]
    watcher.when_imported("watched_library", lambda: seen.append(1))
    assert sys.meta_path == [watcher, *finders]
    watcher.clear()
    watcher.clear()
    assert sys.meta_path == finders
    importlib.import_module("watched_library")
    assert seen == []


def test_two_watchers_of_one_module_are_both_told_once(library: Path) -> None:
    """Each asks the other finders, and neither asks the other for ever; the first to watch is the first to hear."""
    first, second = ImportWatcher(), ImportWatcher()
    seen: list[str] = []
    try:
        first.when_imported("watched_library.part", lambda: seen.append("first"))
        second.when_imported("watched_library.part", lambda: seen.append("second"))
        second.when_imported("watched_library.inner.deep", lambda: seen.append("deep"))
        module = importlib.import_module("watched_library.part")
        importlib.import_module("watched_library.inner.deep")
        assert seen == ["first", "second", "deep"]
        assert type(module.__loader__).__name__ == "SourceFileLoader"
        assert module.__spec__ is not None
        assert module.__spec__.loader is module.__loader__
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("watched_library.absent")
    finally:
        first.clear()
        second.clear()
