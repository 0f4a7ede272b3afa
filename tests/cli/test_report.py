import json
import re
import shutil
from pathlib import Path

import pytest

from ennead.kernel.finding import Finding
from tests.runs.project import Project


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one run, for copies."""
    project = Project(tmp_path_factory.mktemp("recorded"))
    project.write(
        "script.py",
        "from lookups import look_up, unit\n"
        "for count in (4, 9, 6):\n    unit('import/', count)\n"
        "unit('export/', 5)\nlook_up(3)\n",
    )
    project.run("script.py", check=True)
    return project.folder


@pytest.fixture
def project(recorded: Path, tmp_path: Path) -> Project:
    shutil.copytree(recorded, tmp_path, dirs_exist_ok=True)
    project = Project(tmp_path)
    facts = project.last_run.path / "run.json"
    facts.write_text(facts.read_text().replace(str(recorded), str(tmp_path)))
    return project


def test_merges_a_finding_over_units_of_work(project: Project) -> None:
    output = project.ennead("report", check=True).stdout
    assert "9 queries where 1 would do" in output
    assert "in 5 units of work" in output
    assert "import/ ×3 · export/ · script.py" in output
    assert "ennead  1 finding in 1 place" in output


def test_ends_with_what_to_type_next(project: Project) -> None:
    (finding,) = json.loads(project.ennead("report", "--json").stdout)["findings"]
    name = finding["finding"]["id"]
    assert project.ennead("report").stdout.endswith(f"  next: ennead explain {name}, or ennead fix {name}\n")


def test_a_run_without_findings_has_no_next_step(project: Project) -> None:
    project.write("fine.py", "from lookups import unit\nunit('import/', 1)\n")
    assert "next:" not in project.run("fine.py").stderr


def test_prints_plain_text_into_a_pipe(project: Project) -> None:
    assert "\x1b" not in project.ennead("report").stdout


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False), ({}, False)],
)
def test_colour_is_asked_for_and_refused(project: Project, environment: dict[str, str], *, coloured: bool) -> None:
    output = project.ennead("report", environment={"TERM": "xterm-256color", **environment}).stdout
    assert bool(re.search(r"\x1b\[[0-9;]*3[1-6]m", output)) == coloured


def test_an_ascii_pipe_gets_ascii(project: Project) -> None:
    completed = project.ennead("report", environment={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert completed.returncode == 0
    assert completed.stdout.isascii()
    assert completed.stdout.startswith("==  ")


def test_json_is_one_document_with_a_schema_version(project: Project) -> None:
    document = project.report()
    assert document["schema"] == 1
    assert document["run"]["id"] == project.last_run.id
    assert document["run"]["command"] == "script.py"
    assert document["summary"]["unit_counts"] == {"job": 4, "script": 1}
    (entry,) = document["findings"]
    assert (entry["occurrence_count"], entry["total_query_count"]) == (5, 4 + 9 + 6 + 5 + 3)
    assert entry["routes"] == {"import/": 3, "export/": 1, "script.py": 1}
    assert Finding.from_dict(entry["finding"]).query_count == 9
    assert document["stories"] == [[entry["finding"]["id"]]]
    assert {route["route"] for route in document["routes"]} == {"import/", "export/", "script.py"}


def test_json_and_html_into_files(project: Project) -> None:
    completed = project.ennead("report", "--json", "out.json", "--html", "out.html")
    assert completed.stdout == ""
    assert json.loads((project.folder / "out.json").read_text()) == project.report()
    assert (project.folder / "out.html").read_text().endswith("</html>\n")


def test_a_file_that_cannot_be_written_is_named(project: Project) -> None:
    completed = project.ennead("report", "--html", "no/such/folder/out.html")
    assert completed.returncode == 2
    assert completed.stderr == "Error: cannot write no/such/folder/out.html: No such file or directory\n"


def test_another_run_by_its_id_or_folder(project: Project) -> None:
    project.write("fine.py", "import lookups\n")
    first = project.last_run
    project.run("fine.py", check=True)
    assert "no N+1 found" in project.ennead("report").stdout
    assert "9 queries" in project.ennead("report", first.id).stdout
    assert "9 queries" in project.ennead("report", str(first.path)).stdout


def test_files_are_named_from_where_one_stands(project: Project) -> None:
    (project.folder / "sub").mkdir()
    below = Project.__new__(Project)
    below.folder = project.folder / "sub"
    assert "access  ../lookups.py:13" in below.ennead("report").stdout


def test_a_run_from_another_host_is_told_with_the_files_here(project: Project) -> None:
    facts = project.last_run.path / "run.json"
    facts.write_text(facts.read_text().replace(str(project.folder), "/home/ci/build"))
    assert "access  lookups.py:13" in project.ennead("report").stdout


def test_without_a_run_it_says_how_to_get_one(tmp_path: Path) -> None:
    completed = Project(tmp_path).ennead("report")
    assert completed.returncode == 2
    assert "record one with 'ennead run -- COMMAND'" in completed.stderr


def test_broken_lines_are_told_and_their_neighbours_kept(project: Project) -> None:
    (file,) = project.last_run.record_files
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([lines[0], "{broken\n", *lines[1:-1], lines[-1][:20]]))
    output = project.ennead("report", check=True).stdout
    assert "9 queries where 1 would do" in output
    assert f"broken record at {file.name}:2: no valid JSON" in output
    assert "cut off in the middle of the line" in output


def test_a_run_of_a_newer_schema_is_refused(project: Project) -> None:
    facts = project.last_run.path / "run.json"
    facts.write_text(facts.read_text().replace('"schema": 1', '"schema": 2'))
    completed = project.ennead("report")
    assert completed.returncode == 2
    assert "upgrade ennead" in completed.stderr


def test_a_record_of_a_newer_schema_costs_itself_only(project: Project) -> None:
    (file,) = project.last_run.record_files
    lines = file.read_text().splitlines(keepends=True)
    lines[1] = lines[1].replace('"schema":1', '"schema":7', 1)
    file.write_text("".join(lines))
    completed = project.ennead("report", check=True)
    assert "upgrade ennead" in completed.stdout
    assert "ennead  1 finding" in completed.stdout


def test_a_killed_run_is_told_as_far_as_it_came(project: Project) -> None:
    facts = project.last_run.path / "run.json"
    document = json.loads(facts.read_text())
    facts.write_text(json.dumps({**document, "ended_at": None, "exit_code": None}))
    output = project.ennead("report", check=True).stdout
    assert "the run has not ended" in output
    assert "9 queries" in output


class TestExplain:
    def test_tells_the_whole_story(self, project: Project) -> None:
        (entry,) = project.report()["findings"]
        for name in (entry["finding"]["id"], entry["finding"]["id"][:7], entry["finding"]["id"][3:8]):
            output = project.ennead("explain", name, check=True).stdout
            assert entry["finding"]["explanation"] in output
            assert re.search(r"decided by: (?:rules|both) \(the model gives it \d+ %\)\n", output)
            assert re.search(r"runs at +lookups\.py:13 +look_up\n", output)
            assert "advice" in output

    def test_tells_suppressed_findings_too(self, tmp_path: Path) -> None:
        project = Project(tmp_path)
        text = (project.folder / "lookups.py").read_text()
        project.write(
            "lookups.py", text.replace("for number in range(count):", "for number in range(count):  # ennead: ok few")
        )
        project.write("script.py", "from lookups import look_up\nlook_up(5)\n")
        completed = project.ennead("run", "--fail-on", "info", "--", "script.py")
        assert completed.returncode == 0
        assert "no N+1 found · 1 suppressed" in completed.stderr
        (entry,) = project.report()["suppressed"]
        assert "5 queries" in project.ennead("explain", entry["finding"]["id"], check=True).stdout
        listed = r"\n +f1:\w+  customer  ×5  lookups\.py:13  few \(comment at lookups\.py:12\)\n"
        assert re.search("Suppressed" + listed, project.ennead("report", "--verbose").stdout)
        assert re.search("By a comment" + listed, project.ennead("explain", "--suppressed").stdout)

    def test_says_that_nothing_is_suppressed(self, project: Project) -> None:
        assert project.ennead("explain", "--suppressed").stdout == "nothing is suppressed\n"

    @pytest.mark.parametrize("arguments", [(), ("f1:a", "--suppressed")])
    def test_wants_one_or_the_other(self, project: Project, arguments: tuple[str, ...]) -> None:
        completed = project.ennead("explain", *arguments)
        assert completed.returncode == 2
        assert "name a finding, or ask for --suppressed" in completed.stderr

    @pytest.mark.parametrize("name", ["f1:nothing", "zz", ""])
    def test_names_what_there_is(self, project: Project, name: str) -> None:
        (entry,) = project.report()["findings"]
        completed = project.ennead("explain", name)
        assert completed.returncode == 2
        assert f"there are: {entry['finding']['id']}" in completed.stderr
