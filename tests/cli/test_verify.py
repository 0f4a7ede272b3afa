"""``ennead verify`` as a person types it."""

from __future__ import annotations

import json

import pytest

from tests.cli.shops import Shop
from tests.runs.project import Project

SIZED = ("--sizes", "3,9", "--", "report.py", "{size}")
QUERY = "select(Order).order_by(Order.id)"
IMPORT = "import DeclarativeBase, Mapped, Session, mapped_column"


@pytest.mark.slow
def test_a_good_change_is_accepted_and_a_wrong_one_refused(script: Shop) -> None:
    text = (script.folder / "report.py").read_text()
    good = text.replace(QUERY, QUERY + ".options(selectinload(Order.customer))")
    good = good.replace(IMPORT, IMPORT.replace("mapped_column", "mapped_column, selectinload"))
    script.write("report.py", good)
    before = script.digests()
    accepted = script.ennead("verify", *SIZED)
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr
    assert accepted.stdout.startswith("VERIFIED\n")
    assert script.digests() == before
    assert script.git("stash", "list") == ""
    script.write("report.py", good.replace(QUERY, QUERY + ".limit(2)"))
    refused = script.ennead("verify", "--json", *SIZED)
    assert refused.returncode == 1, refused.stderr
    answer = json.loads(refused.stdout)
    assert answer["verdict"] == "changes-results"
    assert "CHANGES-RESULTS" in refused.stderr


@pytest.mark.slow
def test_code_that_moved_into_a_new_file_is_replayed_as_it_was_and_as_it_is(script: Shop) -> None:
    """The original lacks the new file and has the deleted one; the changed code the other way round."""
    script.write("loading.py", "NAME = 'old'\n")
    text = (script.folder / "report.py").read_text()
    checked = (
        "import os\nimport sys\n\nassert os.path.exists('loading.py') is {}\nassert os.path.exists('new.py') is {}\n"
    )
    script.write("report.py", text.replace("import sys\n", checked.format("True", "False")))
    script.git("add", ".")
    script.git("commit", "-qm", "second")
    (script.folder / "loading.py").unlink()
    script.write("new.py", "NAME = 'new'\n")
    good = text.replace(QUERY, QUERY + ".options(selectinload(Order.customer))")
    good = good.replace(IMPORT, IMPORT.replace("mapped_column", "mapped_column, selectinload"))
    script.write("report.py", good.replace("import sys\n", checked.format("False", "True")))
    completed = script.ennead("verify", "--json", *SIZED)
    assert json.loads(completed.stdout)["verdict"] == "verified", completed.stdout + completed.stderr


def test_errors_are_one_line(script: Shop, project: Project) -> None:
    unchanged = script.ennead("verify", *SIZED)
    assert (unchanged.returncode, unchanged.stdout) == (2, "")
    assert unchanged.stderr == "Error: nothing was edited since the last commit: there is no change to verify\n"
    project.write("fine.py", "print(1)\n")
    alone = project.ennead(
        "verify", "--", "fine.py", environment={"GIT_CEILING_DIRECTORIES": str(project.folder.parent)}
    )
    assert alone.returncode == 2
    assert len(alone.stderr.splitlines()) == 1
    assert "in no git repository with a commit" in alone.stderr
