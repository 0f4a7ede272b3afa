"""What the import contracts cannot see: which modules an import really loads."""

import json
import subprocess
import sys

import pytest

_PROGRAM = """
import importlib, json, pkgutil, sys
before = set(sys.modules)
package = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def _loaded_by(package: str) -> set[str]:
    """Top-level names of everything that importing a package and all its modules loads."""
    completed = subprocess.run([sys.executable, "-c", _PROGRAM, package], capture_output=True, text=True, check=True)
    modules: list[str] = json.loads(completed.stdout)
    return {module.partition(".")[0] for module in modules}


@pytest.mark.parametrize("package", ["ennead.kernel", "ennead.agent"])
def test_loads_nothing_but_itself_and_the_standard_library(package: str) -> None:
    loaded = _loaded_by(package)
    assert "ennead" in loaded
    generated = {name for name in loaded if name.startswith("_sysconfigdata")}  # the interpreter's own build settings
    assert loaded - sys.stdlib_module_names - generated == {"ennead"}


def test_notices_a_third_party_module() -> None:
    assert {"jinja2", "markupsafe"} <= _loaded_by("jinja2")
