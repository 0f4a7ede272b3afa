"""Allow-lists of zeal and nplusone, read from settings as people write them."""

import os
import tomllib
from pathlib import Path

import pytest

from ennead.kernel.errors import EnneadError
from ennead.store.allow_lists import AllowList, Tool, read_allow_list, settings_file


def _read(tmp_path: Path, text: str, tool: Tool = "zeal") -> AllowList:
    path = tmp_path / "settings.py"
    path.write_text(text)
    return read_allow_list(path, tool)


@pytest.mark.parametrize(
    ("entry", "pattern"),
    [
        ('{"model": "shop.Order", "field": "customer"}', "shop.Order.customer"),
        ('{"model": "shop.*", "field": "line_set"}', "shop.*.line_set"),
        ('{"model": "shop.Order"}', "shop.Order.*"),
        ('{"model": "shop.Order", "field": None}', "shop.Order.*"),
        ('{"model": "shop.Order", "field": "*"}', "shop.Order.*"),
        ('{"model": "shop.[OL]*", "field": "c?"}', "shop.[OL]*.c?"),
    ],
)
def test_entries_of_zeal(tmp_path: Path, entry: str, pattern: str) -> None:
    assert _read(tmp_path, f"ZEAL_ALLOWLIST = [{entry}]\n") == AllowList((pattern,))


@pytest.mark.parametrize(
    ("entry", "pattern"),
    [
        ('{"label": "n_plus_one", "model": "shop.Order"}', "shop.Order.*"),
        ('{"model": "admin.*"}', "admin.*.*"),
        ('{"model": "Order", "field": "customer"}', "Order.customer"),
        ('{"field": "customer"}', "*.customer"),
    ],
)
def test_entries_of_nplusone(tmp_path: Path, entry: str, pattern: str) -> None:
    assert _read(tmp_path, f"NPLUSONE_WHITELIST = [{entry}]\n", "nplusone") == AllowList((pattern,))


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ('{"label": "unused_eager_load", "model": "shop.Order"}', "unused_eager_load is nothing that Ennead reports"),
        ('{"label": "n_plus_one"}', "it would suppress everything"),
        ('{"model": "*"}', "it would suppress everything"),
        ("{}", "it would suppress everything"),
        ('{"modle": "shop.Order"}', "modle is no key of nplusone's"),
        ('{"model": Order}', "cannot be read without running it"),
        ('{"model": f"{app}.Order"}', "cannot be read without running it"),
        ("{**shared}", "cannot be read without running it"),
        ("entry()", "settings.py:2: entry() is left out"),
    ],
)
def test_what_has_no_counterpart_is_told_and_left_out(tmp_path: Path, entry: str, words: str) -> None:
    found = _read(tmp_path, f'NPLUSONE_WHITELIST = [{{"model": "a.B"}},\n{entry}]\n', "nplusone")
    assert found.patterns == ("a.B.*",)
    (remark,) = found.remarks
    assert words in remark
    assert remark.startswith("settings.py:2: ")


@pytest.mark.parametrize(
    "text",
    [
        "NPLUSONE_WHITELIST: list[dict[str, str]] = [ENTRY]",
        "NPLUSONE_WHITELIST = (ENTRY,)",
        "NPLUSONE_WHITELIST = [] + [ENTRY]",
        "NPLUSONE_WHITELIST = [*[ENTRY]]",
        "NPLUSONE_WHITELIST = []\nNPLUSONE_WHITELIST += [ENTRY]",
        "NPLUSONE_WHITELIST = []\nNPLUSONE_WHITELIST.append(ENTRY)",
        "app.config['NPLUSONE_WHITELIST'] = [ENTRY]",
        "app.config.update(NPLUSONE_WHITELIST=[ENTRY])",
        "app.config.update({'NPLUSONE_WHITELIST': [ENTRY]})",
        "class Config:\n    NPLUSONE_WHITELIST = [ENTRY]",
        "try:\n    import nplusone\n    settings.NPLUSONE_WHITELIST = [ENTRY]\nexcept ImportError:\n    pass",
    ],
)
def test_however_the_list_is_made(tmp_path: Path, text: str) -> None:
    found = _read(tmp_path, text.replace("ENTRY", "{'model': 'shop.Order', 'field': 'customer'}"), "nplusone")
    assert found == AllowList(("shop.Order.customer",))


