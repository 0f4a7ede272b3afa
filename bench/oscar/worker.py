"""Boots the shop with a number of rows, opens every page, prints one JSON line a page. Runs in oscar's environment."""

import argparse
import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import ennead

Answer = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--mode", choices=("count", "ennead"), required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BENCH_OSCAR_DATABASE"] = str(Path(folder) / "shop.sqlite3")
        os.environ["DJANGO_SETTINGS_MODULE"] = "bench.oscar.settings"
        _boot(arguments.rows)
        look = count_queries if arguments.mode == "count" else find
        for name, answer in open_pages(look):
            print(json.dumps({"page": name, **answer}), flush=True)


def _boot(rows: int) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    from bench.oscar.data import fill

    call_command("migrate", verbosity=0)
    fill(rows)


def open_pages(look: Callable[[Callable[[], object]], Answer]) -> Iterator[tuple[str, Answer]]:
    """Open each page once to warm it up, and once more under ``look``."""
    from django.test import Client
    from django.urls import reverse
    from oscar.core.compat import get_user_model

    from bench.oscar.pages import PAGES

    client = Client()
    client.force_login(get_user_model().objects.get(email="owner@example.org"))
    for name, route, model, wanted in PAGES:
        target = _target(model, wanted)
        url = target if isinstance(target, str) else reverse(route, kwargs=_arguments(route, target))
        try:
            status = client.get(url).status_code
            answer = look(partial(client.get, url))
        except Exception as error:  # noqa: BLE001 - told in the table, the next page goes on
            status, answer = f"{type(error).__name__}: {error}"[:200], {}
        yield name, {"status": status, **answer}


def _target(model: tuple[str, str] | None, wanted: dict[str, str]) -> Any:
    from oscar.core.compat import get_user_model
    from oscar.core.loading import get_model

    if model is None:
        return None
    kind = get_user_model() if model[0] == "auth" else get_model(*model)
    found = kind.objects.filter(**wanted).order_by("pk").first()
    return (
        found.get_absolute_url()
        if model[0] == "catalogue" and model[1] == "Category" and "Child" in found.name
        else found
    )


def _arguments(route: str, target: Any) -> dict[str, object]:
    if target is None:
        return {}
    names: dict[str, dict[str, str]] = {
        "catalogue:detail": {"product_slug": "slug", "pk": "pk"},
        "catalogue:reviews-list": {"product_slug": "slug", "product_pk": "pk"},
        "catalogue:range": {"slug": "slug"},
        "offer:detail": {"slug": "slug"},
        "customer:order": {"order_number": "number"},
        "customer:wishlists-detail": {"key": "key"},
        "dashboard:order-detail": {"number": "number"},
    }
    return {name: getattr(target, attribute) for name, attribute in names.get(route, {"pk": "pk"}).items()}


def count_queries(run: Callable[[], object]) -> Answer:
    """Counts by normalised statement, through Django's own log: no part of Ennead's recording is involved."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from ennead.agent.fingerprint import normalize

    with CaptureQueriesContext(connection) as captured:
        run()
    statements = {}
    counts: Counter[str] = Counter()
    for query in captured.captured_queries:
        normal = normalize(query["sql"])
        if normal.operation == "select":
            counts[normal.fingerprint] += 1
            statements[normal.fingerprint] = normal.statement
    return {"counts": counts, "statements": statements}


def find(run: Callable[[], object]) -> Answer:
    """What Ennead says."""
    ennead.install(project_packages=("oscar",))
    with ennead.profile("page") as session:
        run()
    return {
        "queries": session.context.query_count,
        "findings": [
            {
                "code": finding.code,
                "kind": finding.kind,
                "fingerprint": finding.statement_fingerprint,
                "count": finding.query_count,
                "relation": finding.relation,
                "access": str(finding.call_site),
                "loop": str(finding.loop),
                "origin": str(finding.origin),
                "confidence": finding.confidence,
            }
            for finding in session.findings
        ],
        "vetoed": [
            {"fingerprint": evidence.group.first.statement_fingerprint, "veto": decision.veto}
            for evidence, decision in session.vetoed
        ],
    }


if __name__ == "__main__":
    main()
