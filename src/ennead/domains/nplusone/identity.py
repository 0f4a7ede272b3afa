"""What makes a finding the same finding tomorrow, on another host, after unrelated lines moved."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ennead.kernel.finding import finding_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.kernel.call_site import CallSite

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
    names = [_name(site) for site in _up_to_loop(call_path, loop)]
    return finding_id(["nplusone", code, fingerprint, *names, relation or "", str(ordinal)])


def weak_identity(code: str, fingerprint: str, route: str | None) -> str:
    """Links findings of logs and spans, which know no call sites, to those of the agent."""
    return finding_id(["nplusone", "weak", code, fingerprint, route or ""])


def _up_to_loop(call_path: Sequence[CallSite], loop: CallSite | None) -> list[CallSite]:
    if loop is not None:
        for index, site in enumerate(call_path):
            if (site.file, site.function) == (loop.file, loop.function):
                return list(call_path[: index + 1])
    inner = [site for site in call_path if not _FRAMEWORK_CALLERS.search(site.module or site.file)]
    return inner[:3] or list(call_path[:1])


def _name(site: CallSite) -> str:
    return f"{site.module or site.file}:{site.function}"
