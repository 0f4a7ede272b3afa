"""Assertions for ``unittest`` and Django test cases; with pytest, too, but it is not needed."""

from __future__ import annotations

from functools import wraps
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, ClassVar

from ennead.domains.nplusone.profile import check_no_n_plus_one
from ennead.profiling import assert_no_n_plus_one, profile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from unittest import TestCase, TestResult

    from ennead.domains.nplusone.profile import Profile

    _Base = TestCase
else:
    _Base = object


class NPlusOneMixin(_Base):
    """Makes each test of a test case fail that has an N+1; stands before the test case among the base classes.

    What ``setUp`` and ``tearDown`` do is not looked at.

    Examples
    --------
    >>> from unittest import TestCase
    >>> class OrderTests(NPlusOneMixin, TestCase):
    ...     n_plus_one_max_queries = 20
    ...     def test_list(self):
    ...         with self.assertNoNPlusOne(max_queries=2):
    ...             pass
    >>> OrderTests("test_list").run().wasSuccessful()
    True
    """

    n_plus_one_enabled: ClassVar[bool] = True
    """``False``: only :meth:`assertNoNPlusOne` looks."""
    n_plus_one_allow: ClassVar[Sequence[str]] = ()
    """Finding ids, relations or call sites to let pass."""
    n_plus_one_max_queries: ClassVar[int | None] = None
    """Queries that each test may run."""

    def assertNoNPlusOne(  # noqa: N802 -- as unittest names them
        self, *, allow: Sequence[str] = (), max_queries: int | None = None
    ) -> AbstractContextManager[Profile]:
        """Fail if the body has an N+1; see :func:`ennead.assert_no_n_plus_one`."""
        return assert_no_n_plus_one(allow=(*allow, *self.n_plus_one_allow), max_queries=max_queries)

    def run(self, result: TestResult | None = None) -> TestResult | None:
        """Part of unittest's protocol: runs the test method inside of a profile."""
        if not self.n_plus_one_enabled:
            return super().run(result)
        name = self._testMethodName
        own = vars(self).get(name)  # Django and pytest put a method of their own there
        setattr(self, name, self._checked(getattr(self, name)))
        try:
            return super().run(result)
        finally:
            if own is None:
                delattr(self, name)
            else:
                setattr(self, name, own)

    def _checked(self, method: Callable[..., Any]) -> Callable[..., Any]:
        profiled = profile(self.id())(method)

        def check() -> None:
            session: Profile = vars(profiled)["ennead"]
            check_no_n_plus_one(session, allow=self.n_plus_one_allow, max_queries=self.n_plus_one_max_queries)

        @wraps(method)
        def checked(*args: Any, **kwargs: Any) -> Any:
            result = profiled(*args, **kwargs)
            check()
            return result

        @wraps(method)
        async def checked_async(*args: Any, **kwargs: Any) -> Any:
            result = await profiled(*args, **kwargs)
            check()
            return result

        return checked_async if iscoroutinefunction(method) else checked
