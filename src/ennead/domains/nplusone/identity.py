"""What makes a finding the same finding tomorrow, on another host, after unrelated lines moved."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from ennead.kernel.finding import finding_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ennead.kernel.call_site import CallSite

_UNLOOPED_NAMES = 3
_INLINED_FRAMES = re.compile(r"(\.<locals>)?\.<(list|set|dict)comp>")
"""Since Python 3.12 these comprehensions run in the frame of their function."""
_FRAMEWORK_CALLERS = re.compile(r"(^|[./])(conftest|test_[^./]*|[^./]*_test|tests|manage|middleware)([./]|$)")


def identify(
    code: str,
    fingerprint: str,
    call_path: Sequence[CallSite],
    loop: CallSite | None,
    relation: str | None,
    ordinal: int,
) -> str:
    """Finding id: code, statement, module and qualified names from access to loop, relation, ordinal; no line numbers.

    Parameters
    ----------
    code, fingerprint, relation
        Of the finding.
    call_path
        The user's frames from the access outwards; those beyond the loop take no part.
    loop
        The loop's header, if it is known.
    ordinal
        Tells apart what has the same names: the n-th such place in the order of its lines.
    """
    names = _names_up_to_loop(call_path, loop)
    return finding_id(["nplusone", code, fingerprint, *names, relation or "", str(ordinal)])


def weak_identity(code: str, fingerprint: str, route: str | None) -> str:
    """Links findings of logs and spans, which know no call sites, to those of the agent."""
    return finding_id(["nplusone", "weak", code, fingerprint, route or ""])


def _names_up_to_loop(call_path: Sequence[CallSite], loop: CallSite | None) -> list[str]:
    if loop is not None:
        for index, site in enumerate(call_path):
            if (site.file, site.function) == (loop.file, loop.function):
                return _names(call_path[: index + 1])
    inner = [site for site in call_path if not _FRAMEWORK_CALLERS.search(_module(site))]
    return _names(inner)[:_UNLOOPED_NAMES] or _names(call_path[:1])


def _names(sites: Iterable[CallSite]) -> list[str]:
    """Names from the access outwards, each once where it follows on itself."""
    return [name for name, _ in groupby(map(_name, sites))]


def _name(site: CallSite) -> str:
    """Module and qualified name; the same for every way of running the same code."""
    return f"{_module(site)}:{_INLINED_FRAMES.sub('', site.function)}"


def _module(site: CallSite) -> str:
    """A script is called as it would be if a test imported it."""
    if site.module == "__main__":
        return site.file.removesuffix(".py").removeprefix("src/").replace("/", ".")
    return site.module or site.file
