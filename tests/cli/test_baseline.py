"""``ennead baseline``: known findings do not fail a run, new ones do, and ids survive what they have to survive."""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shops import Shop, django_shop
from tests.cli.test_servers import _serving
from tests.runs.project import Project

FILE = ".ennead-baseline.json"
SCRIPT = "from lookups import unit\nunit('import/', 6)\n"
PYTEST = ("pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:randomly")
PATH = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
TEST = """\
import os
import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
django.setup()

from django.test import Client


def test_orders():
    assert Client().get("/orders/").status_code == 200
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one run and its baseline, for copies."""
    project = Project(tmp_path_factory.mktemp("recorded"))
    project.write("script.py", SCRIPT)
    project.run("script.py", check=True)
    project.ennead("baseline", "create", check=True)
    return project.folder


@pytest.fixture
def project(recorded: Path, tmp_path: Path) -> Project:
    shutil.copytree(recorded, tmp_path, dirs_exist_ok=True)
    project = Project(tmp_path)
    facts = project.last_run.path / "run.json"
    facts.write_text(facts.read_text().replace(str(recorded), str(tmp_path)))
    return project


def _entries(project: Project) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((project.folder / FILE).read_text())["findings"]
    return entries


def _found(project: Project) -> set[str]:
    """Ids of the last run, whatever the baseline says."""
    return {finding.id for unit in project.units for finding in unit.findings}


class TestCreate:
    def test_writes_what_the_last_run_found(self, project: Project) -> None:
        (entry,) = _entries(project)
        assert (entry["count"], entry["place"]) == (6, "lookups.py in look_up")
        assert (entry["about"], entry["seen_in"]) == ("SELECT name FROM customer WHERE id = ?", ["import/"])

    def test_leaves_a_file_that_is_there_alone(self, project: Project) -> None:
        before = (project.folder / FILE).read_text()
        completed = project.ennead("baseline", "create")
        assert completed.returncode == 2
        assert completed.stderr == (
            f"Error: {FILE} exists: --update adds what is new to it, --replace writes it anew\n"
        )
        assert (project.folder / FILE).read_text() == before

    def test_update_adds_and_replace_forgets(self, project: Project) -> None:
        path = project.folder / FILE
        document = json.loads(path.read_text())
        document["findings"][0]["first_seen"] = "2020-01-01"
        document["findings"].append({**document["findings"][0], "id": "f1:other"})
        path.write_text(json.dumps(document))
        assert f"{FILE}: 2 findings, 0 new" in project.ennead("baseline", "create", "--update", check=True).stdout
        assert f"{FILE}: 1 finding, 0 new" in project.ennead("baseline", "create", "--replace", check=True).stdout
        assert [entry["first_seen"] for entry in _entries(project)] == ["2020-01-01"]

    def test_replace_mends_a_broken_file(self, project: Project) -> None:
        (project.folder / FILE).write_text("<<<<<<< HEAD\n")
        completed = project.ennead("baseline", "create", "--update")
        assert completed.returncode == 2
        assert "--replace" in completed.stderr
        project.ennead("baseline", "create", "--replace", check=True)
        assert len(_entries(project)) == 1

    def test_a_run_that_recorded_nothing_makes_no_baseline(self, project: Project) -> None:
        (project.folder / FILE).unlink()
        project.run("true", check=True)
        completed = project.ennead("baseline", "create")
        assert completed.returncode == 2
        assert "recorded no unit of work" in completed.stderr
        assert not (project.folder / FILE).exists()

    def test_update_and_replace_exclude_each_other(self, project: Project) -> None:
        completed = project.ennead("baseline", "create", "--update", "--replace")
        assert completed.returncode == 2
        assert "choose one" in completed.stderr


