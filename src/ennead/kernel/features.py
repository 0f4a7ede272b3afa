"""From an observation to named numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Observation_contra = TypeVar("Observation_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """Name, unit and range of one feature."""

    name: str
    unit: str
    """``count``, ``ms``, ``ratio``, ``1/s``, ``0/1`` ..."""
    low: float
    high: float
    """``inf`` where unbounded."""
    description: str


@runtime_checkable
class FeatureExtractor(Protocol[Observation_contra]):
    """Turns an observation into a feature vector. Pure: the same observation gives the same vector."""

    @property
    def specs(self) -> Sequence[FeatureSpec]:
        """The features, in the order of the vector."""

    def extract(self, observation: Observation_contra, /) -> Mapping[str, float]:
        """One number for each spec, finite or ``nan``."""
