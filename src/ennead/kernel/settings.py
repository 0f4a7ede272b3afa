"""Settings: environment variables first, then ``[tool.ennead]`` of ``pyproject.toml``, then the default.

A domain or the agent declares a frozen dataclass; each field names its environment variable in its metadata, made by
:func:`setting`. The docs' table of settings is generated from the same declarations.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

T = TypeVar("T")
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


def setting(
    default: Any,
    *,
    env: str,
    help: str,  # noqa: A002 -- what every command-line library calls it
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    parse: Callable[[object, str], object] | None = None,
) -> Any:
    """Declare one setting of a settings dataclass.

    Parameters
    ----------
    default
        Used where neither the environment nor ``pyproject.toml`` says otherwise.
    env
        The environment variable.
    help
        One sentence for the table of settings.
    unit
        Unit, where the value is a number.
    low, high
        Inclusive bounds of numbers.
    parse
        Reads a value that is a table: given the value (the variable's text, or a dictionary) and the setting's name for
        messages.
    """
    meta = {"env": env, "help": help, "unit": unit, "low": low, "high": high, "parse": parse}
    return field(default=default, metadata=meta)


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """One row of the table of settings."""

    name: str
    env: str
    kind: str
    default: object
    unit: str
    low: float | None
    high: float | None
    help: str
    parse: Callable[[object, str], object] | None = None
    """Reads a table."""


def specs_of(settings: type) -> Iterator[SettingSpec]:
    """The settings that a dataclass declares, in order."""
    hints = get_type_hints(settings)
    for item in fields(settings):
        meta = item.metadata
        if "env" in meta and item.default is not MISSING:
            kind = hints[item.name]
            name = getattr(kind, "__name__", str(kind)) if isinstance(kind, type) else str(kind)
            yield SettingSpec(
                item.name,
                meta["env"],
                name,
                item.default,
                meta["unit"],
                meta["low"],
                meta["high"],
                meta["help"],
                meta["parse"],
            )


def load_settings(
    settings: type[T],
    environ: Mapping[str, str] | None = None,
    pyproject: Mapping[str, Any] | None = None,
) -> T:
    """Read a settings dataclass from the environment and ``pyproject.toml``.

    Raises
    ------
    EnneadError
        A value has the wrong form or is out of range; the message names the variable and what it must be.
    """
    environ = os.environ if environ is None else environ
    pyproject = {} if pyproject is None else pyproject
    values: dict[str, Any] = {}
    for spec in specs_of(settings):
        if spec.env in environ:
            values[spec.name] = _parse(spec, environ[spec.env], spec.env)
        elif spec.name in pyproject:
            values[spec.name] = _parse(spec, pyproject[spec.name], f"[tool.ennead] {spec.name}")
    return settings(**values)


def _parse(spec: SettingSpec, value: object, where: str) -> object:
    parsers: dict[str, Callable[[object, str], object]] = {
        "bool": _boolean,
        "int": partial(_integer, positive=spec.low == 1),
        "float": _number,
        "str": _text,
    }
    parser = spec.parse or parsers.get(spec.kind)
    parsed = parser(value, where) if parser else _names(value, where)
    if isinstance(parsed, int | float) and not isinstance(parsed, bool):
        _check_range(spec, parsed, value, where)
    return parsed


def _check_range(spec: SettingSpec, parsed: float, value: object, where: str) -> None:
    if spec.low is not None and parsed < spec.low:
        message = f'{where} must be at least {spec.low:g}, got "{value}"'
        raise EnneadError(message)
    if spec.high is not None and parsed > spec.high:
        message = f'{where} must be at most {spec.high:g}, got "{value}"'
        raise EnneadError(message)


def _boolean(value: object, where: str) -> bool:
    text = str(value).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    message = f'{where} must be true or false, got "{value}"'
    raise EnneadError(message)


def _integer(value: object, where: str, *, positive: bool) -> int:
    try:
        return int(str(value).strip())
    except ValueError:
        kind = "a positive integer" if positive else "an integer"
        message = f'{where} must be {kind}, got "{value}"'
        raise EnneadError(message) from None


def _number(value: object, where: str) -> float:
    try:
        number = float(str(value).strip())
    except ValueError:
        number = float("nan")
    if number != number or number in (float("inf"), float("-inf")):  # noqa: PLR0124 -- nan is unlike itself
        message = f'{where} must be a number, got "{value}"'
        raise EnneadError(message)
    return number


def _text(value: object, where: str) -> str:
    if isinstance(value, str):
        return value
    message = f'{where} must be a text, got "{value}"'
    raise EnneadError(message)


def _names(value: object, where: str) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    message = f'{where} must be a list of texts, got "{value}"'
    raise EnneadError(message)


def read_pyproject(folder: str) -> Mapping[str, Any]:
    """The ``[tool.ennead]`` table of the nearest ``pyproject.toml``, from the folder upwards; empty without one.

    Raises
    ------
    EnneadError
        The file is no valid TOML.
    """
    start = Path(folder).resolve()
    candidates = (place / "pyproject.toml" for place in (start, *start.parents))
    path = next((candidate for candidate in candidates if candidate.is_file()), None)
    return _table_of(path) if path is not None else {}


def _table_of(path: Path) -> Mapping[str, Any]:
    import tomllib  # most processes have no such file to read

    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{path} cannot be read: {error}"
        raise EnneadError(message) from error
    tools = document.get("tool")
    table = tools.get("ennead") if isinstance(tools, dict) else None
    return table if isinstance(table, dict) else {}
