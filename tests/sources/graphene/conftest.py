"""Graphene holds graphql-core below 3.3, Strawberry from there on."""

from tests.sources.elsewhere import ignored_without

collect_ignore_glob = ignored_without("graphene")
