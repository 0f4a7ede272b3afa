"""Whose code a file is, and what line of it an instruction stands for."""

from __future__ import annotations

import linecache
import sysconfig
from functools import lru_cache
from itertools import islice
from opcode import opmap, opname
from os.path import abspath, dirname, isabs, realpath, relpath
from os.path import exists as path_exists
from typing import TYPE_CHECKING, Any

from ennead.kernel.call_site import CallSite

if TYPE_CHECKING:
    from types import CodeType, FrameType

LIBRARY, USER, TEMPLATE, INSPECTED = range(4)
_PROJECT_MARKERS = ("pyproject.toml", "manage.py", "setup.cfg", "setup.py", ".git")
_INTERACTIVE = ("<stdin>", "<ipython", "<python-input")
_CACHE, _FOR_ITER, _GET_ANEXT = opmap["CACHE"], opmap["FOR_ITER"], opmap["GET_ANEXT"]
_AWAITING = ("SEND", "YIELD_VALUE", "RESUME")
_LONGEST_AWAIT = 16
"""Bytes of code between asking an asynchronous iterator and waiting for its answer."""
_OWN_ROOT = dirname(dirname(realpath(__file__)))


def _library_roots() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    named = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib", "scripts") if name in paths}
    named.add(_OWN_ROOT)
    roots = named | {realpath(path) for path in named}
    return tuple(sorted(root.rstrip("/") + "/" for root in roots if root))


class FileKinds:
    """Whether a source file is the user's, a library's, a template, or a library's with inspectors on it.

    ``project_packages`` names installed packages that count as the user's own, e.g. an application under study.
    """

    def __init__(self, project_packages: tuple[str, ...] = ()) -> None:
        self._roots = _library_roots()
        self.known: dict[str, int] = {}
        """The kinds told so far; for looking up without a call."""
        self._inspected: set[str] = set()
        self._project_packages = project_packages

    def set_project_packages(self, names: tuple[str, ...]) -> None:
        """Count these installed packages as the user's own code."""
        self._project_packages = names
        self.known = {}

    def mark_inspected(self, filename: str) -> None:
        """An inspector wants to see frames of this library file."""
        self._inspected.add(filename)
        self.known.pop(filename, None)

    def of(self, filename: str, frame: FrameType | None = None) -> int:
        """Kind of a code object's file name; the frame helps with templates compiled to Python."""
        kind = self.known.get(filename)
        if kind is None:
            kind = self.known[filename] = self._classify(filename, frame)
        return kind

    def is_user_file(self, filename: str) -> bool:
        """Whether a file of any sort, a template included, is the user's own."""
        return self._is_user_path(filename)

    def _classify(self, filename: str, frame: FrameType | None) -> int:
        if filename in self._inspected:
            return INSPECTED
        if frame is not None and "__jinja_template__" in frame.f_globals:
            return TEMPLATE if filename.startswith("<") or self._is_user_path(filename) else LIBRARY
        return USER if self._is_user_path(filename) else LIBRARY

    def _is_user_path(self, filename: str) -> bool:
        if filename.startswith("<"):
            return filename.startswith(_INTERACTIVE)
        path = filename.replace("\\", "/")
        if any(_is_installed_as(path, name) for name in self._project_packages):
            return True
        if "/site-packages/" in path or "/dist-packages/" in path:
            return False
        return not path.startswith(self._roots)


def _is_installed_as(path: str, package: str) -> bool:
    """Whether a file belongs to an installed package, whatever the environment around it is called."""
    inside = f"-packages/{package.replace('.', '/')}"
    return f"{inside}/" in path or path.endswith(f"{inside}.py")


class ProjectRoot:
    """The folder that file names are told relative to: the nearest one upwards with a project's marker in it."""

    def __init__(self) -> None:
        self._path: str | None = None

    @property
    def path(self) -> str:
        """Absolute; found from the working folder on first use."""
        if self._path is None:
            self._path = _find_project_root(abspath("."))
        return self._path

    @path.setter
    def path(self, value: str | None) -> None:
        self._path = abspath(value) if value else None

    def relative(self, filename: str) -> str:
        """Relative with forward slashes where the file lies inside the project, else as it is."""
        return _relative(filename, self.path)

    def absolute(self, filename: str) -> str:
        """Undo :meth:`relative`."""
        return filename if isabs(filename) or filename.startswith("<") else f"{self.path.rstrip('/')}/{filename}"


@lru_cache(maxsize=4_096)
def _relative(filename: str, project: str) -> str:
    """Remembered: every call site asks, and each answer looks at all folders on the way for links."""
    if isabs(filename):
        root, file = realpath(project), realpath(filename)
        if file.startswith(root.rstrip("/") + "/"):
            filename = relpath(file, root)
    return filename.replace("\\", "/")


def _find_project_root(start: str) -> str:
    folder = start
    while True:
        if any(path_exists(f"{folder}/{marker}") for marker in _PROJECT_MARKERS):
            return folder
        parent = dirname(folder)
        if parent == folder:
            return start
        folder = parent


PROJECT = ProjectRoot()


def source_line(filename: str, line: int) -> str | None:
    """The line's text, stripped, or ``None``."""
    return linecache.getline(filename, line).strip() or None


def python_site(code: CodeType, lasti: int, module: str) -> CallSite:
    """The call site of one instruction of a code object."""
    line, end_line, column, end_column = _position(code, lasti)
    number = line or code.co_firstlineno
    return CallSite(
        file=PROJECT.relative(code.co_filename),
        line=number,
        function=code.co_qualname,
        source=source_line(code.co_filename, number),
        module=module,
        column=column,
        end_line=end_line,
        end_column=end_column,
        note="iterates" if _is_iterating(code, lasti) else None,
    )


def _is_iterating(code: CodeType, lasti: int) -> bool:
    """Whether the instruction asks an iterator for its next item, rather than evaluating what is iterated over."""
    instructions = code.co_code
    if not 0 <= lasti < len(instructions):
        return False
    while lasti > 0 and instructions[lasti] == _CACHE:
        lasti -= 2
    if opname[instructions[lasti]] in _AWAITING:  # of an ``async for``, if what is awaited is the next item
        earlier = instructions[max(lasti - _LONGEST_AWAIT, 0) : lasti : 2]
        return _GET_ANEXT in earlier
    return instructions[lasti] == _FOR_ITER


def _position(code: CodeType, lasti: int) -> tuple[int | None, int | None, int | None, int | None]:
    if lasti < 0:
        return None, None, None, None
    return next(islice(code.co_positions(), lasti // 2, None), (None, None, None, None))


def template_site(template: Any, code: CodeType, lasti: int) -> CallSite:
    """The call site of one instruction of a Jinja2 template's compiled code: the template's own line."""
    compiled_line = _position(code, lasti)[0] or code.co_firstlineno
    line = int(template.get_corresponding_lineno(compiled_line))
    filename = template.filename or code.co_filename
    name = template.name or filename
    return CallSite(
        file=PROJECT.relative(filename),
        line=line,
        function=str(name),
        source=source_line(filename, line),
        language="jinja2",
        module=str(name),
    )
