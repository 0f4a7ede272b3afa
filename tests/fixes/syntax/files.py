"""Files in memory, and their nodes by what is written."""

from __future__ import annotations

from pathlib import Path

import libcst as cst

from ennead.fixes.project_sources import ProjectSources
from ennead.fixes.syntax.source_file import SourceFile


def project(**files: str) -> ProjectSources:
    """A project of modules by their names."""
    return ProjectSources(Path("/nowhere"), {f"{name.replace('__', '/')}.py": text for name, text in files.items()})


def parsed(text: str) -> SourceFile:
    """One file."""
    source = SourceFile.of(project(app=text), "app.py")
    assert source is not None
    return source


def node_of(source: SourceFile, written: str) -> cst.BaseExpression:
    """The first expression that is written like that."""
    return next(
        node for node in source.nodes() if isinstance(node, cst.BaseExpression) and source.text_of(node) == written
    )
