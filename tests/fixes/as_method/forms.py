"""Two versions of a small project, and what the newer one looks like with methods."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ennead.fixes.as_method.method_form import MethodForm, method_form
from ennead.fixes.project_sources import ProjectSources

MODELS = "shop/models.py"
VIEWS = "shop/views.py"


def form_of(before: Mapping[str, str], after: Mapping[str, str]) -> MethodForm:
    """``after`` has the files that the plain fix changes."""
    return method_form(ProjectSources(Path("/nowhere"), before), after)
