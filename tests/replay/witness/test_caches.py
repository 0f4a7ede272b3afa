"""Django's caches in a replay."""

from __future__ import annotations

from tests.replay.project import ReplayedProject


def test_caches_outside_of_the_process_become_its_own(project: ReplayedProject) -> None:
    kept = project.folder / "cache"
    project.write_django(
        settings=f"""
        CACHES = {{
            "default": {{"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": {str(kept)!r},
                        "KEY_PREFIX": "shop", "TIMEOUT": 60}},
            "redis": {{"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1"}},
            "other": {{"BACKEND": "not.installed.Cache"}},
            "local": {{"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "own"}},
            "dummy": {{"BACKEND": "django.core.cache.backends.dummy.DummyCache"}},
        }}
        """
    )
    program = """
        import os
        os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
        import django
        django.setup()
        from django.core.cache import cache, caches
        print([caches[name].get("a") for name in ("default", "redis", "other", "local", "dummy")])
        for name in ("default", "redis", "other", "local", "dummy"):
            caches[name].set("a", name)
        print([caches[name].get("a") for name in ("default", "redis", "other", "local", "dummy")])
        print(cache.key_prefix, cache.default_timeout, type(caches["dummy"]).__name__)
        """
    for _ in range(2):
        trace = project.run(program)
        assert trace.stdout.splitlines() == [
            "[None, None, None, None, None]",
            "['default', 'redis', 'other', 'local', None]",
            "shop 60 DummyCache",
        ]
        assert (trace.egress, trace.problems) == ((), ())
    assert not kept.exists()


def test_a_cache_in_the_database_is_copied_with_it(project: ReplayedProject) -> None:
    project.write_django(
        settings="""
        CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cached"}}
        """
    )
    trace = project.run("""
        import os
        os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
        import django
        django.setup()
        from django.core.cache import cache
        from django.core.management import call_command
        call_command("createcachetable", verbosity=0)
        cache.set("a", 1)
        print(cache.get("a"), type(cache._connections["default"]).__name__ if hasattr(cache, "_connections") else "")
        """)
    assert trace.stdout.startswith("1 ")
    assert len(trace.tables["db.sqlite3.cached"].rows) == 1
    assert not (project.root / "db.sqlite3").exists()
