"""The manifest of a domain: what it is called, what it looks at, and where its parts are."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ennead.kernel.features import FeatureExtractor
    from ennead.kernel.finding import Finding

ENTRY_POINT_GROUP = "ennead.domains"


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainManifest:
    """Everything the rest of Ennead needs to know of a domain.

    ``absent`` names the parts of the floor plan that this domain does not have, and why.
    """

    name: str
    title: str
    observation: type
    """A plain immutable class with ``to_dict`` and ``from_dict``."""
    settings: type
    """A frozen dataclass of :func:`ennead.kernel.settings.setting` fields."""
    codes: Mapping[str, tuple[str, ...]]
    """Finding code to its kinds."""
    metrics: Mapping[str, str] = field(default_factory=dict)
    """Metric name to its help text."""
    make_extractor: Callable[[], FeatureExtractor[Any]]
    find: Callable[[Any], tuple[Finding, ...]]
    """From an observation to its findings, with the settings in force."""
    examples: Callable[[], tuple[Any, ...]]
    """Small observations for the conformance suite: at least one with a finding and one without."""
    absent: Mapping[str, str] = field(default_factory=dict)


def installed_domains() -> Mapping[str, DomainManifest]:
    """All domains of the entry-point group ``ennead.domains``, by name.

    Raises
    ------
    EnneadError
        An entry point cannot be loaded or is no manifest; the message names its package.
    """
    found: dict[str, DomainManifest] = {}
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        try:
            manifest = entry.load()
        except Exception as error:
            message = f"the domain {entry.name!r} ({entry.value}) cannot be loaded: {error}"
            raise EnneadError(message) from error
        if not isinstance(manifest, DomainManifest):
            message = f"the domain {entry.name!r} ({entry.value}) is no DomainManifest"
            raise EnneadError(message)
        found[manifest.name] = manifest
    return found
