"""GraphQL fields as call sites: graphql-core, and with it strawberry and graphene.

Most fields have no resolver of the user's: the library reads an attribute, for each object of each list. So the field
stands for the access: its declaration in the user's type, or the function that resolves it. The lists above it, told
by the path of the response, are the loops.
"""

from __future__ import annotations

from functools import partial
from itertools import chain, islice, takewhile
from typing import TYPE_CHECKING, Any

from ennead.agent.call_path import FILE_KINDS, register_inspector, unregister_inspector
from ennead.agent.places import PROJECT, source_line
from ennead.kernel.call_site import CallSite
from ennead.sources.django.declarations import declaration_of
from ennead.sources.registry import UnsupportedVersionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import CodeType, FrameType

    from ennead.agent.call_path import Walk

    Place = Callable[[], CallSite]

LOOP = "for"
"""The note of a call site that is a loop."""
_ITEM = "*"
_MAX_PATHS = 4_096
_NOTE = "graphql-field"
_known_paths: dict[tuple[str, ...], tuple[str, ...]] = {}
_registered: list[tuple[str, str]] = []


def install() -> str:
    """Register the inspectors; see :class:`ennead.sources.registry.SourceModule`."""
    import graphql

    if not _registered:
        _registered.extend(_field_frames())
        for filename, function in _registered:
            register_inspector(filename, function, _inspect_field)
    return graphql.version


def uninstall() -> None:
    """Undo :func:`install`."""
    while _registered:
        unregister_inspector(*_registered.pop(), _inspect_field)


def _field_frames() -> Iterator[tuple[str, str]]:
    """The functions that run a resolver and await it; the latter has a method of its own since graphql-core 3.3."""
    from graphql import execution

    executor = getattr(execution, "Executor", None) or getattr(execution, "ExecutionContext", None)
    execute_field = getattr(executor, "execute_field", None)
    if execute_field is None:
        message = "graphql-core of another kind than 3.2 and 3.3: it has no execute_field"
        raise UnsupportedVersionError(message)
    filename = execute_field.__code__.co_filename
    yield filename, "execute_field"
    yield filename, "complete_awaitable_value" if hasattr(executor, "complete_awaitable_value") else "await_result"


def _inspect_field(frame: FrameType, walk: Walk) -> None:
    """Add the field, unless a resolver of the user's has been seen further in, and the lists around it."""
    if _NOTE in walk.notes or walk.is_handover:
        return
    walk.notes[_NOTE] = True
    names = _path_of(frame)
    places = FieldPlaces(frame.f_locals["info"])
    path = frame.f_locals["path"]
    found = [] if walk.steps else places.access(path, "GraphQL field " + ".".join(_without_items(names)))
    token_of: Callable[[FrameType], object] | None = _path_of
    for place in [*found, *places.loops(path)]:
        walk.add_site(place, token_of, names)
        token_of = None


def _path_of(frame: FrameType) -> tuple[str, ...]:
    """The field's place in the response, without the numbers of the items; the same object each time."""
    parts = list(_parts(frame.f_locals["path"]))
    found = (parts[-1].typename, *[_ITEM if isinstance(part.key, int) else part.key for part in reversed(parts)])
    if len(_known_paths) >= _MAX_PATHS:
        _known_paths.clear()
    return _known_paths.setdefault(found, found)


def _without_items(names: tuple[str, ...]) -> Iterator[str]:
    return (name for name in names if name != _ITEM)


class FieldPlaces:
    """Where the user wrote the fields of one operation.

    Parameters
    ----------
    info
        ``GraphQLResolveInfo`` of any field.
    """

    def __init__(self, info: Any) -> None:
        self._info = info

    def access(self, path: Any, note: str) -> list[Place]:
        """The field's place, or where nothing of it is the user's that of the nearest field around it."""
        fields = (self._place_of(part, note) for part in _parts(path) if not isinstance(part.key, int))
        return list(islice((place for place in fields if place is not None), 1))

    def loops(self, path: Any) -> list[Place]:
        """The lists around a field, innermost first."""
        lists = [part.prev for part in _parts(path) if isinstance(part.key, int)]
        loops = (self._loop(part) for part in lists if not isinstance(part.key, int))
        return [place for place in loops if place is not None]

    def _loop(self, path: Any) -> Place | None:
        """The list's place; the edges of a connection are a library's, and the connection stands for them."""
        around = takewhile(lambda part: not isinstance(part.key, int), _parts(path))
        return next((place for place in (self._place_of(part, LOOP) for part in around) if place is not None), None)

    def _place_of(self, path: Any, note: str) -> Place | None:
        """Where the user wrote the field at ``path``: its resolver, else its declaration in a class."""
        parent = self._info.schema.get_type(path.typename)
        name, field = self._field(getattr(parent, "fields", {}), path.key)
        if field is None:
            return None
        code = _resolver_code(field)
        if code is not None and FILE_KINDS.is_user_file(code.co_filename):
            return partial(_function_site, code, note)
        owner, attribute = _class_of(parent, field, name)
        return None if owner is None else declaration_of(owner, attribute, (), note)

    def _field(self, fields: Mapping[str, Any], key: str) -> tuple[str, Any]:
        """The field that the response calls ``key``: the operation may have given it another name."""
        definitions = [self._info.operation, *self._info.fragments.values()]
        for node in chain.from_iterable(map(_field_nodes, definitions)):
            shown = node.alias or node.name
            if shown.value == key and node.name.value in fields:
                return node.name.value, fields[node.name.value]
        return key, fields.get(key)


def _parts(path: Any) -> Iterator[Any]:
    while path is not None:
        yield path
        path = path.prev


def _field_nodes(node: Any) -> Iterator[Any]:
    selection_set = getattr(node, "selection_set", None)
    for selection in selection_set.selections if selection_set else ():
        if selection.kind == "field":
            yield selection
        yield from _field_nodes(selection)


def _resolver_code(field: Any) -> CodeType | None:
    """The code of the user's function: strawberry wraps it, graphene binds it."""
    strawberry = (field.extensions or {}).get("strawberry-definition")
    resolver = getattr(strawberry, "base_resolver", None)
    function = getattr(resolver, "wrapped_func", None) or field.resolve
    while isinstance(function, partial):
        function = function.func
    function = getattr(function, "__func__", function)
    return getattr(getattr(function, "__wrapped__", function), "__code__", None)


def _class_of(parent: Any, field: Any, name: str) -> tuple[Any, str]:
    """The user's class for a GraphQL type, and the attribute that is the field."""
    extensions = parent.extensions or {}
    strawberry = getattr(extensions.get("strawberry-definition"), "origin", None)
    if strawberry is not None:
        definition = (field.extensions or {}).get("strawberry-definition")
        return strawberry, str(getattr(definition, "python_name", None) or name)
    return getattr(parent, "graphene_type", None), _snake_case(name)


def _snake_case(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _function_site(code: CodeType, note: str) -> CallSite:
    """The line of a function's ``def``, below its decorators."""
    line = code.co_firstlineno
    while (text := source_line(code.co_filename, line)) and text.startswith("@"):
        line += 1
    return CallSite(
        file=PROJECT.relative(code.co_filename),
        line=line,
        function=code.co_qualname,
        source=source_line(code.co_filename, line),
        note=note,
    )
