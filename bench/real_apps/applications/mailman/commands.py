"""The commands that `mailman` has, and the handlers that choose who gets a message."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from bench.real_apps.applications.mailman.data import LIST

Action = tuple[str, Callable[[], object]]


def actions() -> Iterator[Action]:
    """Each command and handler of the bench."""
    from mailman.commands.cli_findmember import findmember
    from mailman.commands.cli_lists import lists
    from mailman.commands.cli_members import members

    yield "mailman lists", partial(_run, lists, ["--names", "--descriptions"])
    yield "mailman members", partial(_run, members, [LIST])
    yield "mailman members --regular", partial(_run, members, ["--regular", LIST])
    yield "mailman members --digest", partial(_run, members, ["--digest", "any", LIST])
    yield "mailman members --role", partial(_run, members, ["--role", "administrator", LIST])
    yield "mailman findmember", partial(_run, findmember, ["person"])
    yield "recipients of a message", partial(_handle, "member-recipients")
    yield "recipients for the owners", partial(_handle, "owner-recipients")
    yield "avoid duplicates", partial(_handle, "avoid-duplicates")


def _run(command: Any, arguments: list[str]) -> None:
    from click.testing import CliRunner
    from mailman.config import config

    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    config.db.commit()
    config.db.close_session()


def _handle(name: str) -> object:
    """Send one message through a handler, as the pipeline runner does."""
    from mailman.config import config
    from mailman.interfaces.listmanager import IListManager
    from mailman.testing.helpers import specialized_message_from_string
    from zope.component import getUtility

    mailing_list: Any = getUtility(IListManager).get("main@example.com")
    text = "From: person0@example.com\nTo: person1@example.com\nCc: person2@example.com\nSubject: x\n\nx\n"
    data: dict[str, Any] = {"recipients": {"person1@example.com", "person2@example.com"}}
    if name != "avoid-duplicates":
        data = {}
    config.handlers[name].process(mailing_list, specialized_message_from_string(text), data)
    config.db.commit()
    config.db.close_session()
    return data
