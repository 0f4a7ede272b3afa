"""``ennead mcp`` typed by a person, who would otherwise look at an empty line. The server has its own tests."""

import os
import signal
import subprocess

import pytest

from tests.runs.project import ENNEAD, Project


@pytest.mark.parametrize("is_person", [True, False])
def test_a_person_is_told_that_it_waits_for_a_client(project: Project, is_person: bool) -> None:  # noqa: FBT001 -- a parameter
    terminal, standard_input = os.openpty() if is_person else os.pipe()[::-1]
    with subprocess.Popen(
        [*ENNEAD, "mcp"],
        cwd=project.folder,
        env=project.environment({}),
        stdin=standard_input,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        if is_person:
            line = process.stderr.readline()
            assert line.startswith("serving a coding agent on standard input and output")
            process.send_signal(signal.SIGINT)
        else:
            os.close(terminal)  # the client leaves
        printed, errors = process.communicate(timeout=60)
    assert (printed, errors) == ("", "interrupted\n" if is_person else "")