class TestRun:
    def test_what_is_known_is_a_number_and_does_not_fail(self, project: Project) -> None:
        completed = project.ennead("run", "--fail-on", "info", "--", "script.py")
        assert completed.returncode == 0
        assert "nothing new · 1 known in the baseline" in completed.stderr
        assert "queries where" not in completed.stderr
        assert "1 finding in 1 place" in project.ennead("report", "--no-baseline").stdout
        document = project.report()
        assert (document["summary"]["known_count"], document["findings"]) == (1, [])
        assert document["known"][0]["finding"]["query_count"] == 6

    def test_what_is_new_fails(self, project: Project) -> None:
        loop = (
            "    for n in range(6):\n        connection.execute('SELECT id, name FROM customer WHERE id = ?', (n,))\n"
        )
        project.write("more.py", f"import script\nfrom lookups import connection\n\ndef more():\n{loop}\nmore()\n")
        completed = project.ennead("run", "--fail-on", "info", "--", "more.py")
        assert completed.returncode == 1
        assert "1 finding in 1 place" in completed.stderr
        assert "1 known in the baseline" in completed.stderr

    def test_no_baseline_tells_everything(self, project: Project) -> None:
        for options, variables in ((("--no-baseline",), {}), ((), {"ENNEAD_BASELINE": ""})):
            completed = project.ennead("run", "--fail-on", "info", *options, "--", "script.py", environment=variables)
            assert completed.returncode == 1
            assert "known in the baseline" not in completed.stderr

    def test_what_has_grown_is_told_and_does_not_fail(self, project: Project) -> None:
        project.write("script.py", SCRIPT.replace("6", "60"))
        completed = project.ennead("run", "--fail-on", "info", "--", "script.py")
        assert completed.returncode == 0
        assert "a known finding has grown: f1:" in completed.stderr
        assert "6 queries in the baseline, 60 now" in completed.stderr

    def test_a_broken_file_is_told_before_anything_runs(self, project: Project) -> None:
        (project.folder / FILE).write_text("{")
        completed = project.ennead("run", "--", "script.py")
        assert completed.returncode == 2
        assert "is no baseline" in completed.stderr
        assert len(completed.stderr.splitlines()) == 1
        assert len(project.runs) == 1

    @pytest.mark.slow
    def test_live_lines_leave_known_findings_out(self, project: Project) -> None:
        project.write("slow.py", SCRIPT + "import time\ntime.sleep(3)\n")
        assert "ennead  low" not in project.ennead("run", "--no-report", "--live", "--", "slow.py").stderr
        (project.folder / FILE).unlink()
        assert "ennead  low" in project.ennead("run", "--no-report", "--live", "--", "slow.py").stderr


class TestCompare:
    def test_known_alone_is_fine(self, project: Project) -> None:
        completed = project.ennead("baseline", "compare", "--verbose")
        assert completed.returncode == 0
        assert "   0 new\n   1 known\n       f1:" in completed.stdout

    def test_new_is_listed_and_fails(self, project: Project) -> None:
        document = json.loads((project.folder / FILE).read_text())
        document["findings"][0]["id"] = "f1:other"
        (project.folder / FILE).write_text(json.dumps(document))
        completed = project.ennead("baseline", "compare")
        assert completed.returncode == 1
        lines = completed.stdout.splitlines()
        assert lines[0] == "   1 new"
        assert lines[1].endswith("SELECT name FROM customer WHERE id = ?  x6  lookups.py:13")
        assert lines[2:4] == ["   0 known", "   1 gone  ('ennead baseline prune' removes them)"]
        assert lines[4].startswith("       f1:other  SELECT name")

    def test_without_a_file_it_says_how_to_get_one(self, project: Project) -> None:
        (project.folder / FILE).unlink()
        for command in ("compare", "prune"):
            completed = project.ennead("baseline", command)
            assert completed.returncode == 2
            assert "write it with 'ennead baseline create'" in completed.stderr


class TestPrune:
    def _repair(self, project: Project, script: str) -> None:
        text = (project.folder / "lookups.py").read_text()
        project.write("lookups.py", text.replace("for number in range(count):", "for number in [count]:"))
        project.write("script.py", script)
        project.run("script.py", check=True)

    def test_removes_what_was_exercised_and_not_found(self, project: Project) -> None:
        self._repair(project, SCRIPT)
        assert "   1 gone" in project.ennead("baseline", "compare", check=True).stdout
        assert f"{FILE}: 0 findings, 1 removed" in project.ennead("baseline", "prune", check=True).stdout
        assert _entries(project) == []

    def test_keeps_what_was_not_exercised_and_says_so(self, project: Project) -> None:
        self._repair(project, SCRIPT.replace("import/", "export/"))
        assert "   1 not exercised by this run" in project.ennead("baseline", "compare", check=True).stdout
        completed = project.ennead("baseline", "prune", check=True)
        assert "   1 kept, not exercised by this run  (--unexercised removes them, too)" in completed.stdout
        assert len(_entries(project)) == 1
        project.ennead("baseline", "prune", "--unexercised", check=True)
        assert _entries(project) == []

    def test_keeps_everything_after_a_run_that_something_is_lost_of(self, project: Project) -> None:
        self._repair(project, SCRIPT)
        (file,) = project.last_run.record_files
        file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))  # as if it had been killed
        assert "   0 gone" in project.ennead("baseline", "compare", check=True).stdout
        completed = project.ennead("baseline", "prune", check=True)
        assert "something of this run is lost" in completed.stderr
        assert len(_entries(project)) == 1

    def test_keeps_what_is_still_there(self, project: Project) -> None:
        before = (project.folder / FILE).read_text()
        assert "0 removed" in project.ennead("baseline", "prune", check=True).stdout
        assert (project.folder / FILE).read_text() == before

    def test_removes_what_a_comment_suppresses_now(self, project: Project) -> None:
        text = (project.folder / "lookups.py").read_text()
        project.write("lookups.py", text.replace("in range(count):", "in range(count):  # ennead: ok few"))
        project.run("script.py", check=True)
        assert "1 removed" in project.ennead("baseline", "prune", check=True).stdout


