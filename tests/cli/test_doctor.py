import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ennead.cli import doctor
from tests.domains.nplusone.small_models import stump, written
from tests.runs.project import Project


def _verdicts(output: str) -> dict[str, str]:
    """Name to verdict."""
    return {name: verdict for verdict, name in re.findall(r"^  (ok|-|note|broken) +(\S+)", output, re.MULTILINE)}


def test_examines_the_installation(project: Project) -> None:
    completed = project.ennead("doctor")
    output = completed.stdout
    assert completed.returncode == 0, output
    verdicts = _verdicts(output)
    for name in ("ennead", "python", "sqlglot", "libcst", "django", "sqlalchemy"):
        assert verdicts[name] == "ok"
    assert re.search(r"ok +sqlalchemy +2\.\S+, hooked", output)
    assert re.search(rf"ok +run folder +{project.folder}/\.ennead, 0 runs", output)
    assert not (project.folder / ".ennead").exists()


def test_an_extra_that_is_not_installed_is_told_and_nothing_is_broken(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_EXTRAS", {"no-such-package": ("fix", "fix and verify")})
    completed = CliRunner().invoke(doctor.doctor, ["--output", str(project.folder)])
    assert completed.exit_code == 0
    assert _verdicts(completed.output)["no-such-package"] == "-"
    assert "not installed; for fix and verify: pip install 'ennead[fix]'" in completed.output


def test_tells_where_each_setting_comes_from(project: Project) -> None:
    project.write("pyproject.toml", "[tool.ennead]\nmax_queries = 500\nmax_querys = 3\n")
    output = project.ennead("doctor", environment={"ENNEAD_SAMPLE_RATIO": "0.5"}).stdout
    assert re.search(r"ok +ENNEAD_MAX_QUERIES +500 +pyproject\.toml\n", output)
    assert re.search(r"ok +ENNEAD_SAMPLE_RATIO +0\.5 ratio +environment\n", output)
    assert re.search(r"- +ENNEAD_KEPT_RUNS +20 +default\n", output)
    assert re.search(r"note +max_querys +unknown setting", output)


def test_examines_the_environment_of_a_command(project: Project) -> None:
    project.write("app.py", "import sqlalchemy\nprint('started')\n")
    completed = project.ennead("doctor", "--", sys.executable, "app.py")
    assert completed.returncode == 0, completed.stdout
    assert completed.stdout.startswith("started\n")
    assert re.search(r"ok +command +ended with exit code 0\n", completed.stdout)
    verdicts = _verdicts(completed.stdout)
    assert verdicts["sqlalchemy"] == "ok"
    assert verdicts["django"] == "-"


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"ENNEAD_SAMPLE_RATIO": "half"}, 'ENNEAD_SAMPLE_RATIO must be a number, got "half"'),
        ({"ENNEAD_OUTPUT": "lookups.py/below"}, "not writable"),
    ],
)
def test_what_is_broken_decides_the_exit_code(project: Project, environment: dict[str, str], words: str) -> None:
    completed = project.ennead("doctor", environment=environment)
    assert completed.returncode == 1
    assert words in completed.stdout
    assert "broken" in completed.stdout
    assert "Traceback" not in completed.stdout + completed.stderr


def test_a_command_that_cannot_be_observed_is_broken(project: Project) -> None:
    project.write("app.py", "")
    completed = project.ennead("doctor", "--", sys.executable, "-I", "app.py")
    assert completed.returncode == 1
    assert re.search(r"broken +processes +no Python process was seen", completed.stdout)


def test_a_command_that_does_not_exist_is_broken(project: Project) -> None:
    completed = project.ennead("doctor", "--", "no-such-program")
    assert completed.returncode == 1
    assert re.search(r"broken +command +there is no program 'no-such-program'", completed.stdout)


def test_a_pyproject_that_cannot_be_read_is_broken(project: Project) -> None:
    project.write("pyproject.toml", "[tool.ennead\n")
    completed = project.ennead("doctor")
    assert completed.returncode == 1
    assert re.search(r"broken +pyproject\.toml", completed.stdout)


def test_switched_off_is_no_defect(project: Project) -> None:
    completed = project.ennead("doctor", environment={"ENNEAD_DISABLED": "1"})
    assert completed.returncode == 0
    assert "switched off by ENNEAD_DISABLED" in completed.stdout


def test_an_import_that_fails_is_told_with_its_reason(project: Project) -> None:
    project.write("shadow/flask/__init__.py", "raise RuntimeError('half installed')\n")
    completed = project.ennead("doctor", environment={"PYTHONPATH": str(project.folder / "shadow")})
    assert re.search(r"note +flask +not hooked here, its import raised RuntimeError: half installed", completed.stdout)


@pytest.mark.parametrize("has_package", [True, False])
def test_no_password_of_the_memory_is_shown(monkeypatch: pytest.MonkeyPatch, *, has_package: bool) -> None:
    monkeypatch.setenv("ENNEAD_STORE_URL", "postgresql://ada:s3/cr@t@db.local/shop?password=s3cret")
    if not has_package:
        monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    (told,) = [item.remark for item in doctor._settings() if item.name == "ENNEAD_STORE_URL"]
    assert told.split() == ["postgresql://ada@db.local/shop" if has_package else "postgresql://...", "environment"]


def _models_told() -> list[str]:
    return [f"{item.verdict} {item.name}: {item.remark}" for item in doctor._models()]


def test_the_learnt_models_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models, shadow = tmp_path / "models", tmp_path / "shadow"
    for folder in (models, shadow):
        folder.mkdir()
    monkeypatch.setenv("ENNEAD_MODELS", written(models, stump("full"), stump("sql", decides=True)))
    monkeypatch.setenv("ENNEAD_SHADOW_MODEL", written(shadow, stump("spans", name="new")))
    assert _models_told() == [
        "ok full: stump 1 stands beside the rules",
        "ok sql: stump 1 decides",
        "idle spans: no model: the rules decide",
        "ok shadow model: new 1 is measured at level spans; the report of a run tells how it did",
    ]


def test_models_that_cannot_be_read_are_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENNEAD_MODELS", "/nowhere.json")
    monkeypatch.setenv("ENNEAD_SHADOW_MODEL", str(tmp_path))
    told = _models_told()
    assert told[0] == "broken full: cannot read the model /nowhere.json: No such file or directory"
    assert told[-1] == "broken shadow model: there is no model file for any level at ENNEAD_SHADOW_MODEL"


def test_a_shadow_that_cannot_be_read_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENNEAD_SHADOW_MODEL", "/nowhere.json")
    told = [line for line in _models_told() if "shadow" in line]
    assert told == ["broken shadow model: cannot read the model /nowhere.json: No such file or directory"]


def test_switched_off_no_model_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NPLUSONE_ML_ENABLED", "0")
    assert _models_told() == ["note everything: switched off by NPLUSONE_ML_ENABLED: the rules decide"]
