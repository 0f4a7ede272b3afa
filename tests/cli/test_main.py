import signal
import subprocess
import sys
import time

import pytest

import ennead
from ennead.cli.main import ennead as command
from tests.runs.project import ENNEAD, Project

COMMANDS = ["run", "report", "explain", "doctor", "demo"]


def test_version(project: Project) -> None:
    assert project.ennead("--version").stdout == f"ennead {ennead.__version__}\n"


def test_the_installed_command_is_the_module(project: Project) -> None:
    script = sys.executable.replace("python", "ennead") if sys.executable.endswith("/python") else "ennead"
    completed = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert completed.stdout == project.ennead("--version").stdout


def test_help_lists_every_command_with_a_sentence(project: Project) -> None:
    output = project.ennead("--help", check=True).stdout
    for name in COMMANDS:
        assert f"\n  {name} " in output
    assert "..." not in output.partition("Commands:")[2]  # whole sentences, none cut


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_a_help_text(name: str) -> None:
    import click

    found = command.get_command(click.Context(command), name)
    assert found is not None
    assert found.help
    for parameter in found.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name
            assert parameter.help.endswith(".")


def test_an_unknown_command_is_a_usage_error(project: Project) -> None:
    completed = project.ennead("rum")
    assert completed.returncode == 2
    assert "No such command 'rum'" in completed.stderr


def test_shell_completion_works(project: Project) -> None:
    completed = project.ennead(
        environment={"_ENNEAD_COMPLETE": "bash_complete", "COMP_WORDS": "ennead re", "COMP_CWORD": "1"}
    )
    assert completed.stdout == "plain,report\n"


def test_an_interruption_is_told_in_one_word(project: Project) -> None:
    project.write("waits.py", "import time\nopen('begun', 'w').close()\ntime.sleep(600)\n")
    begun = project.folder / "begun"
    with subprocess.Popen(
        [*ENNEAD, "doctor", "--", "waits.py"], cwd=project.folder, env=project.environment({}), stderr=subprocess.PIPE
    ) as process:
        while not begun.exists() and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, b"interrupted\n")


def test_starting_waits_for_nothing_it_does_not_need() -> None:
    """``ennead run`` starts somebody's server: no template engine, no SQL parser, no drawing before that."""
    code = "import sys, ennead.cli.run; print(*{'jinja2', 'sqlglot', 'rich', 'asyncio'} & sys.modules.keys())"
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(completed.stdout.split()) <= {"asyncio"}
