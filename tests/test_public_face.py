"""The public face: every promised name with its promised shape, loaded on first use, and cheap until then."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

import ennead
from ennead.domains.nplusone.domain import DOMAIN
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.kernel import finding as kernel_finding
from tests.domains.nplusone.traces import lazy_orders

STUBS = Path(__file__).parent / "fixtures" / "interface"
MODULES = ("ennead", "ennead.domains.nplusone")
NOT_EXPORTED = {"Code", "Kind", "Severity", "Verdict", "CallSite", "Finding", "Recommendation"}
"""Names that a stub needs to say what it says; the classes among them are promised by ``ennead`` itself."""


def _stub(module: str) -> dict[str, Any]:
    """The names of a stub file; it is Python, with nothing in it."""
    names: dict[str, Any] = {"__name__": f"stub of {module}"}
    text = (STUBS / f"{module}.pyi").read_text("utf-8")
    exec(compile("from __future__ import annotations\n" + text, module, "exec"), names)  # noqa: S102 -- our own file
    own = {name: value for name, value in names.items() if getattr(value, "__module__", "") == names["__name__"]}
    aliases = {name: value for name, value in names.items() if get_origin(value) is Literal}
    return {**own, **aliases, "__names__": names}


STUB = {module: _stub(module) for module in MODULES}


def _promised(module: str, kind: Any) -> Iterator[Any]:
    for name, value in STUB[module].items():
        if kind(value) and (module == "ennead" or name not in NOT_EXPORTED):
            yield pytest.param(module, name, id=f"{module}.{name}")


def _real(module: str, name: str) -> Any:
    return getattr(import_module(module), name)


def _parameters(function: Any) -> list[tuple[str, Any, Any]]:
    parameters = inspect.signature(function).parameters.values()
    return [(parameter.name, parameter.kind, parameter.default) for parameter in parameters]


# ------------------------------------------------------------------------------------------------ names and parameters


@pytest.mark.parametrize(("module", "name"), [*_promised("ennead", inspect.isfunction)])
def test_a_function_takes_what_was_promised(module: str, name: str) -> None:
    promised, real = _parameters(STUB[module][name]), _parameters(_real(module, name))
    assert real == promised


@pytest.mark.parametrize(
    ("module", "name"), [each for module in MODULES for each in _promised(module, inspect.isclass)]
)
def test_a_class_has_the_promised_methods(module: str, name: str) -> None:
    real = _real(module, name)
    assert inspect.isclass(real)
    for method, promised in inspect.getmembers(STUB[module][name], inspect.isroutine):
        if not method.startswith("__"):
            assert _parameters(getattr(real, method)) == _parameters(promised), method
            assert inspect.iscoroutinefunction(getattr(real, method)) == inspect.iscoroutinefunction(promised)


def test_a_service_result_is_a_profile() -> None:
    assert issubclass(_real("ennead.domains.nplusone", "ServiceResult"), ennead.Profile)


def test_one_name_is_one_thing_wherever_it_is_imported_from() -> None:
    shared = (set(STUB["ennead"]) & set(STUB["ennead.domains.nplusone"])) - NOT_EXPORTED - {"__names__"}
    assert shared == {"Profile", "QueryRecord", "QueryExecutionContext", "Anomaly", "MLAnalysis"}
    for name in shared:
        assert _real("ennead", name) is _real("ennead.domains.nplusone", name)


def test_the_promised_vocabulary_is_the_real_one() -> None:
    stub = STUB["ennead"]
    assert set(get_args(stub["Code"])) == set(DOMAIN.codes)
    assert {*get_args(stub["Kind"])} == {kind for kinds in DOMAIN.codes.values() for kind in kinds}
    assert get_args(stub["Severity"]) == kernel_finding.SEVERITIES
    assert get_args(stub["Verdict"]) == get_args(kernel_finding.Verdict)


# ------------------------------------------------------------------------------------------------ fields


def _samples() -> dict[str, Any]:
    """A real object of each class, made by real work."""
    service = _real("ennead.domains.nplusone", "NPlusOneDetectionService")()
    result = service.analyze(lazy_orders(20).context(trace_id="t1"))
    finding, anomalies = result.findings[0], result.ml_analysis.anomalies
    verification = ennead.Verification("verified", "-a\n+b", {5: 6, 50: 51}, {5: 2, 50: 2}, 9.0, 2.0, ("rows",), ())
    return {
        "Profile": ennead.profile(),
        "ServiceResult": result,
        "CallSite": finding.call_site,
        "Finding": finding,
        "Recommendation": finding.recommendations[0],
        "Verification": verification,
        "MLAnalysis": result.ml_analysis,
        "InstallReport": ennead.install(),
        "QueryRecord": result.context.queries[0],
        "QueryExecutionContext": result.context,
        "Anomaly": anomalies[0],
    }


@pytest.fixture(scope="module")
def samples() -> Iterator[dict[str, Any]]:
    yield _samples()
    ennead.uninstall()


def _fits(value: object, hint: Any) -> bool:
    """Whether a value is of a promised type; classes are known by their names."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any:
        return True
    if origin in (Union, UnionType):
        return any(_fits(value, argument) for argument in arguments)
    if origin is Literal:
        return value in arguments
    if origin is tuple:
        return isinstance(value, tuple) and all(_fits(item, arguments[0]) for item in value)
    if origin is not None:
        pairs = value.items() if isinstance(value, Mapping) else ()
        return isinstance(value, Mapping) and all(_fits(k, arguments[0]) and _fits(v, arguments[1]) for k, v in pairs)
    if hint in (int, float, str, bool, NoneType):
        return type(value) is hint
    return hint.__name__ in {base.__name__ for base in type(value).__mro__}