class TestImport:
    def test_prints_toml_and_what_is_left_out(self, project: Project) -> None:
        project.write("conf.py", 'ZEAL_ALLOWLIST = [{"model": "shop.Order", "field": "customer"}, entry()]\n')
        completed = project.ennead("baseline", "import", "--from", "zeal", "conf.py", check=True)
        assert completed.stdout == '[tool.ennead]\nignore = [\n    "shop.Order.customer",\n]\n'
        assert completed.stderr == ("ennead: conf.py:1: entry() is left out, it cannot be read without running it\n")

    def test_finds_the_settings_of_a_django_project(self, project: Project) -> None:
        project.write("manage.py", 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")\n')
        project.write("config/settings.py", 'NPLUSONE_WHITELIST = [{"model": "shop.Order"}]\n')
        completed = project.ennead("baseline", "import", "--from", "nplusone", check=True)
        assert '"shop.Order.*",' in completed.stdout

    def test_leaves_out_what_is_ignored_already(self, project: Project) -> None:
        project.write("pyproject.toml", '[tool.ennead]\nignore = ["shop.Order.*"]\n')
        project.write("conf.py", 'NPLUSONE_WHITELIST = [{"model": "shop.Order"}]\n')
        completed = project.ennead("baseline", "import", "--from", "nplusone", "conf.py", check=True)
        assert completed.stdout == ""
        assert "nothing of conf.py is left to be ignored" in completed.stderr

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (("--from", "zeal"), "name their file"),
            (("--from", "zeal", "lookups.py"), "has no ZEAL_ALLOWLIST"),
            (("--from", "zeal", "nowhere.py"), "cannot be read"),
            (("lookups.py",), "--from"),
            (("--from", "bullet", "lookups.py"), "bullet"),
        ],
    )
    def test_bad_input_is_told(self, project: Project, arguments: tuple[str, ...], words: str) -> None:
        completed = project.ennead("baseline", "import", *arguments)
        assert completed.returncode == 2
        assert words in completed.stderr
        assert "Traceback" not in completed.stderr


class TestUnusedSuppressions:
    COMMENTED = "def unused():\n    pass  # ennead: ok nobody asks\n"

    def test_are_told_and_fail_only_if_asked(self, project: Project) -> None:
        project.write("script.py", SCRIPT + self.COMMENTED)
        project.write("pyproject.toml", '[tool.ennead]\nignore = ["legacy/*"]\n')
        completed = project.ennead("run", "--", "script.py")
        assert completed.returncode == 0
        assert "note  nothing was found for 2 suppressions (--verbose tells them)" in completed.stderr
        assert project.report()["unused_suppressions"] == ["script.py:4 'nobody asks'", "ignore 'legacy/*'"]
        assert "  script.py:4 'nobody asks'\n  ignore 'legacy/*'\n" in project.ennead("report", "-v").stdout
        assert project.ennead("run", "-q", "--fail-on-unused", "--", "script.py").returncode == 1

    def test_one_that_is_needed_does_not(self, project: Project) -> None:
        text = (project.folder / "lookups.py").read_text()
        project.write("lookups.py", text.replace("in range(count):", "in range(count):  # ennead: ok few"))
        completed = project.ennead("run", "--fail-on-unused", "--", "script.py")
        assert completed.returncode == 0
        assert "nothing was found for" not in completed.stderr

    def test_one_that_has_expired_is_told_and_its_finding_comes_back(self, project: Project) -> None:
        (project.folder / FILE).unlink()
        text = (project.folder / "lookups.py").read_text()
        comment = "in range(count):  # ennead: ok spring [until=2020-04-30]"
        project.write("lookups.py", text.replace("in range(count):", comment))
        completed = project.ennead("run", "--fail-on", "info", "--", "script.py")
        assert completed.returncode == 1
        assert "note  a suppression has expired: lookups.py:12 'spring', until 2020-04-30" in completed.stderr
        (entry,) = project.report()["findings"]
        assert entry["finding"]["evidence"]["expired_suppression"] == "lookups.py:12: spring (until 2020-04-30)"


