"""Allow-lists of other tools, as patterns for our own ``ignore``. The settings file is parsed, never run.

django-zeal's ``ZEAL_ALLOWLIST`` and nplusone's ``NPLUSONE_WHITELIST`` are lists of dictionaries with a model
(``app_label.Model``) and a field; both are matched with shell patterns there, as our relations are here.
"""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Tool = Literal["zeal", "nplusone"]
_NAMES: dict[Tool, str] = {"zeal": "ZEAL_ALLOWLIST", "nplusone": "NPLUSONE_WHITELIST"}
_KEYS: dict[Tool, frozenset[str]] = {
    "zeal": frozenset({"model", "field"}),
    "nplusone": frozenset({"model", "field", "label"}),
}
_ADDING_METHODS = ("append", "extend", "insert")
_SETTINGS_VARIABLE = "DJANGO_SETTINGS_MODULE"


class _Rule(NamedTuple):
    """One entry of a list, as it is written."""

    place: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AllowList:
    """An allow-list of another tool, translated."""

    patterns: tuple[str, ...] = ()
    """For ``[tool.ennead] ignore``."""
    remarks: tuple[str, ...] = ()
    """What could not be translated, a sentence each."""

    def without(self, known: Iterable[str]) -> AllowList:
        """Leave out patterns that are there already."""
        there = frozenset(known)
        return AllowList(tuple(each for each in self.patterns if each not in there), self.remarks)

    @property
    def toml(self) -> str:
        """Lines for ``pyproject.toml``.

        Examples
        --------
        >>> print(AllowList(("shop.Order.customer",)).toml)
        [tool.ennead]
        ignore = [
            "shop.Order.customer",
        ]
        """
        lines = [f"    {_toml_text(pattern)}," for pattern in self.patterns]
        return "\n".join(["[tool.ennead]", "ignore = [", *lines, "]"])


def read_allow_list(path: Path, tool: Tool) -> AllowList:
    """Translate the allow-list in a settings file, or in all files of a settings package.

    Parameters
    ----------
    path
        A Python file or a folder of them.
    tool
        Whose list it is.

    Raises
    ------
    EnneadError
        There is no such file, it is no Python, or has no such list.
    """
    files = sorted(path.glob("*.py")) if path.is_dir() else [path]
    remarks: list[str] = []
    rules: list[_Rule] = []
    found = False
    for file in files:
        for value in _values_of(_parse(file), _NAMES[tool]):
            found = True
            rules += _rules(value, file.name, remarks)
    if not found:
        message = f"{path} has no {_NAMES[tool]}: name the file that has it"
        raise EnneadError(message)
    patterns = [_pattern(rule, tool, remarks) for rule in rules]
    return AllowList(tuple(dict.fromkeys(each for each in patterns if each is not None)), tuple(remarks))


def settings_file(root: Path, environ: Mapping[str, str]) -> Path:
    """The settings module of the Django project in a folder: of the environment, or the one that ``manage.py`` names.

    Raises
    ------
    EnneadError
        Nothing names one, or it is not there.
    """
    module = environ.get(_SETTINGS_VARIABLE) or _named_by_manage(root / "manage.py")
    if not module:
        raise EnneadError(f"neither {_SETTINGS_VARIABLE} nor a manage.py in {root} names the settings: name their file")
    for folder in (root, root / "src"):
        path = folder.joinpath(*module.split("."))
        if path.with_suffix(".py").is_file():
            return path.with_suffix(".py")
        if (path / "__init__.py").is_file():
            return path
    raise EnneadError(f"the settings module {module} is not in {root}: name its file")


def _named_by_manage(manage: Path) -> str | None:
    if not manage.is_file():
        return None
    for node in ast.walk(_parse(manage)):
        if isinstance(node, ast.Call):
            texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
            if len(texts) > 1 and texts[0] == _SETTINGS_VARIABLE and isinstance(texts[1], str):
                return texts[1]
    return None


def _parse(file: Path) -> ast.Module:
    try:
        return ast.parse(file.read_bytes(), str(file))
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror or error}"
        raise EnneadError(message) from error
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        message = f"{file} is no Python that this version can read: {' '.join(str(error).split())}"
        raise EnneadError(message) from error


def _values_of(tree: ast.Module, name: str) -> Iterator[ast.expr]:
    """Everything that is assigned, or added, to a name, an attribute, a key or an argument of that name."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets, value=value) if any(_is_called(target, name) for target in targets):
                yield value
            case ast.AnnAssign(target=target, value=ast.expr() as value) if _is_called(target, name):
                yield value
            case ast.AugAssign(target=target, value=value) if _is_called(target, name):
                yield value
            case ast.keyword(arg=argument, value=value) if argument == name:
                yield value
            case ast.Dict(keys=keys, values=values):
                yield from (value for key, value in zip(keys, values, strict=True) if _is_text(key, name))
            case ast.Call(func=ast.Attribute(value=target, attr=attr), args=[*_, value]):
                if attr in _ADDING_METHODS and _is_called(target, name):
                    yield value


def _is_called(target: ast.expr, name: str) -> bool:
    if isinstance(target, ast.Subscript):
        return _is_text(target.slice, name)
    return (isinstance(target, ast.Name) and target.id == name) or (
        isinstance(target, ast.Attribute) and target.attr == name
    )


def _is_text(node: ast.expr | None, text: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == text


def _rules(value: ast.expr, file: str, remarks: list[str]) -> Iterator[_Rule]:
    """The dictionaries of a list that is written out; what would have to be run is a remark."""
    place = f"{file}:{value.lineno}"
    if isinstance(value, ast.List | ast.Tuple | ast.Set):
        for item in value.elts:
            yield from _rules(item, file, remarks)
    elif isinstance(value, ast.Starred):
        yield from _rules(value.value, file, remarks)
    elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        yield from _rules(value.left, file, remarks)
        yield from _rules(value.right, file, remarks)
    elif isinstance(value, ast.Dict):
        texts = _texts(value)
        if texts is None:
            remarks.append(f"{place}: {_shown(value)} is left out, it cannot be read without running it")
        else:
            yield _Rule(place, texts)
    else:
        remarks.append(f"{place}: {_shown(value)} is left out, it cannot be read without running it")


def _texts(node: ast.Dict) -> dict[str, str] | None:
    texts: dict[str, str] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(value, ast.Constant):
            return None
        if value.value is None:
            continue
        if not isinstance(key.value, str) or not isinstance(value.value, str):
            return None
        texts[key.value] = value.value
    return texts


def _pattern(rule: _Rule, tool: Tool, remarks: list[str]) -> str | None:
    unknown = set(rule.values) - _KEYS[tool]
    model, field = rule.values.get("model"), rule.values.get("field")
    if rule.values.get("label", "n_plus_one") != "n_plus_one":
        remarks.append(f"{rule.place}: left out, {rule.values['label']} is nothing that Ennead reports")
    elif unknown:
        remarks.append(f"{rule.place}: left out, {', '.join(sorted(unknown))} is no key of {tool}'s")
    elif not (model or field) or (model in ("*", None) and field in ("*", None)):
        remarks.append(f"{rule.place}: left out, it would suppress everything")
    else:
        return f"{model or '*'}.{field or '*'}"
    return None


def _shown(node: ast.expr) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 -- a line of a terminal


def _toml_text(text: str) -> str:
    return json.dumps(text).replace("\x7f", "\\u007f")
