"""An object that stands in for another one and passes on what it does not know."""

from __future__ import annotations

from typing import Any, TypeVar

P = TypeVar("P", bound="Proxy")


class Proxy:
    """Stands in for a connection or cursor: attributes are read from it and written to it, ``isinstance`` says so.

    What is our own is named ``_ennead_...``, so that it hides nothing of the driver's.
    """

    __slots__ = ("__weakref__", "_ennead_raw")

    _ennead_raw: Any

    def __init__(self, raw: Any) -> None:
        object.__setattr__(self, "_ennead_raw", raw)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ennead_raw, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._ennead_raw, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._ennead_raw, name)

    def __dir__(self) -> list[str]:
        return dir(self._ennead_raw)

    def __repr__(self) -> str:
        return repr(self._ennead_raw)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """The class of what is stood in for."""
        return type(self._ennead_raw)


def adapted(behaviour: type[P], raw_type: type) -> type[P]:
    """``behaviour`` without the methods that objects of ``raw_type`` do not have.

    ``hasattr(connection, "execute")`` is how libraries tell drivers apart.
    """
    known = _adapted.get((behaviour, raw_type))
    if known is None:
        try:
            known = _adapt(behaviour, raw_type)
        except Exception:  # a class that cannot be asked what it has
            known = behaviour
        _adapted[behaviour, raw_type] = known
    return known


_adapted: dict[tuple[type, type], Any] = {}


def _adapt(behaviour: type[P], raw_type: type) -> type[P]:
    own = {name for kind in behaviour.__mro__[:-2] for name, value in vars(kind).items() if callable(value)}
    public = [name for name in own if not name.startswith("_ennead") and name != "__init__"]
    absent = {name: property(_Absent(name)) for name in public if not hasattr(raw_type, name)}
    return type(behaviour.__name__, (behaviour,), {"__slots__": (), **absent}) if absent else behaviour


class _Absent:
    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, proxy: Proxy) -> Any:
        message = f"{type(proxy._ennead_raw).__name__!r} object has no attribute {self._name!r}"
        raise AttributeError(message)