class TestWhyNot:
    def test_a_look_alike_is_told_with_its_name(self, project: Project) -> None:
        project.write(
            "pages.py",
            "from lookups import connection\nfor page in range(5):\n"
            "    connection.execute('SELECT name FROM customer LIMIT 10 OFFSET ?', (page * 10,)).fetchall()\n",
        )
        project.run("pages.py", check=True)
        told = project.ennead("explain", "--suppressed", check=True).stdout
        assert "Look-alikes: they repeat, and are no N+1\n  customer  ×5  pages.py:3  pages: " in told

    def test_the_story_of_a_finding_ends_with_why_it_is_not_reported(self, project: Project) -> None:
        (entry,) = _entries(project)
        told = project.ennead("explain", entry["id"], check=True).stdout
        assert told.endswith(f"known in the baseline since {entry['first_seen']}, with 6 queries\n")
        (project.folder / FILE).unlink()
        assert "known in the baseline" not in project.ennead("explain", entry["id"], check=True).stdout
        text = (project.folder / "lookups.py").read_text()
        project.write("lookups.py", text.replace("in range(count):", "in range(count):  # ennead: ok few"))
        project.run("script.py", check=True)
        told = project.ennead("explain", entry["id"], check=True).stdout
        assert told.endswith("suppressed: few\n")
        assert "suppressed by: comment lookups.py:12" in told

    def test_a_threshold_and_the_baseline_are_told(self, project: Project) -> None:
        assert "Known in the baseline\n  f1:" in project.ennead("explain", "--suppressed", check=True).stdout
        project.write("pyproject.toml", '[tool.ennead.thresholds]\n"job:import/*" = {min_queries = 20}\n')
        project.run("script.py", check=True)
        told = project.ennead("explain", "--suppressed", check=True).stdout
        assert "Below a threshold\n  f1:" in told
        assert "below the threshold of job:import/* (20 queries)" in told

    def test_a_finding_below_a_threshold_here_and_above_it_there_has_one_story(self, project: Project) -> None:
        project.write("pyproject.toml", '[tool.ennead.thresholds]\n"job:import/*" = {min_queries = 20}\n')
        project.write("script.py", SCRIPT + "unit('export/', 30)\nunit('import/', 7)\n")
        project.run("script.py", check=True)
        document = json.loads(project.ennead("report", "--json", "--no-baseline", check=True).stdout)
        (shown,), (below,) = document["findings"], document["suppressed"]
        assert shown["finding"]["id"] == below["finding"]["id"]
        assert (shown["total_query_count"], below["total_query_count"]) == (30, 13)
        assert "30 queries" in project.ennead("explain", shown["finding"]["id"], check=True).stdout

    def test_a_threshold_of_a_test_holds_for_what_the_test_starts(self, project: Project) -> None:
        project.write("test_it.py", "from lookups import unit\n\ndef test_it():\n    unit('import/', 6)\n")
        for pattern, suppressed in (("test_it.py::test_other", False), ("test_it.py::*", True)):
            project.write("pyproject.toml", f'[tool.ennead.thresholds]\n"{pattern}" = {{min_queries = 20}}\n')
            project.run(*PYTEST, "test_it.py", environment=PATH, check=True)
            told = project.ennead("explain", "--suppressed", check=True).stdout
            assert ("Below a threshold" in told) is suppressed


# ------------------------------------------------------------------------------------------------ ids


