"""A property that is found out once for each object: ``functools.cached_property`` without the lock it had before 3.12.

The lock costs more than most of what is remembered by it. Two threads may find the same value out at once; both get it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

if TYPE_CHECKING or sys.version_info >= (3, 12):
    from functools import cached_property
else:

    class cached_property:  # noqa: N801 -- the name that type checkers and readers know
        """See the module.

        Examples
        --------
        >>> class Group:
        ...     @cached_property
        ...     def count(self):
        ...         print("counted")
        ...         return 2
        >>> group = Group()
        >>> group.count + group.count
        counted
        4
        """

        def __init__(self, find: Callable[[Any], Any]) -> None:
            self._find = find
            self.__doc__ = find.__doc__

        def __set_name__(self, owner: type, name: str) -> None:
            self._name = name

        def __get__(self, instance: object, owner: type | None = None) -> Any:
            if instance is None:
                return self
            value = vars(instance)[self._name] = self._find(instance)
            return value


__all__ = ["cached_property"]
