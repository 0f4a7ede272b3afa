"""What repeats and is no N+1: the negative twins of :mod:`~ennead.training.generator.shapes`."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from ennead.training.generator.block import Block, Call
from ennead.training.generator.schema import Select, Where

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.kernel.records import OrmEvidence
    from ennead.training.generator.scene import Scene
    from ennead.training.generator.schema import Table


def eager_batches(scene: Scene) -> Block:
    """One IN list for each batch of rows, by the ORM's eager loading or by hand."""
    child, parent = scene.schema.child, scene.schema.parent
    keys = scene.keys(scene.many(4, 120))
    orm = scene.orm(parent, owner=child, eager=True)
    turns = [[_listed(scene, parent, "id", chunk, orm)] for chunk in _chunks(scene, keys)]
    return Block("while", turns, [scene.collection(child, keys, keys)])


def chunked_lists(scene: Scene) -> Block:
    """An import that looks its keys up a chunk at a time."""
    keys = [scene.text() for _ in range(scene.many(4, 150))]
    other = scene.schema.tables[5]
    return Block("rows", [[_listed(scene, other, "slug", chunk)] for chunk in _chunks(scene, keys)])


def prefetch_in_each(scene: Scene) -> Block:
    """A few objects, each on lines of its own, with one query for all their children's children."""
    child, parent, column = scene.schema.child, scene.schema.parent, f"{scene.schema.parent.model}_id"
    turns = []
    for turn, key in enumerate(scene.keys(scene.random.randint(2, 4))):
        keys = scene.keys(scene.random.randint(2, 9))
        orm = scene.orm(child, "all", owner=parent)
        children = scene.by_key(child, key, scene.rows(child, keys), orm, column)
        grandchildren = _listed(scene, scene.schema.tables[3], "id", keys)
        turns.append([replace(children, line=2 * turn), replace(grandchildren, line=2 * turn + 1)])
    return Block("none", turns)


def attempts(scene: Scene) -> Block:
    """The same statements again until they succeed."""
    parent, log = scene.schema.parent, scene.schema.log
    key = scene.key()
    read = scene.by_key(parent, key, scene.rows(parent, [key]), scene.orm(parent))
    count = scene.random.randint(2, 6)
    pause = scene.random.choice((0.0, 20.0, 100.0))
    turns = [
        [
            replace(read, pause_ms=pause if turn else 0.0),
            replace(scene.write(log, key), line=1, error="OperationalError" if turn < count - 1 else None),
        ]
        for turn in range(count)
    ]
    return Block(scene.random.choice(("range", "while", "poll")), turns, controls=("BEGIN", "ROLLBACK"))


def aggregate_for_each_constant(scene: Scene) -> Block:
    """One figure for each of a few fixed states."""
    child = scene.schema.child
    select = Select(child, (("status", "="),), aggregate="count")
    states = [f"state {number}" for number in range(scene.random.randint(2, 6))]
    orm = scene.orm(child, "count", kind="aggregate")
    figures = [Call(select, (state,), [(scene.key(),)], orm) for state in states]
    if scene.chance(0.5):
        return Block("constants", [[figure] for figure in figures])
    return Block("none", [[replace(figure, line=line)] for line, figure in enumerate(figures)])


def get_or_create(scene: Scene) -> Block:
    """A look at the table before each insert: told as a write, if at all."""
    other = scene.schema.tables[5]
    orm = scene.orm(other, "get_or_create")
    turns = []
    for _ in range(scene.many()):
        known = scene.chance(0.3)
        rows = scene.rows(other, [scene.key()]) if known else []
        read = scene.by_key(other, scene.text(), rows, orm, "slug")
        turns.append([read] if known else [read, replace(scene.write(other), orm=orm)])
    return Block("rows", turns, controls=scene.random.choice(((), ("SAVEPOINT", "RELEASE SAVEPOINT"))))


def upserts(scene: Scene) -> Block:
    """Each value of one object is looked up, then inserted or updated."""
    log, parent = scene.schema.log, scene.schema.parent
    key = scene.key()
    select = Select(log, ((f"{parent.model}_id", "="), ("slug", "=")))
    turns = []
    for _ in range(scene.many(3, 40)):
        known = scene.chance(0.2)
        read = Call(select, (key, scene.text()), scene.rows(log, [key]) if known else [], scene.orm(log))
        turns.append([read, replace(scene.write(log, scene.key() if known else None), line=1)])
    return Block("rows", turns)


def unique_before_insert(scene: Scene) -> Block:
    """Whether a name is free, before each row of an import is inserted."""
    other = scene.schema.tables[5]
    select = Select(other, (("slug", "="),), only=("id",), limit=True)
    count = scene.many(3, 40)
    turns = [
        [Call(select, (scene.text(), "1"), [], scene.orm(other, "exists")), replace(scene.write(other), line=1)]
        for _ in range(count)
    ]
    return Block("rows", turns)


