"""Loops that are an N+1: roughly one query per row of an earlier result, or per item, where one set would do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ennead.training.generator.block import Block, Call, Header
from ennead.training.generator.schema import Select, Where

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.kernel.records import OrmEvidence
    from ennead.training.generator.scene import Scene

_LOOPS: tuple[Header, ...] = ("rows", "rows", "rows", "comprehension", "callback", "template")


def lazy_to_one(scene: Scene) -> Block:
    """Each row loads the one row that it refers to; an identity map asks for each of them once."""
    child, parent = scene.schema.child, scene.schema.parent
    keys = scene.keys(scene.many())
    pool = scene.keys(scene.many(2, max(3, len(keys))))
    references = [scene.random.choice(pool) for _ in keys]
    asked = list(dict.fromkeys(references)) if scene.library == "sqlalchemy" or scene.chance(0.3) else references
    asked = asked if len(asked) > 1 else scene.keys(3)
    orm = scene.orm(parent, owner=child)
    turns = [[_n_plus_one(scene.by_key(parent, key, scene.rows(parent, [key]), orm))] for key in asked]
    return Block(_header(scene), turns, [scene.collection(child, keys, references)])


def lazy_to_many(scene: Scene) -> Block:
    """Each row loads the rows that refer to it."""
    child, parent = scene.schema.child, scene.schema.parent
    keys = scene.keys(scene.many())
    orm = scene.orm(child, "all", owner=parent)
    return Block(_header(scene), [[_children(scene, key, orm)] for key in keys], [scene.collection(parent, keys)])


def nested_loops(scene: Scene) -> Block:
    """Each row loads its children, and each of them what it refers to."""
    child, parent = scene.schema.child, scene.schema.parent
    other = scene.schema.tables[3]
    keys = scene.keys(scene.many(2, 12))
    turns = []
    for key in keys:
        outer = _children(scene, key, scene.orm(child, "all", owner=parent))
        inner = [
            scene.by_key(other, row[2], scene.rows(other, [row[2]]), scene.orm(other, owner=child))
            for row in outer.rows
        ]
        turns.append([outer, *(_n_plus_one(replace(call, line=1)) for call in inner)])
    return Block("rows", turns, [scene.collection(parent, keys)], inner_from=1)


def several_for_each(scene: Scene) -> Block:
    """Two to four statements for each row, one after the other."""
    parent = scene.schema.parent
    keys = scene.keys(scene.many(3, 30))
    kinds = scene.random.sample((_first_child, _child_count, _exists, _other_by_slug), scene.random.randint(2, 4))
    turns = [[replace(kind(scene, key), line=line) for line, kind in enumerate(kinds)] for key in keys]
    return Block(_header(scene), turns, [scene.collection(parent, keys)])


def aggregate_for_each(scene: Scene) -> Block:
    """A count or a sum for each row."""
    keys = scene.keys(scene.many())
    return Block(
        _header(scene), [[_child_count(scene, key)] for key in keys], [scene.collection(scene.schema.parent, keys)]
    )


def first_of_each(scene: Scene) -> Block:
    """The newest child of each row."""
    keys = scene.keys(scene.many())
    return Block(
        _header(scene), [[_first_child(scene, key)] for key in keys], [scene.collection(scene.schema.parent, keys)]
    )


def lookup_for_each(scene: Scene) -> Block:
    """Items out of a file or a request, each looked up; no query came before."""
    items = [scene.text() for _ in range(scene.many())]
    return Block(scene.random.choice(("rows", "comprehension")), [[_other_by_slug(scene, item)] for item in items])


def exists_for_each(scene: Scene) -> Block:
    """Whether there is something, for each row; some have it and some have not."""
    keys = scene.keys(scene.many())
    return Block(_header(scene), [[_exists(scene, key)] for key in keys], [scene.collection(scene.schema.parent, keys)])


def window_for_each(scene: Scene) -> Block:
    """Each row's own children since a day."""
    child, parent = scene.schema.child, scene.schema.parent
    keys, day = scene.keys(scene.many()), scene.text()
    select = Select(child, ((f"{parent.model}_id", "="), ("created_at", ">=")))
    turns = [
        [_n_plus_one(Call(select, (key, day), scene.rows(child, scene.keys(3)), scene.orm(child, "filter")))]
        for key in keys
    ]
    return Block(_header(scene), turns, [scene.collection(parent, keys)])


def read_and_write_each(scene: Scene) -> Block:
    """Each row loads what it refers to, and is saved."""
    block = lazy_to_one(scene)
    written = scene.schema.log
    turns = [[*turn, replace(scene.write(written, scene.key()), line=1)] for turn in block.turns]
    return replace(
        block, header="rows", turns=turns, controls=scene.random.choice(((), ("SAVEPOINT", "RELEASE SAVEPOINT")))
    )


def in_parallel(scene: Scene) -> Block:
    """The rows are handed to threads or tasks."""
    shape = scene.random.choice((lazy_to_one, lazy_to_many, aggregate_for_each))
    block = shape(scene)
    return replace(block, header="callback", worker_count=scene.random.randint(2, 8))


