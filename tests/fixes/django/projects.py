"""Small projects in memory, and findings in them; places are named by pieces of their code."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ennead.fixes.django.proposals import propose
from ennead.fixes.project_sources import ProjectSources
from ennead.kernel.call_site import CallSite
from ennead.kernel.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ennead.fixes.candidate import Candidate

VIEWS = "shop/views.py"
MODELS = """
from django.db import models


class Customer(models.Model):
    number = models.CharField(max_length=9)


class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="orders")

    def newest(self):
        return self.lines.order_by("-day").first()


class Line(models.Model):
    order = models.ForeignKey("Order", models.CASCADE, related_name="lines")
    sent = models.BooleanField()
"""


@dataclass
class Project:
    """Files of a shop, and findings in them."""

    views: str
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def sources(self) -> ProjectSources:
        return ProjectSources(Path("/nowhere"), {"shop/models.py": MODELS, VIEWS: self.views, **self.files})

    def site(self, piece: str, function: str = "page", file: str = VIEWS) -> CallSite:
        """The place of the first piece of code of that text."""
        text = self.sources.text(file) or ""
        start = text.index(piece)
        before = text[:start]
        line = before.count("\n") + 1
        column = start - (before.rindex("\n") + 1 if "\n" in before else 0)
        row = text.splitlines()[line - 1].strip()
        return CallSite(
            file, line, function, row, column=column, end_line=line + piece.count("\n"), end_column=column + len(piece)
        )

    def finding(
        self, *, access: CallSite, path: tuple[CallSite, ...] = (), origin: CallSite | None = None, **more: Any
    ) -> Finding:
        evidence = {"library": "django", **more.pop("evidence", {})}
        if origin is not None:
            evidence["root_place"] = origin.to_dict()
        values: dict[str, Any] = {
            "id": "f1:0",
            "domain": "nplusone",
            "code": "n-plus-one",
            "kind": "relation",
            "severity": "high",
            "confidence": 90.0,
            "query_count": 9,
            "queries_needed": 1,
            "duration_ms": 9.0,
            "wasted_ms": 8.0,
            "statement": "SELECT ?",
            "statement_fingerprint": "0",
            "explanation": "",
            "call_site": access,
            "call_path": (access, *path),
            "origin": origin,
            **more,
        }
        return Finding(**values, evidence=evidence)

    def relation(self, relation: str, target: str, origin: CallSite, access: CallSite, **more: Any) -> Finding:
        """A finding of a relation that leads to one row; ``cardinality`` and other evidence in ``evidence``."""
        evidence = dict(more.pop("evidence", {}))
        cardinality = evidence.setdefault("cardinality", "one")
        owner = relation.rpartition(".")[0]
        step = {"relation": relation, "cardinality": cardinality, "target": target}
        known = {
            "relation_paths": [[step]],
            "root_model": owner,
            "root_prefix": "",
            "owner": owner,
            "target": target,
            "query_name": relation.rpartition(".")[2],
        }
        return self.finding(relation=relation, origin=origin, access=access, evidence={**known, **evidence}, **more)

    def candidates(self, finding: Finding) -> list[Candidate]:
        return list(propose(finding, self.sources))

    def applied(self, candidate: Candidate) -> Project:
        """The project with a candidate's files."""
        files = dict(candidate.files)
        return Project(files.pop(VIEWS, self.views), {**self.files, **files})

    def added(self, candidate: Candidate) -> list[str]:
        """The lines that a candidate adds, without their indent."""
        found: list[str] = []
        for file, text in candidate.files.items():
            old = (self.sources.text(file) or "").splitlines()
            found += [line[2:].strip() for line in difflib.ndiff(old, text.splitlines()) if line[:2] == "+ "]
        return [line for line in found if line]
