import os

from ennead.runs.environment import BOOTSTRAP_FOLDER, RunEnvironment

RUN = RunEnvironment(folder="/runs/1", project_root="/srv", keep_contexts=True, records_idle_processes=True)


def test_children_read_what_the_run_told() -> None:
    assert RunEnvironment.read(RUN.variables({})) == RUN
    plain = RunEnvironment(folder="/runs/1", project_root="/srv")
    assert RunEnvironment.read(plain.variables({})) == plain


def test_outside_of_a_run_there_is_nothing() -> None:
    assert RunEnvironment.read({}) is None


def test_our_folder_comes_first_on_the_path_and_the_users_own_stays() -> None:
    path = RUN.variables({"PYTHONPATH": f"a{os.pathsep}b"})["PYTHONPATH"]
    assert path.split(os.pathsep) == [BOOTSTRAP_FOLDER, "a", "b"]


def test_no_empty_entry_that_would_stand_for_the_working_folder() -> None:
    assert RUN.variables({})["PYTHONPATH"] == RUN.variables({"PYTHONPATH": ""})["PYTHONPATH"] == BOOTSTRAP_FOLDER


def test_one_secret_for_all_processes() -> None:
    variables = RUN.variables({"PATH": "/bin"})
    assert variables["PATH"] == "/bin"
    assert RUN.variables(variables)["ENNEAD_SECRET"] == variables["ENNEAD_SECRET"] != ""


def test_a_companion_is_told_if_there_is_one() -> None:
    with_companion = RunEnvironment(folder="/runs/1", project_root="/srv", companion="package.module")
    assert RunEnvironment.read(with_companion.variables({})) == with_companion
    assert "ENNEAD_RUN_COMPANION" not in RUN.variables({})