def test_the_file_is_never_run(tmp_path: Path) -> None:
    marker = tmp_path / "was-run"
    text = f"open({str(marker)!r}, 'w')\nraise SystemExit\nZEAL_ALLOWLIST = [{{'model': 'a.B'}}]\n"
    assert _read(tmp_path, text).patterns == ("a.B.*",)
    assert not marker.exists()


def test_the_other_tools_list_is_not_taken(tmp_path: Path) -> None:
    with pytest.raises(EnneadError, match="has no ZEAL_ALLOWLIST"):
        _read(tmp_path, "NPLUSONE_WHITELIST = [{'model': 'a.B'}]")


def test_an_empty_list_is_a_list(tmp_path: Path) -> None:
    assert _read(tmp_path, "ZEAL_ALLOWLIST = []") == AllowList()


@pytest.mark.parametrize("text", ["ZEAL_ALLOWLIST = [", "\x00", "(" * 300])
def test_what_is_no_python_is_told_in_one_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(EnneadError, match="is no Python") as error:
        _read(tmp_path, text)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(EnneadError, match="cannot be read: No such file"):
        read_allow_list(tmp_path / "nowhere.py", "zeal")


def test_a_folder_of_settings_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "base.py").write_text("ZEAL_ALLOWLIST = [{'model': 'a.B'}]")
    (tmp_path / "local.py").write_text("from .base import *\nZEAL_ALLOWLIST += [{'model': 'a.C'}, {'model': 'a.B'}]")
    assert read_allow_list(tmp_path, "zeal").patterns == ("a.B.*", "a.C.*")


# ------------------------------------------------------------------------------------------------ output


def test_the_output_is_toml_whatever_is_in_it() -> None:
    patterns = ("shop.Order.customer", 'a"b\\c.*', "é\x7f\n.x")
    assert tomllib.loads(AllowList(patterns).toml) == {"tool": {"ennead": {"ignore": list(patterns)}}}


def test_what_is_ignored_already_is_left_out() -> None:
    assert AllowList(("a", "b"), ("r",)).without(["b", "c"]) == AllowList(("a",), ("r",))


# ------------------------------------------------------------------------------------------------ the settings file

MANAGE = 'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")\n'


def _touch(*files: Path) -> None:
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")


def test_manage_py_names_the_settings(tmp_path: Path) -> None:
    (tmp_path / "manage.py").write_text(MANAGE)
    _touch(tmp_path / "config" / "settings.py")
    assert settings_file(tmp_path, {}) == tmp_path / "config" / "settings.py"


def test_the_environment_comes_first_and_a_package_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "manage.py").write_text(MANAGE)
    _touch(tmp_path / "src" / "shop" / "conf" / "__init__.py")
    assert settings_file(tmp_path, {"DJANGO_SETTINGS_MODULE": "shop.conf"}) == tmp_path / "src" / "shop" / "conf"


@pytest.mark.parametrize("manage", [None, "print('no settings')\n", "os.environ.setdefault('OTHER', 'x')\n"])
def test_without_a_name_it_asks_for_the_file(tmp_path: Path, manage: str | None) -> None:
    if manage is not None:
        (tmp_path / "manage.py").write_text(manage)
    with pytest.raises(EnneadError, match="name their file"):
        settings_file(tmp_path, {})


def test_a_module_that_is_elsewhere_is_told(tmp_path: Path) -> None:
    with pytest.raises(EnneadError, match=r"settings module other\.conf is not in"):
        settings_file(tmp_path, {**os.environ, "DJANGO_SETTINGS_MODULE": "other.conf"})
