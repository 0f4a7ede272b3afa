"""Our ``sitecustomize`` steps aside: what the user's program sees is as it would be without us."""

import ast
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from ennead.runs.environment import BOOTSTRAP_FOLDER, RunEnvironment
from ennead.runs.folder import RunFolder
from ennead.runs.reading import read_processes
from tests.runs.project import Project


def _python(
    project: Project, code: str, *options: str, path: str = "", run: bool = True
) -> subprocess.CompletedProcess[str]:
    """A bare Python with our bootstrap on its path, or without."""
    environment = project.environment({"PYTHONPATH": path} if path else {})
    if run:
        (project.folder / "run").mkdir(exist_ok=True)
        told = RunEnvironment(folder=str(project.folder / "run"), project_root=str(project.folder))
        environment = told.variables(environment)
    return subprocess.run(
        [sys.executable, *options, "-c", code],
        cwd=project.folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def _same(project: Project, code: str, path: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """What a program prints with us and, the second, without us."""
    return _python(project, code, path=path), _python(project, code, path=path, run=False).stdout


def test_the_users_own_sitecustomize_runs(project: Project) -> None:
    project.write("custom/sitecustomize.py", "import sys\nprint('mine', __name__, __file__)\nMARK = 1\n")
    code = "import sitecustomize, sys; print(sitecustomize.MARK, sitecustomize.__spec__.origin, sys.path)"
    completed, without = _same(project, code, str(project.folder / "custom"))
    assert completed.stdout == without
    assert completed.stdout.startswith(f"mine sitecustomize {project.folder}/custom/sitecustomize.py\n1 ")


def test_the_users_own_sitecustomize_is_there_before_ennead_is_needed(project: Project) -> None:
    """Ennead is switched on first, so that what the user's sitecustomize imports gets hooked, too."""
    project.write("custom/sitecustomize.py", "import sys\nprint('ennead.agent.units' in sys.modules)\n")
    assert _python(project, "", path=str(project.folder / "custom")).stdout == "True\n"


def test_an_error_in_the_users_own_sitecustomize_is_told_by_python(project: Project) -> None:
    project.write("custom/sitecustomize.py", "raise ValueError('broken by its author')\n")
    completed = _python(project, "print('runs')", path=str(project.folder / "custom"))
    without = _python(project, "print('runs')", path=str(project.folder / "custom"), run=False)
    assert (completed.stdout, completed.stderr) == (without.stdout, without.stderr)
    assert "broken by its author" in completed.stderr


def test_without_one_there_is_none(project: Project) -> None:
    code = (
        "import sys; print('sitecustomize' in sys.modules, sys.path, sys.flags)\n"
        "try: import sitecustomize\nexcept ImportError as error: print(error.name)"
    )
    completed, without = _same(project, code, "")
    assert (completed.stdout, completed.stderr) == (without, "")
    assert completed.stdout.startswith("False")


def test_the_path_is_the_users_own(project: Project) -> None:
    (project.folder / "lib").mkdir()
    completed, without = _same(project, "import sys; print(sys.path)", str(project.folder / "lib"))
    assert completed.stdout == without


def test_importing_ours_by_accident_does_nothing(project: Project) -> None:
    code = f"import runpy; runpy.run_path({BOOTSTRAP_FOLDER + '/sitecustomize.py'!r})"
    assert _python(project, code, run=False).stderr == ""


def test_every_process_announces_itself(project: Project) -> None:
    completed = _python(project, "import os; print(os.getpid())")
    (process,) = read_processes(RunFolder(project.folder / "run"))
    assert (process.pid, process.executable, process.problem) == (int(completed.stdout), sys.executable, None)


def test_a_python_without_ennead_is_left_alone_and_says_so(project: Project) -> None:
    folder = project.folder / "other"
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    completed = project.ennead("run", "--", str(python), "-c", "print('runs')")
    assert completed.stdout == "runs\n"
    assert completed.returncode == 0
    line = f"{python} (Python {'.'.join(map(str, sys.version_info[:3]))}) has no Ennead"
    assert line in completed.stderr
    assert f"install it there: {python} -m pip install ennead" in completed.stderr
    assert "Traceback" not in completed.stderr


@pytest.mark.parametrize("broken", ["raise RuntimeError('half installed')", "import nothing_of_that_name"])
def test_a_broken_ennead_does_not_reach_the_host(project: Project, broken: str) -> None:
    project.write("shadow/ennead/__init__.py", broken)
    completed = _python(project, "print('runs')", path=str(project.folder / "shadow"))
    assert (completed.stdout, completed.stderr) == ("runs\n", "")
    (process,) = read_processes(RunFolder(project.folder / "run"))
    assert process.problem is not None
    assert process.problem.startswith(("RuntimeError", "ModuleNotFoundError"))


def test_a_wrong_setting_does_not_reach_the_host(project: Project) -> None:
    (project.folder / "run").mkdir()
    told = RunEnvironment(folder=str(project.folder / "run"), project_root=str(project.folder))
    environment = told.variables(project.environment({"ENNEAD_SAMPLE_RATIO": "half"}))
    completed = subprocess.run(
        [sys.executable, "-c", "print('runs')"],
        cwd=project.folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (completed.stdout, completed.stderr) == ("runs\n", "")
    (process,) = read_processes(RunFolder(project.folder / "run"))
    assert process.problem == 'EnneadError: ENNEAD_SAMPLE_RATIO must be a number, got "half"'


def test_a_child_that_switches_ennead_off_is_not_observed(project: Project) -> None:
    project.write(
        "script.py",
        "import os, subprocess, sys\n"
        "subprocess.run([sys.executable, '-c', 'from lookups import look_up; look_up(4)'], "
        "env={**os.environ, 'ENNEAD_DISABLED': '1'}, check=True)\n",
    )
    project.run("script.py")
    assert project.units == []
    assert [process.problem for process in project.records.started] == [None, "switched off by ENNEAD_DISABLED"]


def test_old_pythons_can_read_it() -> None:
    """It runs in whatever Python the command starts, f-strings being the newest thing in it."""
    ast.parse(Path(BOOTSTRAP_FOLDER, "sitecustomize.py").read_text(), feature_version=(3, 6))


class TestCompanion:
    """The isolation of a replay: without it nothing may run."""

    def _python(self, project: Project, companion: str, **environment: str) -> subprocess.CompletedProcess[str]:
        (project.folder / "run").mkdir(exist_ok=True)
        run = RunEnvironment(folder=str(project.folder / "run"), project_root=str(project.folder), companion=companion)
        variables = run.variables(project.environment({"PYTHONPATH": str(project.folder / "own"), **environment}))
        code = "import sys; print('runs', 'ennead.agent.units' in sys.modules)"
        return subprocess.run(
            [sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=False, timeout=60
        )

    def test_starts_before_anything_is_hooked(self, project: Project) -> None:
        hooked = "'ennead.runs.observed_process' in sys.modules and ennead.runs.start._observed"
        project.write("own/companion.py", f"import sys, ennead.runs.start\ndef start():\n    print('starts', {hooked})")
        completed = self._python(project, "companion")
        assert (completed.returncode, completed.stdout) == (0, "starts []\nruns True\n"), completed.stderr

    @pytest.mark.parametrize("text", ["def start():\n    raise ValueError('cannot')", "import nothing_of_that_name"])
    def test_that_fails_ends_the_process(self, project: Project, text: str) -> None:
        project.write("own/companion.py", text)
        completed = self._python(project, "companion")
        assert (completed.returncode, completed.stdout) == (86, "")
        assert "ennead: this Python cannot take part in a replay: " in completed.stderr

    def test_switched_off_ends_the_process(self, project: Project) -> None:
        project.write("own/companion.py", "def start():\n    pass")
        completed = self._python(project, "companion", ENNEAD_DISABLED="1")
        assert (completed.returncode, completed.stdout) == (86, "")
