"""Generated stacks are what they say, to the agent, too."""

import pytest

from bench.overhead.stacks import LIBRARY_FILE, USER_FILE, stack
from ennead.agent.call_path import CallPath, walk_path
from ennead.agent.units import call_inside


@pytest.mark.parametrize(("user_depth", "library_depth"), [(1, 1), (1, 10), (4, 1), (8, 40)])
def test_the_agent_sees_the_users_frames_and_only_these(user_depth: int, library_depth: int) -> None:
    paths: list[CallPath] = []
    names = {"walked": lambda path_and_walk: paths.append(path_and_walk[0]), "walk_path": walk_path}
    call_inside(stack("walked(walk_path(1))", names, user_depth, library_depth, 3))
    assert [len(path.steps) for path in paths] == [user_depth] * 3
    assert len({id(path.steps[0].code) for path in paths}) == 3
    frames = [code.co_filename for code in paths[0].stack if code is not None]
    assert frames.count(USER_FILE) == user_depth
    assert frames.count(LIBRARY_FILE) == library_depth
