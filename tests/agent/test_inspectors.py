"""Inspectors: frames of a library that stand for the user's places, and evidence about what was loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import FrameType

import pytest

from ennead.agent.call_path import Walk, register_inspector, unregister_inspector
from ennead.kernel.call_site import CallSite
from tests.agent.library import FOLDER, execute, make_library, record


class Node:
    """Of a template: what the library runs through one and the same line of its own."""

    def __init__(self, line: int) -> None:
        self.line = line


RENDER = "def render(node, oracle=None):\n    execute('SELECT 1', (), oracle)\n"


@pytest.fixture
def render() -> Iterator[Callable[..., None]]:
    """A library function whose frames stand for lines of a template."""
    module = make_library(RENDER, "template")
    vars(module)["execute"] = execute

    def inspector(frame: FrameType, walk: Walk) -> None:
        node = frame.f_locals["node"]
        walk.add_site(CallSite("page.html", node.line, "page.html"), lambda other: other.f_locals["node"], node)

    register_inspector(f"{FOLDER}/template.py", "render", inspector)
    yield module.render
    unregister_inspector(f"{FOLDER}/template.py", "render", inspector)


def test_a_library_frame_stands_for_the_users_place(render: Callable[..., None]) -> None:
    nodes = [Node(3), Node(7)]

    def page() -> None:
        for node in nodes * 2:
            render(node)

    unit = record(page)
    assert [str(hit.site.path.sites[0]) for hit in unit.hits] == ["page.html:3", "page.html:7"] * 2
    assert unit.hits[0].site is unit.hits[2].site


def test_a_site_may_be_made_when_it_is_asked_for(render: Callable[..., None]) -> None:
    made = []

    def make() -> CallSite:
        made.append(1)
        return CallSite("page.html", 1, "page.html")

    def inspector(frame: FrameType, walk: Walk) -> None:
        walk.add_site(make, lambda other: other.f_locals["node"], frame.f_locals["node"])

    register_inspector(f"{FOLDER}/template.py", "render", inspector)
    try:
        unit = record(render, Node(3))
    finally:
        unregister_inspector(f"{FOLDER}/template.py", "render", inspector)
    assert made == []
    assert [str(site) for site in unit.hits[0].site.path.sites] == ["page.html:3", "page.html:1"]
    assert made == [1]


def test_a_token_that_cannot_be_read_only_costs_a_walk(walk_count: Callable[[], int]) -> None:
    module = make_library("def render(execute):\n    execute('SELECT 1')\n", "broken")

    def inspector(frame: FrameType, walk: Walk) -> None:
        walk.add_site(CallSite("page.html", 1, "page.html"), lambda other: other.f_locals["absent"], None)

    register_inspector(f"{FOLDER}/broken.py", "render", inspector)
    try:
        unit = record(lambda: [module.render(execute) for _ in range(3)])
    finally:
        unregister_inspector(f"{FOLDER}/broken.py", "render", inspector)
    assert [str(hit.site.path.sites[0]) for hit in unit.hits] == ["page.html:1"] * 3
    assert walk_count() == 3


def test_evidence_is_the_innermost_frames_and_remembered_with_the_site() -> None:
    module = make_library(
        "def load(execute):\n    execute('SELECT 1')\n\ndef get(execute):\n    load(execute)\n", "orm"
    )
    inspected = []

    def inner(frame: FrameType, walk: Walk) -> None:
        inspected.append("inner")
        walk.add_evidence(library="orm", method="load")

    def outer(frame: FrameType, walk: Walk) -> None:
        walk.add_evidence(method="get", relation="Order.customer")

    register_inspector(f"{FOLDER}/orm.py", "load", inner)
    register_inspector(f"{FOLDER}/orm.py", "get", outer)
    try:
        unit = record(lambda: [module.get(execute) for _ in range(4)])
    finally:
        unregister_inspector(f"{FOLDER}/orm.py", "load", inner)
        unregister_inspector(f"{FOLDER}/orm.py", "get", outer)
    for hit in unit.hits:
        assert hit.orm is not None
        assert (hit.orm.library, hit.orm.method, hit.orm.relation) == ("orm", "load", "Order.customer")
    assert inspected == ["inner"]


def test_inspectors_registered_later_see_places_that_are_known_already() -> None:
    module = make_library("def load(execute):\n    execute('SELECT 1')\n", "late")

    def inspector(frame: FrameType, walk: Walk) -> None:
        walk.add_evidence(library="late")

    def page() -> None:
        module.load(execute)

    assert record(page).hits[0].orm is None
    register_inspector(f"{FOLDER}/late.py", "load", inspector)
    assert record(page).hits[0].orm is not None
    unregister_inspector(f"{FOLDER}/late.py", "load", inspector)
    assert record(page).hits[0].orm is None


def test_an_ending_sees_all_steps() -> None:
    module = make_library("def load(execute):\n    execute('SELECT 1')\n", "ending")

    def inspector(frame: FrameType, walk: Walk) -> None:
        walk.endings.append(lambda ended: ended.add_evidence(library="ending", relation=str(len(ended.steps))))

    register_inspector(f"{FOLDER}/ending.py", "load", inspector)
    try:
        unit = record(lambda: module.load(execute))
    finally:
        unregister_inspector(f"{FOLDER}/ending.py", "load", inspector)
    assert unit.hits[0].orm is not None
    assert unit.hits[0].orm.relation == "1"
