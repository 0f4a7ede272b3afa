"""Replacing a method of somebody else's class, so that it can be undone without trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_MISSING = object()


class Patch:
    """One attribute replaced by a wrapper of it; applying and undoing are idempotent.

    If another library has wrapped ours in the meantime, undoing must not throw its wrapper away: ours stays in the
    chain and, being switched off by ``active``, only passes calls on.

    Parameters
    ----------
    owner
        The class or module.
    name
        The attribute.
    make
        Gets the original (``None`` if there is no such attribute yet) and this patch, returns the replacement.

    Examples
    --------
    >>> class Greeter:
    ...     def greet(self) -> str:
    ...         return "hello"
    >>> patch = Patch(Greeter, "greet", lambda original, patch: lambda self: original(self).upper())
    >>> patch.apply(); Greeter().greet()
    'HELLO'
    >>> patch.undo(); Greeter().greet()
    'hello'
    """

    __slots__ = ("_make", "_original", "_own", "_replacement", "active", "name", "owner")

    def __init__(self, owner: Any, name: str, make: Callable[[Any, Patch], Any]) -> None:
        self.owner = owner
        self.name = name
        self.active = False
        self._make = make
        self._own: object = _MISSING
        self._original: object = _MISSING
        self._replacement: object = _MISSING

    def apply(self) -> None:
        """Put the replacement in place."""
        if self.active:
            return
        self.active = True
        if self._replacement is not _MISSING and self._is_in_chain():
            return
        self._own = vars(self.owner).get(self.name, _MISSING)
        self._original = getattr(self.owner, self.name, None)
        self._replacement = self._make(self._original, self)
        setattr(self.owner, self.name, self._replacement)

    def undo(self) -> None:
        """Put the original back, or switch ours off where somebody has wrapped it."""
        if not self.active:
            return
        self.active = False
        if vars(self.owner).get(self.name) is not self._replacement:
            return
        if self._own is _MISSING:
            delattr(self.owner, self.name)
        else:
            setattr(self.owner, self.name, self._own)
        self._replacement = _MISSING

    def _is_in_chain(self) -> bool:
        current: object = getattr(self.owner, self.name, None)
        while current is not None:
            if current is self._replacement:
                return True
            current = getattr(current, "__wrapped__", None)
        return vars(self.owner).get(self.name) is not self._own


class PatchSet:
    """Patches that come and go together.

    One that had to stay in somebody's chain when it was undone is switched on again by the next :meth:`add` of the
    same attribute: the host never runs through two of ours.
    """

    def __init__(self) -> None:
        self._patches: list[Patch] = []
        self._undone: list[Patch] = []

    def add(self, owner: Any, name: str, make: Callable[[Any, Patch], Any]) -> None:
        """Make a patch and apply it."""
        known = [patch for patch in self._undone if patch.owner is owner and patch.name == name]
        patch = known[0] if known else Patch(owner, name, make)
        patch.apply()
        self._patches.append(patch)

    def undo(self) -> None:
        """Undo all, the last first."""
        while self._patches:
            patch = self._patches.pop()
            patch.undo()
            if patch not in self._undone:
                self._undone.append(patch)

    def __bool__(self) -> bool:
        return bool(self._patches)
