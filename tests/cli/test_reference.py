"""The generated pages say what the code says."""

import pkgutil
from dataclasses import is_dataclass
from importlib import import_module

import pytest

import ennead
from ennead.cli.doctor import SETTINGS
from ennead.kernel.settings import specs_of
from scripts.write_reference import FOLDER, pages


@pytest.mark.parametrize("name", pages())
def test_page_is_current(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == pages()[name], "run: python -m scripts.write_reference"


def test_every_declared_setting_is_in_the_table_and_in_the_doctor() -> None:
    declared = set()
    for module in pkgutil.walk_packages(ennead.__path__, "ennead."):
        if not module.name.endswith(".settings"):
            continue
        for item in vars(import_module(module.name)).values():
            if isinstance(item, type) and is_dataclass(item) and list(specs_of(item)):
                declared.add(item)
    assert declared == set(SETTINGS)


def test_no_variable_is_declared_twice() -> None:
    variables = [spec.env for settings in SETTINGS for spec in specs_of(settings)]
    assert len(variables) == len(set(variables))
