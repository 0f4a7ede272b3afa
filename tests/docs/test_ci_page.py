"""What the guide on continuous integration shows can be done as it is shown."""

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from ennead.cli.main import ennead

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "guide" / "ci.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^(?:\$| *- (?:run: )?)\s*(ennead .*)$", PAGE, re.MULTILINE)


def find(value: Any, key: str) -> list[Any]:
    """What stands under a key, however deep."""
    if isinstance(value, list):
        return [found for item in value for found in find(item, key)]
    if not isinstance(value, dict):
        return []
    return [*([value[key]] if key in value else []), *(found for item in value.values() for found in find(item, key))]


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_is_understood(line: str) -> None:
    _program, name, *arguments = shlex.split(line.partition(" >> ")[0], comments=True)
    context = click.Context(ennead)
    command = ennead.get_command(context, name)
    assert command is not None
    command.make_context(name, arguments, parent=context)


def test_the_commands_were_found() -> None:
    assert len(COMMANDS) >= 9
    assert sum(line.startswith("ennead diff") for line in COMMANDS) == 2


def test_the_workflow_names_inputs_and_outputs_of_the_action() -> None:
    action = yaml.safe_load((ROOT / "integrations" / "github-action" / "action.yml").read_text())
    workflow = next(block for block in BLOCKS if "uses: OWNER" in block)
    steps = yaml.safe_load(workflow)["jobs"]["tests"]["steps"]
    (step,) = (step for step in steps if "integrations/github-action" in step.get("uses", ""))
    assert step["with"].keys() <= action["inputs"].keys()
    named = set(re.findall(r"steps\.ennead\.outputs\.(\w+)", workflow))
    assert named
    assert named <= action["outputs"].keys()


def test_the_table_of_inputs_is_complete() -> None:
    action = yaml.safe_load((ROOT / "integrations" / "github-action" / "action.yml").read_text())
    for name, told in action["inputs"].items():
        default = f"`{told['default']}`" if told.get("default") else ""
        assert re.search(rf"^\| `{name}` \| {re.escape(default)} ?\|", PAGE, re.MULTILINE), name


def test_the_configuration_of_pre_commit_names_the_hook() -> None:
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    configured = [yaml.safe_load(block) for block in BLOCKS if block.startswith("repos:")]
    assert {hook["id"] for hooks_of in find(configured, "hooks") for hook in hooks_of} == hooks


@pytest.mark.parametrize("block", BLOCKS)
def test_yaml_is_yaml(block: str) -> None:
    assert yaml.safe_load(block)