def _fields() -> Iterator[Any]:
    for module in MODULES:
        for name, stub in STUB[module].items():
            if inspect.isclass(stub):
                hints = get_type_hints(stub, STUB[module]["__names__"])
                yield from (pytest.param(name, field, hint, id=f"{name}.{field}") for field, hint in hints.items())


@pytest.mark.parametrize(("name", "field", "hint"), list(_fields()))
def test_a_field_has_a_value_of_the_promised_type(samples: dict[str, Any], name: str, field: str, hint: Any) -> None:
    value = getattr(samples[name], field)
    assert _fits(value, hint), f"{value!r} is no {hint}"


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (1, str),
        ("x", int),
        (1, float),
        (True, int),
        (None, str),
        ([], tuple[str, ...]),
        ((1,), tuple[str, ...]),
        ("x", Literal["y"]),
        ({1: 2}, Mapping[str, int]),
        (3, str | None),
        ("x", ennead.CallSite),
    ],
)
def test_the_check_itself_can_fail(value: object, hint: Any) -> None:
    assert not _fits(value, hint)


@pytest.mark.parametrize("name", ["CallSite", "Finding", "Recommendation", "Verification", "MLAnalysis", "Anomaly"])
def test_plain_records_cannot_be_changed(samples: dict[str, Any], name: str) -> None:
    field = next(iter(STUB["ennead"][name].__annotations__ or STUB["ennead.domains.nplusone"][name].__annotations__))
    with pytest.raises(AttributeError):
        setattr(samples[name], field, None)


# ------------------------------------------------------------------------------------------------ loading

_PROGRAM = """
import json, sys
before = set(sys.modules)
{statement}
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def _loaded_by(statement: str) -> set[str]:
    completed = subprocess.run(
        [sys.executable, "-c", _PROGRAM.format(statement=statement)], capture_output=True, text=True, check=True
    )
    modules: list[str] = json.loads(completed.stdout.splitlines()[-1])
    return set(modules)


def _third_party(modules: set[str]) -> set[str]:
    names = {module.partition(".")[0] for module in modules} - sys.stdlib_module_names - {"ennead"}
    return {name for name in names if not name.startswith("_sysconfigdata")}  # the interpreter's own, named by platform


def test_importing_it_is_cheap() -> None:
    loaded = _loaded_by("import ennead")
    ours = {module for module in loaded if module.startswith("ennead")}
    assert ours == {"ennead", "ennead.kernel", "ennead.kernel.errors", "ennead.kernel.recording"}
    assert not _third_party(loaded)
    expensive = {"asyncio", "dataclasses", "inspect", "re", "ast", "json", "logging", "pathlib", "datetime", "enum"}
    assert not loaded & (expensive - {"re", "enum"})
    assert len(loaded) < 30


@pytest.mark.parametrize(
    "statement", ["from ennead import *", "import ennead; [getattr(ennead, n) for n in dir(ennead)]"]
)
def test_no_name_loads_a_third_party_module(statement: str) -> None:
    loaded = _loaded_by(statement)
    assert "ennead.domains.nplusone.profile" in loaded
    assert not _third_party(loaded)


def test_profiling_without_analysis_loads_none_either() -> None:
    assert not _third_party(_loaded_by("import ennead\nwith ennead.profile(): pass"))


def test_the_check_notices_a_third_party_module() -> None:
    analysis = "import ennead\nwith ennead.profile() as session: pass\nsession.ml_analysis; import sqlglot"
    assert "sqlglot" in _third_party(_loaded_by(analysis))


def test_switched_off_it_can_be_imported_and_used() -> None:
    statement = (
        "import os; os.environ['ENNEAD_DISABLED'] = '1'\n"
        "import ennead\n"
        "assert ennead.install().hooked == {}\n"
        "with ennead.profile() as session: pass\n"
        "assert session.findings == ()"
    )
    assert not _third_party(_loaded_by(statement))


# ------------------------------------------------------------------------------------------------ PEP 562


def test_a_name_is_looked_up_once() -> None:
    statement = (
        "import ennead\n"
        "assert 'CallSite' not in vars(ennead)\n"
        "first = ennead.CallSite\n"
        "assert vars(ennead)['CallSite'] is first"
    )
    assert "ennead.kernel.call_site" in _loaded_by(statement)


def test_every_promised_name_is_listed() -> None:
    promised = {name for name in STUB["ennead"] if name not in ("Code", "Kind", "Severity", "Verdict", "__names__")}
    assert promised <= set(ennead.__all__)
    assert ennead.__all__ == sorted(ennead.__all__, key=lambda name: (name.lstrip("_")[0].islower(), name))
    assert dir(ennead) == sorted(ennead.__all__)


def test_names_beside_the_promised_ones() -> None:
    assert ennead.Settings is NPlusOneSettings
    assert issubclass(ennead.NPlusOneError, ennead.EnneadError)
    assert issubclass(ennead.NPlusOneError, AssertionError)


def test_the_version_is_that_of_the_package() -> None:
    from importlib.metadata import version

    assert ennead.__version__ == version("ennead")


@pytest.mark.parametrize("name", ["nothing", "_private", "Profiles", "utils"])
def test_an_unknown_name_is_told(name: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(ennead, name)
    assert str(caught.value) == f"module 'ennead' has no attribute '{name}'"
    assert not hasattr(ennead, name)


def test_importing_an_unknown_name_is_an_import_error() -> None:
    with pytest.raises(ImportError, match="cannot import name 'nothing' from 'ennead'"):
        from ennead import nothing  # noqa: F401 -- it is not there
