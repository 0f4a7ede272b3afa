"""An import contract that says what a room may import, where import-linter's own say what it may not.

import-linter loads it through ``contract_types`` in ``pyproject.toml``.
"""

import sys
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class AllowlistContract(Contract):
    """Rooms import the standard library, themselves and what is listed, and nothing else.

    Every direct import is held against the list, imports inside functions and under ``TYPE_CHECKING`` included. As
    the listed rooms have contracts of their own, indirect imports need no look. A room that does not exist yet is
    no error: its wall stands before it does.

    Attributes
    ----------
    rooms : set of str
        Packages, each with everything below it.
    may_import : set of str
        Packages of ours, each with everything below it.
    third_party : set of str
        Top-level names of other people's packages; ``*`` for any.
    """

    type_name = "allowlist"

    # Declared as fields, read as the sets that the base class puts in their place.
    rooms: Any = fields.SetField(subfield=fields.StringField())
    may_import: Any = fields.SetField(subfield=fields.StringField(), required=False, default=frozenset())
    third_party: Any = fields.SetField(subfield=fields.StringField(), required=False, default=frozenset())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001 - the base class's signature
        """Hold every direct import of the rooms against the list."""
        violations = sorted(
            (importer, imported)
            for room in self.rooms
            for importer in _modules_within(graph, room)
            for imported in graph.find_modules_directly_imported_by(importer)
            if not self._is_allowed(imported, room)
        )
        return ContractCheck(
            kept=not violations,
            metadata={"violations": [_describe(graph, importer, imported) for importer, imported in violations]},
        )

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line for each import that is not on the list."""
        for line in check.metadata["violations"]:
            output.print_error(line)
        output.new_line()

    def _is_allowed(self, imported: str, room: str) -> bool:
        if any(_is_within(imported, package) for package in (room, *self.may_import)):
            return True
        top = imported.partition(".")[0]
        if top == room.partition(".")[0]:
            return False
        return top in sys.stdlib_module_names or "*" in self.third_party or top in self.third_party


def _is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _modules_within(graph: ImportGraph, package: str) -> list[str]:
    return [module for module in graph.modules if _is_within(module, package)]


def _describe(graph: ImportGraph, importer: str, imported: str) -> str:
    details = graph.get_import_details(importer=importer, imported=imported)
    places = ", ".join(f"line {detail['line_number']}" for detail in details)
    return f"{importer} imports {imported} ({places})"
