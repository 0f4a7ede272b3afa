"""Hypothesis strategies for the kernel's records, every field filled with whatever its type allows."""

from hypothesis import strategies as st

from ennead.kernel.anomaly import Anomaly
from ennead.kernel.call_site import CallSite
from ennead.kernel.finding import SEVERITIES, Finding, Recommendation, Verification

TEXTS = st.text(max_size=30)
NAMES = st.text(min_size=1, max_size=30)
COUNTS = st.integers(min_value=0, max_value=10**9)
NUMBERS = st.floats(min_value=0, max_value=1e12)
CONFIDENCES = st.floats(min_value=0, max_value=100)

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
EVIDENCE = st.dictionaries(NAMES, JSON_VALUES, max_size=4)

CALL_SITES = st.builds(
    CallSite,
    file=NAMES,
    line=st.integers(1, 10**6),
    function=TEXTS,
    source=st.none() | NAMES,
    language=st.sampled_from(["python", "django-template", "jinja2"]),
    module=TEXTS,
    column=st.none() | COUNTS,
    end_line=st.none() | st.integers(1, 10**6),
    end_column=st.none() | COUNTS,
    note=st.none() | NAMES,
)

QUERIES_BY_SIZE = st.dictionaries(COUNTS, COUNTS, max_size=3)

VERIFICATIONS = st.builds(
    Verification,
    verdict=st.sampled_from(["verified", "reduced-not-flat", "no-effect", "worse", "could-not-run"]),
    diff=TEXTS,
    queries_before=QUERIES_BY_SIZE,
    queries_after=QUERIES_BY_SIZE,
    duration_before_ms=NUMBERS,
    duration_after_ms=NUMBERS,
    compared=st.tuples(TEXTS),
    not_compared=st.just(()) | st.tuples(TEXTS, TEXTS),
)

RECOMMENDATIONS = st.builds(
    Recommendation,
    title=TEXTS,
    text=TEXTS,
    code=st.none() | TEXTS,
    status=st.sampled_from(["advice", "verified", "refuted"]),
    verification=st.none() | VERIFICATIONS,
    place=st.none() | CALL_SITES,
)

FINDINGS = st.builds(
    Finding,
    id=NAMES,
    domain=NAMES,
    code=NAMES,
    kind=NAMES,
    severity=st.sampled_from(SEVERITIES),
    confidence=CONFIDENCES,
    query_count=COUNTS,
    queries_needed=COUNTS,
    duration_ms=NUMBERS,
    wasted_ms=NUMBERS,
    statement=TEXTS,
    statement_fingerprint=NAMES,
    explanation=TEXTS,
    relation=st.none() | TEXTS,
    models=st.just(()) | st.tuples(NAMES, NAMES),
    route=st.none() | TEXTS,
    call_site=st.none() | CALL_SITES,
    call_path=st.lists(CALL_SITES, max_size=3).map(tuple),
    loop=st.none() | CALL_SITES,
    origin=st.none() | CALL_SITES,
    origin_row_count=st.none() | COUNTS,
    recommendations=st.lists(RECOMMENDATIONS, max_size=2).map(tuple),
    evidence=EVIDENCE,
    decided_by=st.sampled_from(["rules", "ml", "both"]),
    suppressed=st.none() | TEXTS,
)

ANOMALIES = st.builds(Anomaly, code=NAMES, score=NUMBERS, confidence=CONFIDENCES, detector=NAMES, evidence=EVIDENCE)
