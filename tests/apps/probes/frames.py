"""Which lines of an application are on the stack, template lines included: written independently of the product.

The probes use it to measure what the applications' known_n_plus_ones.toml claims.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import FrameType

Line = tuple[str, int, str]
"""File relative to the application, line number, name of the function or template."""


def user_lines(frame: FrameType | None, root: Path) -> list[Line]:
    """Lines of the files under `root`, from the innermost outwards."""
    lines = (_line(each, root) for each in _chain(frame))
    return [line for line in lines if line is not None]


def _chain(frame: FrameType | None) -> Iterator[FrameType]:
    """Walk the callers, and on through the parents of a greenlet."""
    while frame is not None:
        yield frame
        frame = frame.f_back
    try:
        import greenlet
    except ImportError:
        return
    parent = greenlet.getcurrent().parent
    while parent is not None:
        frame = parent.gr_frame
        while frame is not None:
            yield frame
            frame = frame.f_back
        parent = parent.parent


def _line(frame: FrameType, root: Path) -> Line | None:
    code = frame.f_code
    if code.co_name == "render_annotated" and "django" in code.co_filename:
        node = frame.f_locals["self"]
        if node.token is None or node.origin is None:
            return None
        return _under(root, node.origin.name, node.token.lineno, node.origin.template_name)
    template = frame.f_globals.get("__jinja_template__")
    if template is not None:
        return _under(root, template.filename, template.get_corresponding_lineno(frame.f_lineno), template.name)
    return _under(root, code.co_filename, frame.f_lineno, code.co_qualname)


def _under(root: Path, file: str, line: int, name: str) -> Line | None:
    path = Path(file)
    if not path.is_absolute() or not path.is_relative_to(root):
        return None
    relative = path.relative_to(root)
    # The walk itself calls the application; it is no part of it.
    if relative.parts[0] == ".." or relative.name == "walk.py":
        return None
    return str(relative), line, name
