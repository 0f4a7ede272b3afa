import json
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.reporting.sarif_schema import problems
from tests.runs.project import Project

SCRIPT = "from lookups import unit\nunit('orders/', 9)\n"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one run of a project in a folder of it, for copies."""
    root = tmp_path_factory.mktemp("recorded")
    subprocess.run(["git", "init", "--quiet", root], check=True)
    (root / "services" / "shop").mkdir(parents=True)
    project = Project(root / "services" / "shop")
    project.write("script.py", SCRIPT)
    project.run("script.py", check=True)
    return root


@pytest.fixture
def project(recorded: Path, tmp_path: Path) -> Project:
    shutil.copytree(recorded, tmp_path, dirs_exist_ok=True)
    project = Project(tmp_path / "services" / "shop")
    facts = project.last_run.path / "run.json"
    facts.write_text(facts.read_text().replace(str(recorded), str(tmp_path)))
    return project


def uri_of(sarif: str) -> str:
    log = json.loads(sarif)
    assert problems(log) == []
    (result,) = log["runs"][0]["results"]
    uri: str = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    return uri


def test_every_format_has_its_file(project: Project) -> None:
    asked = [
        ("sarif", "a.sarif"),
        ("junit", "b.xml"),
        ("github", "c.txt"),
        ("markdown", "d.md"),
        ("json", "e.json"),
        ("html", "f.html"),
    ]
    options = [part for name, file in asked for part in ("--format", name, "-o", file)]
    completed = project.ennead("report", *options, check=True)
    assert completed.stdout == ""
    texts = {name: (project.folder / file).read_text() for name, file in asked}
    assert uri_of(texts["sarif"]) == "services/shop/lookups.py"
    assert ET.fromstring(texts["junit"]).get("failures") == "1"  # noqa: S314 -- our own
    assert texts["github"].startswith("::warning file=services/shop/lookups.py,line=13,title=")
    assert "`services/shop/lookups.py:13`" in texts["markdown"]
    assert json.loads(texts["json"]) == project.report()
    assert texts["html"].endswith("</html>\n")


def test_the_last_format_may_go_to_standard_output(project: Project) -> None:
    completed = project.ennead("report", "--format", "junit", "-o", "b.xml", "--format", "github", check=True)
    assert completed.stdout.splitlines()[-1].startswith("ennead: 1 finding in 1 place")
    assert (project.folder / "b.xml").exists()
    assert project.ennead("report", "--format", "sarif", "-o", "-", check=True).stdout.startswith("{")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--format", "sarif", "--format", "junit"), "each --format but the last one needs an --output-file"),
        (("-o", "x.sarif"), "--output-file has no --format of its own"),
        (("--format", "xml"), "'xml' is not one of 'json', 'html', 'sarif'"),
        (("--format", "sarif", "--map", "/app"), "'/app' is not FROM=TO, as in /app=services/shop"),
        (("--format", "sarif", "-o", "no/such/x.sarif"), "cannot write no/such/x.sarif: No such file or directory"),
    ],
)
def test_wrong_options_are_told(project: Project, options: tuple[str, ...], message: str) -> None:
    completed = project.ennead("report", *options)
    assert completed.returncode == 2
    assert message in completed.stderr
    assert completed.stdout == ""


def test_suppressed_findings_are_told_unless_they_are_not_wanted(project: Project) -> None:
    project.write("pyproject.toml", '[tool.ennead]\nignore = ["lookups.py"]\n')
    project.run("script.py", check=True)
    kept = json.loads(project.ennead("report", "--format", "sarif", check=True).stdout)
    assert [each["kind"] for each in kept["runs"][0]["results"][0]["suppressions"]] == ["external"]
    bare = json.loads(project.ennead("report", "--format", "sarif", "--no-suppressed", check=True).stdout)
    assert bare["runs"][0]["results"] == []


def test_another_root_and_maps(project: Project) -> None:
    def uri(*options: str) -> str:
        return uri_of(project.ennead("report", "--format", "sarif", *options, check=True).stdout)

    assert uri("--root", ".") == "lookups.py"
    assert uri("--root", "..") == "shop/lookups.py"
    assert uri("--map", "services/shop=apps/web") == "apps/web/lookups.py"
    assert uri("--map", f"{project.folder}=") == "lookups.py"
    assert uri("--map", "elsewhere=x") == "services/shop/lookups.py"


def test_without_a_repository_files_are_named_from_the_project(project: Project) -> None:
    shutil.rmtree(project.folder.parents[1] / ".git")
    assert uri_of(project.ennead("report", "--format", "sarif", check=True).stdout) == "lookups.py"


def test_a_run_writes_them_after_the_command(project: Project) -> None:
    project.write("script.py", f"print('hello')\n{SCRIPT}")
    completed = project.ennead(
        "run", "--quiet", "--format", "sarif", "-o", "a.sarif", "--format", "github", "--", "script.py"
    )
    assert completed.returncode == 0
    hello, annotation, total = completed.stdout.splitlines()
    assert hello == "hello"
    assert annotation.startswith("::warning file=services/shop/lookups.py,line=13,")
    assert total.startswith("ennead: 1 finding in 1 place (1 ")
    assert uri_of((project.folder / "a.sarif").read_text()) == "services/shop/lookups.py"


@pytest.mark.parametrize(("threshold", "failures", "code"), [("critical", "0", 0), ("info", "1", 1)])
def test_what_fails_the_run_fails_the_test_case(project: Project, threshold: str, failures: str, code: int) -> None:
    completed = project.ennead(
        "run", "--quiet", "--fail-on", threshold, "--format", "junit", "-o", "b.xml", "--", "script.py"
    )
    assert completed.returncode == code
    assert ET.parse(project.folder / "b.xml").getroot().get("failures") == failures  # noqa: S314 -- our own


def test_wrong_options_end_before_the_command_runs(project: Project) -> None:
    completed = project.ennead("run", "--format", "sarif", "--format", "junit", "--", "script.py")
    assert completed.returncode == 2
    assert len(project.runs) == 1


def test_a_run_whose_report_cannot_be_written_does_not_begin(project: Project) -> None:
    project.write("touch.py", "open('touched', 'w').close()\n")
    done = project.ennead("run", "--format", "sarif", "-o", "no/such/a.sarif", "--", "touch.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip() == "Error: cannot write no/such/a.sarif: there is no such folder"
    assert not (project.folder / "touched").exists()
