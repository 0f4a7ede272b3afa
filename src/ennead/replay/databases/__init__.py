"""Databases of a replay: the work runs on copies, at the original size and at a grown one.

In the parent, once for all replays of a comparison, and once for each of them::

    store = CopyStore.create(folder / "store")
    copies = DatabaseCopies.prepare(replay_folder, store=store, root=project, scratch=replay_folder / "project")
    ...  # run the command; each process of it calls redirect.start(replay_folder) before anything else
    copies.contents()         # {"db.sqlite3.shop_order": TableContent(...), ...}
    copies.statement_count()  # 104
    copies.problems           # ("rows of SQLite databases in memory are not compared",)
    copies.drop()

The first replay tells which databases the work uses. From then on there may be a second size::

    grown = GrownStore.create(folder / "grown", store, tables={"shop_order", "shop_customer"}, factor=5)
    grown.growth              # {"db.sqlite3": Growth(...)}
    copies = DatabaseCopies.prepare(other_folder, store=grown.store, root=project, scratch=other_folder / "project")
    ...
    grown.store.drop()
    store.drop()

What a killed run left on a server is dropped with the copies of a later one, a day after.
"""
