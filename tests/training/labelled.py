"""Examples made by hand: what a test does not name is the same everywhere."""

from typing import Any

from ennead.training.examples import BASELINES, FEATURES, Example


def example(label: bool, *, application: str = "shop", site: str = "a", **fields: Any) -> Example:  # noqa: FBT001
    """One example; what is no field of an example is a feature, and the other features are 0."""
    known = {
        "application": application,
        "release": application,
        "unit": "list",
        "rows": 6,
        "level": "sql",
        "site": site,
        "source": "read",
        "label": label,
        "baselines": dict.fromkeys(BASELINES, 0.0),
        "veto": "",
    }
    features = {**dict.fromkeys(FEATURES, 0.0), **{name: fields.pop(name) for name in FEATURES if name in fields}}
    return Example(**{**known, **fields}, features=features)