def claimed_work(scene: Scene) -> Block:
    """A worker takes one job at a time until there is none."""
    log = scene.schema.log
    where: Where = (("status", "="),) if scene.chance(0.5) else (("status", "="), ("created_at", "<"))
    select = Select(log, where, order="created_at", limit=True, locks=scene.chance(0.5))
    values = ("new", "1") if len(where) == 1 else ("new", scene.text(), "1")
    nothing = Call(select, values, [], scene.orm(log, "first"))
    turns = [
        [replace(nothing, rows=scene.rows(log, [key])), replace(scene.write(log, key), line=1)]
        for key in scene.keys(scene.many(2, 30))
    ]
    return Block(
        "while",
        [*turns, [nothing]],
        controls=scene.random.choice(((), ("BEGIN", "COMMIT"))),
    )


def keyset_pages(scene: Scene) -> Block:
    """All rows, a page at a time, each after the last key of the one before."""
    child = scene.schema.child
    size, pages = scene.random.choice((2, 5, 10, 20)), scene.random.randint(2, 9)
    select = Select(child, (("id", ">"),), order="id", limit=True)
    keys = scene.keys(size * pages - scene.random.randint(0, size))
    turns, after = [], "0"
    for page in _batches(keys, size):
        turns.append([Call(select, (after, str(size)), scene.rows(child, page), scene.orm(child, "all"))])
        after = page[-1]
    return Block("while", turns)


def offset_pages(scene: Scene) -> Block:
    """All rows, a page at a time, by LIMIT and OFFSET."""
    child = scene.schema.child
    size, pages = scene.random.choice((2, 5, 10, 20)), scene.random.randint(2, 9)
    select = Select(child, order="id", limit=True, offset=True)
    turns = [
        [Call(select, (str(size), str(size * page)), scene.rows(child, scene.keys(size)), scene.orm(child, "all"))]
        for page in range(pages)
    ]
    return Block(scene.random.choice(("range", "while")), turns)


def windows_of_time(scene: Scene) -> Block:
    """A report by days or weeks: each query is about many rows."""
    log = scene.schema.log
    aggregate = scene.random.choice(("", "count", "sum"))
    select = Select(log, (("created_at", ">="), ("created_at", "<")), aggregate=aggregate)
    days = [scene.text() for _ in range(scene.random.randint(4, 32))]
    rows = [(scene.key(),)] if aggregate else scene.rows(log, scene.keys(5))
    turns = [[Call(select, (start, end), rows, scene.orm(log, "filter"))] for start, end in pairwise(days)]
    return Block(scene.random.choice(("range", "while")), turns)


def shards(scene: Scene) -> Block:
    """The same questions to each of several databases."""
    child = scene.schema.child
    where: Where = (("status", "="),) if scene.chance(0.5) else ()
    select = Select(child, where, aggregate=scene.random.choice(("", "count")))
    names = [f"shard{number}" for number in range(scene.random.randint(2, 8))]
    rows = scene.rows(child, scene.keys(4))
    rounds = range(scene.random.randint(1, 3))
    asked = Call(select, ("open",) * len(where), rows, scene.orm(child, "all"))
    turns = [[replace(asked, connection=name)] for _ in rounds for name in names]
    return Block(scene.random.choice(("constants", "rows")), turns, worker_count=scene.random.choice((1, len(names))))


def workers_with_chunks(scene: Scene) -> Block:
    """Chunks of keys, handed to threads."""
    return replace(chunked_lists(scene), header="callback", worker_count=scene.random.randint(2, 6))


def different_questions(scene: Scene) -> Block:
    """A few objects of one kind, each got on a line of its own."""
    parent = scene.schema.parent
    keys = scene.keys(scene.random.randint(2, 4))
    turns = [
        [replace(scene.by_key(parent, key, scene.rows(parent, [key]), scene.orm(parent)), line=line)]
        for line, key in enumerate(keys)
    ]
    return Block("none", turns, is_scattered=scene.chance(0.6))


def identical_duplicates(scene: Scene) -> Block:
    """The user, a setting or a permission, asked for again and again."""
    table, key = scene.schema.tables[3], scene.key()
    read = scene.by_key(table, key, scene.rows(table, [key]), scene.orm(table), scene.random.choice(("id", "slug")))
    return Block(scene.random.choice(("callback", "none")), [[read]] * scene.many(2, 20), is_scattered=True)