class TestIdsSurvive:
    def test_moved_lines(self, project: Project) -> None:
        text = (project.folder / "lookups.py").read_text()
        project.write(
            "lookups.py", "# moved\n" * 7 + text.replace("    names = []\n", "    names = []\n\n    # more\n")
        )
        assert project.ennead("run", "--fail-on", "info", "--", "script.py").returncode == 0

    def test_other_literals_in_the_statement(self, project: Project) -> None:
        statement = "SELECT name FROM customer WHERE id = {{n}} AND name <> '{1}'"
        loop = f'for n in range({{0}}, {{0}} + 5):\n    connection.execute(f"{statement}")\n'
        for values in ((1, "open"), (40, "it''s paid")):
            project.write("literals.py", "from lookups import connection\n" + loop.format(*values))
            project.run("literals.py", check=True)
        assert len({next(iter(_ids)) for _ids in map(_ids_of, project.runs[-2:])}) == 1

    def test_a_script_that_a_test_imports(self, project: Project) -> None:
        report = "from lookups import connection\n\ndef report():\n    for n in range(5):\n"
        report += "        connection.execute('SELECT name FROM customer WHERE id = ?', (n,)).fetchone()\n"
        project.write("nightly.py", report + "\nif __name__ == '__main__':\n    report()\n")
        project.write("test_it.py", "import nightly\n\ndef test_it():\n    nightly.report()\n")
        project.run("nightly.py", check=True)
        ran = _found(project)
        project.run(*PYTEST, "test_it.py", environment=PATH, check=True)
        assert _found(project) == ran
        assert len(ran) == 1

    def test_cold_and_warm_stacks(self, project: Project) -> None:
        project.write("names.py", "def name_of(row):\n    return row[0]\n")
        project.write(
            "warm.py",
            "from functools import cache\nfrom ennead.agent.units import Recording\nfrom lookups import connection\n\n"
            "@cache\ndef statement():\n    import names\n    connection.execute('SELECT 1')\n"
            "    return 'SELECT name FROM customer WHERE id = ?'\n\n"
            "def show():\n    for n in range(5):\n        connection.execute(statement(), (n,)).fetchone()\n\n"
            "for _ in range(2):\n    with Recording('show/', 'job', route='show/'):\n        show()\n",
        )
        project.run("warm.py", check=True)
        cold, warm = (unit for unit in project.units if unit.kind == "job")
        assert (cold.query_count, warm.query_count) == (6, 5)
        assert [finding.id for finding in cold.findings] == [sighting.id for sighting in warm.sightings]
        assert not warm.findings

    def test_pytest_and_production(self, tmp_path: Path) -> None:
        """The same view through Django's test client under pytest, and by a request as production makes it."""
        shop = django_shop(tmp_path)
        shop.write("test_orders.py", TEST)
        shop.run(*PYTEST, "test_orders.py", environment=PATH, check=True)
        assert shop.ennead("baseline", "create", check=True).stdout.startswith(f"{FILE}: 1 finding, 1 new")
        production = ("-m", "ennead.replay.requests", "GET", "/orders/")
        completed = shop.ennead("run", "--fail-on", "info", "--", *production)
        assert completed.returncode == 0
        assert "nothing new · 1 known in the baseline" in completed.stderr
        _add_another_n_plus_one(shop)
        completed = shop.ennead("run", "--fail-on", "info", "--", *production)
        assert completed.returncode == 1
        assert "1 known in the baseline" in completed.stderr

    @pytest.mark.slow
    def test_pytest_and_a_live_server(self, tmp_path: Path) -> None:
        shop = django_shop(tmp_path)
        shop.write("test_orders.py", TEST)
        shop.write("settings.py", (shop.folder / "settings.py").read_text() + 'ALLOWED_HOSTS = ["*"]\n')
        shop.run(*PYTEST, "test_orders.py", environment=PATH, check=True)
        shop.ennead("baseline", "create", check=True)
        with _serving(shop, "python", "manage.py", "runserver", "--noreload", "127.0.0.1:PORT") as server:
            server.get("/orders/")
            errors = server.stop()
        assert "nothing new · 1 known in the baseline" in errors


def _ids_of(run: Any) -> set[str]:
    from ennead.runs.reading import read_run

    return {finding.id for unit in read_run(run).units for finding in unit.findings}


def _add_another_n_plus_one(shop: Shop) -> None:
    path = shop.folder / "shop" / "views.py"
    count = "Order.objects.filter(customer=order.customer_id).count()"
    loop = f"    for order in Order.objects.order_by('id'):\n        {count}\n"
    path.write_text(path.read_text().replace("    rows = []\n", loop + "    rows = []\n"))
