"""The pages that analyses are measured on are as heavy as the tables say."""

from __future__ import annotations

import pytest

from bench.analysis.measure import record_contexts
from bench.analysis.pages import PAGES
from bench.analysis.shop import open_shop
from ennead.domains.nplusone.groups import group_queries

REPEATED_READS = {"typical": range(3, 6), "simple": range(1, 3), "hard": range(9, 25)}


@pytest.mark.parametrize("pages", PAGES)
@pytest.mark.parametrize("size", [100, 200])
def test_pages_have_the_repeated_reads_of_their_kind(pages: str, size: int) -> None:
    for context in record_contexts(open_shop(size), pages, size):
        repeated = [group for group in group_queries(context) if group.count > 1 and group.first.is_read]
        assert len(repeated) in REPEATED_READS[pages], context.name
        assert 0.95 * size <= context.query_count <= size, context.name