def duplicates_in_a_loop(scene: Scene) -> Block:
    """Each row asks the same question about the one who looks at it."""
    table, parent = scene.schema.tables[3], scene.schema.parent
    keys, user = scene.keys(scene.many(3, 40)), scene.key()
    select = Select(table, (("slug", "="), ("kind", "=")))
    read = Call(select, (user, "open"), scene.rows(table, scene.keys(3)), scene.orm(table, "filter"))
    turns = [
        [read, *([replace(scene.write(scene.schema.log, key), line=1)] if scene.chance(0.1) else [])] for key in keys
    ]
    return Block("rows", turns, [scene.collection(parent, keys)])


def reread_after_each_write(scene: Scene) -> Block:
    """The one object is read again after each of its parts was written."""
    parent, log = scene.schema.parent, scene.schema.log
    key = scene.key()
    read = scene.by_key(parent, key, scene.rows(parent, [key]), scene.orm(parent))
    return Block("rows", [[read, replace(scene.write(log), line=1)] for _ in range(scene.many(3, 40))])


def memo(scene: Scene) -> Block:
    """Many rows with a handful of keys, each of which is asked for once."""
    child, parent = scene.schema.child, scene.schema.parent
    pool = scene.keys(scene.random.randint(2, 4))
    references = [*pool, *(scene.random.choice(pool) for _ in range(scene.many(20, 80)))]
    turns = [[scene.by_key(parent, key, scene.rows(parent, [key]), scene.orm(parent))] for key in pool]
    return Block("rows", turns, [scene.collection(child, scene.keys(len(references)), references)])


def chain(scene: Scene) -> Block:
    """From one row to the next that it names: no earlier result has them all."""
    tree = scene.schema.tree
    keys = scene.keys(scene.random.randint(3, 12))
    scene.random.shuffle(keys)
    orm = scene.orm(tree, owner=tree) if scene.chance(0.5) else scene.orm(tree)
    turns = [
        [scene.by_key(tree, key, [scene.row(tree, key, [after])], orm)]
        for key, after in zip(keys, [*keys[1:], ""], strict=True)
    ]
    return Block("while", turns)


def search_until_free(scene: Scene) -> Block:
    """One candidate after the other until nothing is found."""
    other = scene.schema.tables[5]
    select = Select(other, (("slug", "="),), only=("id",), limit=True)
    name, count = scene.text(), scene.random.randint(3, 12)
    turns = [
        [
            Call(
                select,
                (f"{name}-{turn}", "1"),
                [(scene.key(),)] if turn < count - 1 else [],
                scene.orm(other, "exists"),
            )
        ]
        for turn in range(count)
    ]
    return Block(scene.random.choice(("while", "range")), turns)


def poll(scene: Scene) -> Block:
    """Asked again, after a pause, until it is done."""
    log, key = scene.schema.log, scene.key()
    read = scene.by_key(log, key, scene.rows(log, [key]), scene.orm(log))
    pause = scene.random.choice((50.0, 200.0, 1000.0))
    return Block("poll", [[replace(read, pause_ms=pause)] for _ in range(scene.many(2, 20))])


def tables_by_turns(scene: Scene) -> Block:
    """The same figure of several tables: statements of one form and different text."""
    turns = [
        [Call(Select(table, aggregate="count"), (), [(scene.key(),)], line=line)]
        for line, table in enumerate(scene.schema.tables)
    ]
    return Block("none", turns * scene.random.randint(1, 2))


TWINS = {
    "lazy_to_one": (eager_batches, memo, chain),
    "lazy_to_many": (chunked_lists, prefetch_in_each),
    "nested_loops": (prefetch_in_each, eager_batches),
    "several_for_each": (attempts, tables_by_turns),
    "aggregate_for_each": (aggregate_for_each_constant, windows_of_time),
    "first_of_each": (keyset_pages, offset_pages, claimed_work),
    "lookup_for_each": (get_or_create, chunked_lists, upserts),
    "exists_for_each": (search_until_free, unique_before_insert),
    "window_for_each": (windows_of_time, offset_pages),
    "read_and_write_each": (claimed_work, upserts, reread_after_each_write),
    "in_parallel": (shards, workers_with_chunks),
    "of_few_rows": (different_questions, memo, aggregate_for_each_constant),
    "of_one_parent": (identical_duplicates, duplicates_in_a_loop, poll),
    "deferred_column": (attempts, identical_duplicates),
    "tree_node_by_node": (chain, keyset_pages),
}
"""For each shape by name what looks like it."""


def _listed(scene: Scene, table: Table, column: str, keys: Sequence[str], orm: OrmEvidence | None = None) -> Call:
    return Call(Select(table, ((column, "IN"),)), (tuple(keys),), scene.rows(table, keys), orm)


def _chunks(scene: Scene, keys: Sequence[str]) -> list[Sequence[str]]:
    return list(_batches(keys, scene.random.choice([size for size in (2, 3, 5, 10, 25) if size < len(keys)])))


def _batches(keys: Sequence[str], size: int) -> list[Sequence[str]]:
    return [keys[start : start + size] for start in range(0, len(keys), size)]
