"""Starlette's test client; it warns that it prefers another version of httpx than the other libraries do."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

__all__ = ["TestClient"]
