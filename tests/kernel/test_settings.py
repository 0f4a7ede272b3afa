"""Settings: where a value comes from, and every message about a wrong one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ennead.kernel.errors import EnneadError
from ennead.kernel.settings import SettingSpec, load_settings, read_pyproject, setting, specs_of


@dataclass(frozen=True, slots=True)
class Bakery:
    """One setting of each kind."""

    open: bool = setting(default=True, env="BAKERY_OPEN", help="Whether it is open.")
    ovens: int = setting(2, env="BAKERY_OVENS", help="Ovens.", unit="count", low=1, high=10)
    heat: float = setting(230.5, env="BAKERY_HEAT", help="Heat.", unit="°C", low=0.0, high=300)
    name: str = setting("", env="BAKERY_NAME", help="Name.")
    breads: tuple[str, ...] = setting((), env="BAKERY_BREADS", help="Breads.")
    recipe: str = "secret"
    """Not a setting: it has no variable."""


def test_defaults_hold_where_nobody_says_otherwise() -> None:
    assert load_settings(Bakery, {}, {}) == Bakery(open=True, ovens=2, heat=230.5, name="", breads=())


def test_the_environment_comes_before_pyproject_and_that_before_the_default() -> None:
    loaded = load_settings(Bakery, {"BAKERY_OVENS": "3"}, {"ovens": 4, "heat": 180})
    assert (loaded.ovens, loaded.heat, loaded.name) == (3, 180.0, "")


def test_the_process_environment_is_read_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAKERY_NAME", "Crumb")
    assert load_settings(Bakery).name == "Crumb"


def test_what_is_no_setting_cannot_be_set() -> None:
    assert load_settings(Bakery, {"recipe": "x", "RECIPE": "x"}, {"recipe": "x"}).recipe == "secret"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((text, True) for text in ("1", "TRUE", " yes ", "on")),
        *((text, False) for text in ("0", "False", "no", "off", "")),
    ],
)
def test_reads_booleans(text: str, value: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    assert load_settings(Bakery, {"BAKERY_OPEN": text}, {}).open is value


@pytest.mark.parametrize(
    ("environ", "pyproject", "name", "value"),
    [
        ({"BAKERY_OVENS": " 7 "}, {}, "ovens", 7),
        ({"BAKERY_OVENS": "1"}, {}, "ovens", 1),
        ({"BAKERY_OVENS": "10"}, {}, "ovens", 10),
        ({"BAKERY_HEAT": "2e2"}, {}, "heat", 200.0),
        ({"BAKERY_BREADS": "rye, spelt,,"}, {}, "breads", ("rye", "spelt")),
        ({"BAKERY_BREADS": ""}, {}, "breads", ()),
        ({}, {"breads": ["rye", "a, b"]}, "breads", ("rye", "a, b")),
        ({}, {"breads": "rye, spelt"}, "breads", ("rye", "spelt")),
        ({}, {"open": False}, "open", False),
        ({}, {"name": " kept as it is "}, "name", " kept as it is "),
    ],
)
def test_reads_values(environ: dict[str, str], pyproject: dict[str, Any], name: str, value: object) -> None:
    assert getattr(load_settings(Bakery, environ, pyproject), name) == value


@pytest.mark.parametrize(
    ("environ", "pyproject", "message"),
    [
        ({"BAKERY_OPEN": "maybe"}, {}, 'BAKERY_OPEN must be true or false, got "maybe"'),
        ({"BAKERY_OVENS": "5s"}, {}, 'BAKERY_OVENS must be a positive integer, got "5s"'),
        ({"BAKERY_OVENS": "2.5"}, {}, 'BAKERY_OVENS must be a positive integer, got "2.5"'),
        ({"BAKERY_OVENS": ""}, {}, 'BAKERY_OVENS must be a positive integer, got ""'),
        ({"BAKERY_OVENS": "0"}, {}, 'BAKERY_OVENS must be at least 1, got "0"'),
        ({"BAKERY_OVENS": "11"}, {}, 'BAKERY_OVENS must be at most 10, got "11"'),
        ({"BAKERY_HEAT": "warm"}, {}, 'BAKERY_HEAT must be a number, got "warm"'),
        ({"BAKERY_HEAT": "nan"}, {}, 'BAKERY_HEAT must be a number, got "nan"'),
        ({"BAKERY_HEAT": "-inf"}, {}, 'BAKERY_HEAT must be a number, got "-inf"'),
        ({"BAKERY_HEAT": "-0.5"}, {}, 'BAKERY_HEAT must be at least 0, got "-0.5"'),
        ({"BAKERY_HEAT": "300.5"}, {}, 'BAKERY_HEAT must be at most 300, got "300.5"'),
        ({}, {"open": "maybe"}, '[tool.ennead] open must be true or false, got "maybe"'),
        ({}, {"ovens": True}, '[tool.ennead] ovens must be a positive integer, got "True"'),
        ({}, {"ovens": 99}, '[tool.ennead] ovens must be at most 10, got "99"'),
        ({}, {"name": 3}, '[tool.ennead] name must be a text, got "3"'),
        ({}, {"breads": 3}, '[tool.ennead] breads must be a list of texts, got "3"'),
        ({}, {"breads": ["rye", 3]}, "[tool.ennead] breads must be a list of texts, got \"['rye', 3]\""),
    ],
)
def test_names_the_variable_and_what_it_must_be(
    environ: dict[str, str], pyproject: dict[str, Any], message: str
) -> None:
    with pytest.raises(EnneadError) as caught:
        load_settings(Bakery, environ, pyproject)
    assert str(caught.value) == message


def test_tells_the_rows_of_the_table_of_settings() -> None:
    rows = list(specs_of(Bakery))
    assert rows[1] == SettingSpec("ovens", "BAKERY_OVENS", "int", 2, "count", 1, 10, "Ovens.")
    assert [(row.name, row.kind) for row in rows] == [
        ("open", "bool"),
        ("ovens", "int"),
        ("heat", "float"),
        ("name", "str"),
        ("breads", "tuple[str, ...]"),
    ]


def test_reads_the_table_of_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.ennead]\novens = 4\n[tool.other]\novens = 5\n", encoding="utf-8")
    assert read_pyproject(str(tmp_path)) == {"ovens": 4}


@pytest.mark.parametrize("text", ["", "[tool.other]\novens = 5\n", "[tool]\nennead = 3\n", "tool = 3\n"])
def test_a_pyproject_without_our_table_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    assert read_pyproject(str(tmp_path)) == {}


def test_a_folder_without_pyproject_says_nothing(tmp_path: Path) -> None:
    assert read_pyproject(str(tmp_path)) == {}


@pytest.mark.parametrize("content", [b"ovens = = 3", b'name = "caf\xe9"'], ids=["no TOML", "no UTF-8"])
def test_a_broken_pyproject_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_bytes(content)
    with pytest.raises(EnneadError, match="cannot be read") as caught:
        read_pyproject(str(tmp_path))
    assert str(caught.value).startswith(str(path))