def of_few_rows(scene: Scene) -> Block:
    """A page with two to four rows."""
    child, parent = scene.schema.child, scene.schema.parent
    keys = scene.keys(scene.random.randint(2, 4))
    if scene.chance(0.5):
        turns = [[_children(scene, key, scene.orm(child, "all", owner=parent))] for key in keys]
        return Block(_header(scene), turns, [scene.collection(parent, keys)])
    orm = scene.orm(parent, owner=child)
    turns = [[_n_plus_one(scene.by_key(parent, key, scene.rows(parent, [key]), orm))] for key in keys]
    return Block(_header(scene), turns, [scene.collection(child, keys, keys)])


def of_one_parent(scene: Scene) -> Block:
    """Without an identity map each row loads the same row again."""
    child, parent = scene.schema.child, scene.schema.parent
    keys, key = scene.keys(scene.many(3, 30)), scene.key()
    orm = scene.orm(parent, owner=child) if scene.library == "django" else None
    if orm is None:
        return lazy_to_one(scene)
    load = _n_plus_one(scene.by_key(parent, key, scene.rows(parent, [key]), orm))
    return Block(_header(scene), [[load] for _ in keys], [scene.collection(child, keys, [key] * len(keys))])


def deferred_column(scene: Scene) -> Block:
    """A column that was left out is loaded for each row."""
    parent = scene.schema.parent
    keys = scene.keys(scene.many())
    orm = scene.orm(parent, owner=parent, kind="deferred")
    select = Select(parent, (("id", "="),), only=("note",))
    turns = [[_n_plus_one(Call(select, (key,), [(scene.text(),)], orm))] for key in keys]
    return Block(_header(scene), turns, [scene.collection(parent, keys)])


def tree_node_by_node(scene: Scene) -> Block:
    """The children of each node, and theirs, as they come."""
    tree = scene.schema.tree
    keys = scene.keys(scene.many(4, 30))
    select = Select(tree, (("parent_id", "="),))
    children = [scene.random.randint(0, 3) for _ in keys]
    turns, below = [], iter(keys[1:])
    for key, count in zip(keys, [2, *children], strict=False):
        rows = [scene.row(tree, under, [key]) for _, under in zip(range(count), below, strict=False)]
        turns.append([_n_plus_one(Call(select, (key,), rows, scene.orm(tree, "all", owner=tree)))])
    return Block("callback", turns, [scene.collection(tree, keys[:1])])


def _n_plus_one(call: Call) -> Call:
    return replace(call, is_n_plus_one=True)


def _header(scene: Scene) -> Header:
    return scene.random.choice(_LOOPS)


def _children(scene: Scene, key: str, orm: OrmEvidence | None) -> Call:
    child, parent = scene.schema.child, scene.schema.parent
    keys = scene.keys(scene.random.randint(0, 6))
    rows: Sequence[tuple[str, ...]] = [scene.row(child, each, [key]) for each in keys]
    return _n_plus_one(scene.by_key(child, key, rows, orm, f"{parent.model}_id"))


def _first_child(scene: Scene, key: str) -> Call:
    child, parent = scene.schema.child, scene.schema.parent
    select = Select(child, ((f"{parent.model}_id", "="),), order="created_at", limit=True)
    rows = [scene.row(child, scene.key(), [key])] if scene.chance(0.9) else []
    return _n_plus_one(Call(select, (key, "1"), rows, scene.orm(child, "first")))


def _child_count(scene: Scene, key: str) -> Call:
    child, parent = scene.schema.child, scene.schema.parent
    where: Where = ((f"{parent.model}_id", "="),)
    select = Select(child, where, aggregate="count" if scene.library else "sum")
    return _n_plus_one(
        Call(select, (key,), [(str(scene.random.randint(0, 9)),)], scene.orm(child, "count", kind="aggregate"))
    )


def _exists(scene: Scene, key: str) -> Call:
    log, parent = scene.schema.log, scene.schema.parent
    select = Select(log, ((f"{parent.model}_id", "="), ("kind", "=")), only=("id",), limit=True)
    rows = [(scene.key(),)] * scene.random.randint(0, 1)
    return _n_plus_one(Call(select, (key, "open", "1"), rows, scene.orm(log, "exists")))


def _other_by_slug(scene: Scene, item: str) -> Call:
    other = scene.schema.tables[5]
    rows = scene.rows(other, [scene.key()]) if scene.chance(0.9) else []
    return _n_plus_one(scene.by_key(other, item, rows, scene.orm(other), "slug"))


SHAPES = (
    lazy_to_one,
    lazy_to_many,
    nested_loops,
    several_for_each,
    aggregate_for_each,
    first_of_each,
    lookup_for_each,
    exists_for_each,
    window_for_each,
    read_and_write_each,
    in_parallel,
    of_few_rows,
    of_one_parent,
    deferred_column,
    tree_node_by_node,
)
"""All of them."""
