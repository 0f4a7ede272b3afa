"""Imports of a project come from its copy."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path
from types import ModuleType

import pytest

from ennead.replay.witness.paths import lead_into_scratch, moved, originals_among
from tests.replay.project import ReplayedProject, clean_environment


@pytest.fixture
def folders(tmp_path: Path) -> tuple[str, str]:
    """A project and its copy, each with a module; the project has an environment, too."""
    root, scratch = tmp_path.resolve() / "shop", tmp_path.resolve() / "replay" / "project"
    for folder in (root, scratch):
        (folder / "src" / "package").mkdir(parents=True)
    (root / ".venv").mkdir()
    (root.parent / "shopping").mkdir()
    return str(root), str(scratch)


def test_what_is_in_the_project_and_copied_moves(folders: tuple[str, str]) -> None:
    root, scratch = folders
    assert moved(root, root, scratch) == scratch
    assert moved(f"{root}/src", root, scratch) == f"{scratch}/src"


def test_what_is_elsewhere_or_not_copied_stays(folders: tuple[str, str]) -> None:
    root, scratch = folders
    for path in (f"{root}/.venv", f"{root}ping", f"{scratch}/src", "/usr/lib", "src", "", "-m"):
        assert moved(path, root, scratch) == path


def test_what_leads_into_the_project_by_a_link_moves(folders: tuple[str, str], tmp_path: Path) -> None:
    root, scratch = folders
    (tmp_path / "link").symlink_to(root)
    assert moved(f"{tmp_path}/link/src", root, scratch) == f"{scratch}/src"
    assert moved(f"{tmp_path}/link/.venv", root, scratch) == f"{tmp_path}/link/.venv"


def test_a_copy_inside_of_the_project_is_not_moved_again(folders: tuple[str, str]) -> None:
    root, _ = folders
    inner = Path(root, "tmp", "project")
    (inner / "tmp" / "project" / "src").mkdir(parents=True)
    (inner / "src").mkdir()
    assert moved(f"{inner}/src", root, str(inner)) == f"{inner}/src"


def test_editable_installations_are_led(folders: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    root, scratch = folders
    setuptools = ModuleType("__editable___shop_1_0_finder")
    setuptools.MAPPING = {"package": f"{root}/src/package", "other": "/elsewhere"}  # type: ignore[attr-defined]
    setuptools.NAMESPACES = {"space": [f"{root}/src", "/elsewhere"]}  # type: ignore[attr-defined]

    class RedirectingFinder:
        _redirections = {"package": f"{root}/src/package"}  # noqa: RUF012 -- as the package "editables" has it

        @staticmethod
        def find_spec(*_arguments: object) -> None:
            return None

    monkeypatch.setitem(sys.modules, "__editable___shop_1_0_finder", setuptools)
    monkeypatch.setattr(sys, "path", [f"{root}/src", "/elsewhere"])
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, RedirectingFinder])
    lead_into_scratch(root, scratch)
    assert sys.path == [f"{scratch}/src", "/elsewhere"]
    assert vars(setuptools)["MAPPING"] == {"package": f"{scratch}/src/package", "other": "/elsewhere"}
    assert vars(setuptools)["NAMESPACES"] == {"space": [f"{scratch}/src", "/elsewhere"]}
    assert RedirectingFinder._redirections == {"package": f"{scratch}/src/package"}


def test_modules_of_the_project_itself_are_named(folders: tuple[str, str]) -> None:
    root, scratch = folders
    modules = []
    for file in (f"{root}/src/package", f"{scratch}/src/package", f"{root}/.venv", "/usr/lib/x.py", None):
        module = ModuleType("m")
        module.__file__ = file
        modules.append(module)
    assert originals_among([*modules, ModuleType("builtin")], root, scratch) == [f"{root}/src/package"]


WHO = """
import sys, package, module
print(package.NAME, module.NAME)
"""


@pytest.fixture
def packaged(project: ReplayedProject) -> ReplayedProject:
    project.write("src/package/__init__.py", "NAME = 'original'\n")
    project.write("lib/module.py", "NAME = 'original'\n")
    project.write("who.py", WHO)
    return project


CHANGED = {"src/package/__init__.py": "NAME = 'changed'\n", "lib/module.py": "NAME = 'changed'\n"}


def test_entries_of_pythonpath_lead_into_the_copy(packaged: ReplayedProject) -> None:
    link = packaged.folder / "link"
    link.symlink_to(packaged.root)
    path = f"{packaged.root}/src:{link}/lib"
    trace = packaged.replay("who.py", files=CHANGED, environment={"PYTHONPATH": path})
    assert (trace.stdout, trace.problems) == ("changed changed\n", ())


def test_a_module_of_the_project_itself_is_told(packaged: ReplayedProject) -> None:
    packaged.write("late.py", f"import sys\nsys.path[:0] = [{str(packaged.root / 'src')!r}, 'lib']\n{WHO}")
    trace = packaged.replay("late.py", files=CHANGED)
    assert trace.stdout == "original changed\n"
    file = packaged.root / "src/package/__init__.py"
    assert trace.problems == (f"a module was imported from the project itself, not from its copy: {file}",)


def test_environments_in_the_project_with_it_installed(packaged: ReplayedProject) -> None:
    """As ``pip install -e .`` leaves it: one package on the path, the other behind a finder of setuptools."""
    python = packaged.root / ".venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", packaged.root / ".venv"], check=True)
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    site = packaged.root / ".venv" / "lib" / version / "site-packages"
    outside = [entry for entry in (sysconfig.get_path("purelib"), *sys.path) if Path(entry).is_dir()]
    (site / "ennead.pth").write_text("\n".join([*outside, str(Path(__file__).parents[3] / "src")]))
    (site / "__editable__.shop.pth").write_text(f"{packaged.root}/lib\n")
    (site / "__editable___other_finder.py").write_text(
        f"import importlib.util, sys\nMAPPING = {{'package': {str(packaged.root / 'src/package')!r}}}\n"
        "class Finder:\n    @classmethod\n    def find_spec(cls, name, path=None, target=None):\n"
        "        if name in MAPPING:\n"
        "            return importlib.util.spec_from_file_location(name, MAPPING[name] + '/__init__.py')\n"
        "def install():\n    sys.meta_path.append(Finder)\n"
    )
    (site / "__editable__.other.pth").write_text(
        "import __editable___other_finder; __editable___other_finder.install()"
    )
    direct = subprocess.run(
        [python, "who.py"], cwd=packaged.root, env=clean_environment(), capture_output=True, text=True, check=True
    )
    assert direct.stdout == "original original\n"
    trace = packaged.replay(str(python), "who.py", files=CHANGED)
    assert (trace.stdout, trace.stderr_tail, trace.problems) == ("changed changed\n", "", ())
    script = packaged.replay(str(python), str(packaged.root / "who.py"), files=CHANGED)
    assert script.stdout == "changed changed\n"
