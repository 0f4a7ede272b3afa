"""How an action is run under each tool: the counter, Ennead, its bare recording, and the rivals of `bench.detection`.

A rival is driven by the adapter that `bench.detection.tools` has for it. Only what an adapter puts into the settings of
the suites is told here again, for the settings of an application.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

from bench.real_apps.counting import count
from bench.real_apps.django_site import ADDITIONS, Addition

Answer = dict[str, Any]
Look = Callable[[Callable[[], object]], Answer]


@dataclass(frozen=True)
class Rival:
    """A tool beside ours; its adapter and its pins are those of `bench.detection`."""

    orms: tuple[str, ...]
    addition: Addition | None = None
    """What it needs in Django's settings; without one, or on SQLAlchemy, `prepare` of its adapter is called."""
    beside: tuple[str, ...] = ()
    """What its adapter imports beside it."""


DJANGO, SQLALCHEMY = ("django",), ("sqlalchemy",)
RIVALS = {
    "zeal": Rival(DJANGO, Addition("zeal", "zeal.middleware.zeal_middleware", {"ZEAL_RAISE": False})),
    "query_doctor": Rival(
        DJANGO,
        Addition("query_doctor", "query_doctor.middleware.QueryDoctorMiddleware", {"QUERY_DOCTOR": {"REPORTERS": []}}),
    ),
    "nplus1": Rival(DJANGO + SQLALCHEMY, Addition(None, "nplusone.ext.django.NPlusOneMiddleware"), beside=("blinker",)),
    "debug_toolbar": Rival(
        DJANGO, Addition("debug_toolbar", None, {"DEBUG_TOOLBAR_PANELS": ["debug_toolbar.panels.sql.SQLPanel"]})
    ),
    "sentry": Rival(DJANGO + SQLALCHEMY),
    "sentry_untimed": Rival(DJANGO + SQLALCHEMY),
    "tracepanel": Rival(DJANGO + SQLALCHEMY, beside=("pytest",)),
    "queryspy": Rival(SQLALCHEMY),
}
NPLUS1_ON_DJANGO = "nplusone.ext.django"


def prepare(tool: str, orm: str) -> None:
    """Do what a rival needs before the application is booted."""
    rival = RIVALS.get(tool)
    if rival is None:
        return
    if rival.addition is None or orm not in DJANGO:
        _adapter(tool).prepare(orm)
        return
    ADDITIONS.append(rival.addition)
    if tool == "nplus1":
        # What `prepare` of the adapter tells it beside changing the settings of a suite.
        _adapter(tool)._extension.append(NPLUS1_ON_DJANGO)  # noqa: SLF001 - it has no other door


def looking(tool: str, orm: str, packages: tuple[str, ...]) -> Look:
    """Return what runs an action under a tool and tells what it said."""
    if tool == "count":
        return partial(count, orm=orm, packages=packages)
    if tool == "ennead":
        return partial(find, packages=packages)
    if tool == "contexts":
        return partial(record, packages=packages)
    return partial(_ask, tool)


def find(run: Callable[[], object], packages: tuple[str, ...]) -> Answer:
    """Tell what Ennead says."""
    import ennead

    ennead.install(project_packages=packages)
    with ennead.profile("action") as session:
        run()
    return {
        "queries": session.context.query_count,
        "findings": [
            {
                "code": finding.code,
                "kind": finding.kind,
                "fingerprint": finding.statement_fingerprint,
                "count": finding.query_count,
                "access": str(finding.call_site),
                "loop": str(finding.loop),
                "origin": str(finding.origin),
                "confidence": finding.confidence,
            }
            for finding in session.findings
        ],
        "vetoed": [
            {"fingerprint": evidence.group.first.statement_fingerprint, "veto": decision.veto}
            for evidence, decision in session.vetoed
        ],
    }


def record(run: Callable[[], object], packages: tuple[str, ...]) -> Answer:
    """Return all that Ennead recorded, for corpora: the context, and the folder that its files are relative to."""
    import ennead

    ennead.install(project_packages=packages)
    with ennead.profile("action") as session:
        run()
    return {"context": session.context.to_dict(), "project_root": session.context.project_root}


def _ask(tool: str, run: Callable[[], object]) -> Answer:
    observation = _adapter(tool).observe(run)
    return {"flagged": observation.flagged, "codes": list(observation.codes)}


def _adapter(tool: str) -> Any:
    return import_module(f"bench.detection.tools.{tool}")
