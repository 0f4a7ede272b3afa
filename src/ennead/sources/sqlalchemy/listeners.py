"""Event listeners that come and go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class ListenerSet:
    """Listeners of SQLAlchemy's classes; adding and removing are idempotent."""

    def __init__(self) -> None:
        self._listening: list[tuple[Any, str, Callable[..., Any]]] = []

    def add(
        self, target: Any, name: str, listener: Callable[..., Any], *, returns_value: bool = False, raw: bool = False
    ) -> None:
        """Listen to the event ``name`` of every instance of the class ``target``, existing ones included.

        A listener of objects' events is given the object, or its state if ``raw``.
        """
        from sqlalchemy import event

        options = {name: True for name, wanted in (("retval", returns_value), ("raw", raw)) if wanted}
        event.listen(target, name, listener, **options)
        self._listening.append((target, name, listener))

    def remove(self) -> None:
        """Stop listening, the last first."""
        from sqlalchemy import event

        while self._listening:
            target, name, listener = self._listening.pop()
            if event.contains(target, name, listener):
                event.remove(target, name, listener)

    def __bool__(self) -> bool:
        return bool(self._listening)
