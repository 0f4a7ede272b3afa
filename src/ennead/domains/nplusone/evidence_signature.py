"""What kind of evidence a finding rests on, in a word that no application can be recognised by.

Findings of one signature are alike in what speaks for them, so verdicts on some say something of the others. No table,
model, route or file is in it.
"""

from __future__ import annotations

from math import isnan, nan
from typing import TYPE_CHECKING

from ennead.domains.nplusone.features import QueryFeatureExtractor
from ennead.domains.nplusone.groups import group_queries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.observation import QueryExecutionContext
    from ennead.kernel.finding import Finding

_NEARLY_ALL = 0.8
_TOGETHER = 0.6
_MANY = 1.8
"""log(1 + 5): more than a handful."""
_FLAGS = {
    "is_write": ("write", 0.5),
    "varies_by_key": ("key", 0.5),
    "varies_by_page": ("page", 0.5),
    "has_limit": ("limit", 0.5),
    "largest_list": ("list", 1.5),
    "lazy_load_ratio": ("lazy", 0.01),
    "supplied_ratio": ("supplied", _NEARLY_ALL),
    "adjacency": ("together", _TOGETHER),
    "log_count": ("many", _MANY),
}
"""Feature to the word for it, and from what value on it is said."""
_MAY_BE_MISSING = ("lazy_load_ratio", "supplied_ratio")
WORDS = frozenset(word for word, _ in _FLAGS.values()) | {f"{_FLAGS[name][0]}?" for name in _MAY_BE_MISSING}
"""All words that a signature's third part is made of."""


def evidence_signature(code: str, kind: str, features: Mapping[str, float]) -> str:
    """Code, kind and what the features say, roughly; a feature that is missing is told with a question mark.

    Parameters
    ----------
    code, kind
        Of the finding.
    features
        Of its group, by name; none where its queries were not kept.

    Examples
    --------
    >>> evidence_signature("n-plus-one", "relation", {"varies_by_key": 1.0, "lazy_load_ratio": 1.0})
    'n-plus-one/relation/key+lazy+supplied?'
    """
    words = []
    for name, (word, least) in _FLAGS.items():
        value = features.get(name, nan)
        if isnan(value) and name in _MAY_BE_MISSING:
            words.append(f"{word}?")
        elif value >= least:
            words.append(word)
    return "/".join((code, kind, "+".join(words)))


def features_of(finding: Finding, context: QueryExecutionContext) -> Mapping[str, float]:
    """The features of the group that a finding tells of, out of the queries it was found in; empty if it is not there.

    Parameters
    ----------
    finding
        One of the context's.
    context
        The recorded unit of work; it may have been cut off.
    """
    alike = [
        each for each in group_queries(context) if each.first.statement_fingerprint == finding.statement_fingerprint
    ]
    if not alike:
        return {}
    group = max(alike, key=lambda each: (_is_at(each, finding), each.count))
    return QueryFeatureExtractor().extract_group(group)


def _is_at(group: QueryGroup, finding: Finding) -> bool:
    return bool(group.call_path) and group.call_path[0] == finding.call_site
