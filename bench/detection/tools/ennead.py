"""Ennead itself, as a user calls it: `with ennead.profile(...)`."""

from collections.abc import Callable, Iterable

import ennead
from bench.detection.observation import Observation, relative
from bench.detection.scenario import Place

N_PLUS_ONE_CODES = ("n-plus-one", "write-n-plus-one")


def prepare(suite: str) -> None:  # noqa: ARG001 - nothing to prepare: profile() installs its hooks by itself
    return


def observe(run: Callable[[], object]) -> Observation:
    with ennead.profile("scenario") as session:
        run()
    placed = [finding for finding in session.findings if finding.code in N_PLUS_ONE_CODES]
    return Observation(
        codes=tuple(finding.code for finding in session.findings),
        loop=_places(finding.loop for finding in placed),
        origin=_places(finding.origin for finding in placed),
        access=_places(finding.call_site for finding in placed),
    )


def _places(call_sites: Iterable[ennead.CallSite | None]) -> tuple[Place, ...]:
    return tuple((relative(each.file), each.line) for each in call_sites if each is not None)
