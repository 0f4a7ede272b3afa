"""Stacks of a chosen height: so many frames of a user's, with frames of a library further in and further out.

The code is compiled under file names of its own: that is how the agent tells whose it is.
"""

import sysconfig
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

USER_FILE = "/srv/bench-application/views.py"
LIBRARY_FILE = f"{sysconfig.get_paths()['purelib']}/bench_library/stack.py"

Call = Callable[[int], object]


def stack(
    query: str, names: Mapping[str, object], user_depth: int, library_depth: int, place_count: int
) -> Callable[[], object]:
    """What queries once at each of several places; they differ in the innermost line of the user's.

    Parameters
    ----------
    query
        The innermost frame's expression; ``number`` is the number of the place.
    names
        What else it uses.
    user_depth
        Frames of the user's, at least one.
    library_depth
        Frames of the library's: half of them between the user's and the query, half around the user's; the outermost
        makes the calls.
    place_count
        Places.
    """
    further_in = library_depth // 2
    inner = _chain(LIBRARY_FILE, further_in, query, names)
    calls: list[Call] = []
    for _ in range(place_count):
        place = _chain(USER_FILE, user_depth, query, names) if inner is None else _around(USER_FILE, user_depth, inner)
        assert place is not None, "at least one frame is the user's"
        calls.append(place)
    all_calls = _defined(LIBRARY_FILE, "for number, call in enumerate(calls): call(number)", {"calls": calls})
    return partial(_around(LIBRARY_FILE, library_depth - further_in - 1, all_calls), 0)


def _chain(file: str, depth: int, query: str, names: Mapping[str, object]) -> Call | None:
    """``query`` in the innermost of ``depth`` frames."""
    return _around(file, depth - 1, _defined(file, f"return {query}", names)) if depth else None


def _around(file: str, depth: int, called: Call) -> Call:
    """``called`` through ``depth`` functions, each with a code object of its own."""
    for _ in range(depth):
        called = _defined(file, "return called(number)", {"called": called})
    return called


def _defined(file: str, body: str, names: Mapping[str, object]) -> Call:
    namespace: dict[str, Any] = {"__name__": "bench_stack", **names}
    exec(compile(f"def call(number):\n    {body}\n", file, "exec"), namespace)  # noqa: S102 -- texts of this module's
    call: Call = namespace["call"]
    return call
