"""Random statements of PostgreSQL: a structure, and any number of texts that share it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hypothesis import strategies as st

Part = Literal["word", "sign", "name", "literal", "text", "list", "array", "rows"]


@dataclass(frozen=True)
class Atom:
    """The smallest part of a structure."""

    part: Part
    text: str = ""
    width: int = 1


Structure = tuple[Atom, ...]

LITERAL = Atom("literal")
TEXT = Atom("text")
_COLUMNS = ("id", "title", "author_id", "price", "Name", "order")
_TABLES = ("book", "author", "Shelf")


def words(text: str) -> Structure:
    return tuple(Atom("word", word) for word in text.split())


def signs(text: str) -> Structure:
    return tuple(Atom("sign", sign) for sign in text.split())


def joined(separator: Structure, items: list[Structure]) -> Structure:
    atoms = items[0]
    for item in items[1:]:
        atoms += separator + item
    return atoms


def names(choices: tuple[str, ...]) -> st.SearchStrategy[Structure]:
    return st.sampled_from(choices).map(lambda name: (Atom("name", name),))


columns = names(_COLUMNS)
tables = names(_TABLES)
operators = st.sampled_from(["=", "<>", "<", ">=", "->", "@>", "||", "%", "~*"]).map(signs)


def _row_test() -> st.SearchStrategy[Structure]:
    return st.tuples(columns, columns).map(
        lambda pair: signs("(") + pair[0] + signs(",") + pair[1] + signs(")") + words("IN") + (Atom("rows", "(", 2),),
    )


simple_conditions = st.one_of(
    st.tuples(columns, operators).map(lambda pair: pair[0] + pair[1] + (LITERAL,)),
    st.tuples(columns, operators, columns).map(lambda found: found[0] + found[1] + found[2]),
    columns.map(lambda name: (*name, *words("IN"), Atom("list"))),
    columns.map(lambda name: (*name, *words("NOT IN"), Atom("list"))),
    columns.map(lambda name: (*name, *signs("="), *words("ANY"), *signs("("), Atom("array"), *signs(")"))),
    columns.map(lambda name: (*name, *signs("?"), TEXT)),
    columns.map(lambda name: (*name, *signs("?|"), Atom("array"))),
    columns.map(lambda name: name + words("IS NULL")),
    columns.map(lambda name: name + words("IS NOT TRUE")),
    columns.map(lambda name: (*name, *words("BETWEEN"), LITERAL, *words("AND"), LITERAL)),
    columns.map(lambda name: (*name, *words("LIKE"), LITERAL)),
    columns.map(lambda name: (*name, *signs("-"), LITERAL, *signs(">"), LITERAL)),
    _row_test(),
)
joiners = st.sampled_from([words("AND"), words("OR")])


@st.composite
def wheres(draw: st.DrawFn) -> Structure:
    conditions = draw(st.lists(simple_conditions, max_size=3))
    return words("WHERE") + joined(draw(joiners), conditions) if conditions else ()


@st.composite
def selects(draw: st.DrawFn, depth: int = 1) -> Structure:
    atoms = words("SELECT") + draw(st.sampled_from([(), words("DISTINCT")]))
    atoms += joined(signs(","), draw(st.lists(columns, min_size=1, max_size=3)))
    atoms += words("FROM") + draw(tables)
    if draw(st.booleans()):
        kind = draw(st.sampled_from(["JOIN", "LEFT JOIN"]))
        atoms += (*words(kind), *draw(tables), *words("x ON"), *draw(columns), *signs("="), *draw(columns))
    where = draw(wheres())
    if depth and not where and draw(st.booleans()):
        where = words("WHERE EXISTS") + signs("(") + draw(selects(depth=depth - 1)) + signs(")")
    atoms += where
    if draw(st.booleans()):
        atoms += words("ORDER BY") + draw(columns) + draw(st.sampled_from([(), words("DESC")]))
    if draw(st.booleans()):
        atoms += (*words("LIMIT"), LITERAL)
    return atoms


@st.composite
def inserts(draw: st.DrawFn) -> Structure:
    targets = draw(st.lists(columns, min_size=1, max_size=3, unique=True))
    atoms = words("INSERT INTO") + draw(tables) + signs("(") + joined(signs(","), targets) + signs(")")
    atoms += (*words("VALUES"), Atom("rows", width=len(targets)))
    return atoms + draw(st.sampled_from([(), words("RETURNING id"), words("ON CONFLICT DO NOTHING")]))


@st.composite
def updates(draw: st.DrawFn) -> Structure:
    targets = draw(st.lists(columns, min_size=1, max_size=3, unique=True))
    changes = joined(signs(","), [(*target, *signs("="), LITERAL) for target in targets])
    return words("UPDATE") + draw(tables) + words("SET") + changes + draw(wheres())


@st.composite
def deletes(draw: st.DrawFn) -> Structure:
    return words("DELETE FROM") + draw(tables) + draw(wheres())


structures: st.SearchStrategy[Structure] = st.one_of(selects(), inserts(), updates(), deletes())

# ---------------------------------------------------------------- texts of a structure

# The marks inside are no part of any statement here, so that their survival can be seen.
SECRET = "zqx"
plain_texts = st.text("ab '\"`?%:$#-/*\\[](),;", max_size=8).map(
    lambda text: f"'{SECRET}" + text.replace("'", "''") + "'",
)
literals = st.one_of(
    plain_texts,
    st.integers(-10_000, 10_000).map(str),
    st.floats(0, 1e9, allow_nan=False).map(repr),
    st.sampled_from([".5", "1e-3", "0x1F", "1_000", "TRUE", "false", "$1", "X'00ff'", f"E'{SECRET}\\'s'"]),
    st.sampled_from([f"$${SECRET}'$$", f"$a$ {SECRET} $$ $a$", f"U&'{SECRET}'", f"date '{SECRET}'"]),
)
gaps = st.sampled_from(
    [" ", " ", " ", "\n", "\t ", f" /* {SECRET} 'a */ ", f" /* a /* {SECRET} */ b */ ", f" -- {SECRET}'\n"]
)
_RESERVED = frozenset({"order"})


@st.composite
def texts(draw: st.DrawFn, structure: Structure) -> str:
    """One of the many ways to write a structure."""
    written = [draw(gaps) + draw(_written(atom)) + draw(gaps) for atom in structure]
    return "".join(written) + draw(st.sampled_from(["", ";", f" /*route='{SECRET}'*/", f" -- {SECRET}"]))


@st.composite
def _written(draw: st.DrawFn, atom: Atom) -> str:
    match atom.part:
        case "word":
            return draw(st.sampled_from([atom.text.upper(), atom.text.lower(), atom.text.capitalize()]))
        case "name":
            return draw(st.sampled_from(_spellings(atom.text)))
        case "literal":
            return draw(literals)
        case "text":
            return draw(plain_texts)
        case "list":
            return "(" + ", ".join(draw(st.lists(literals, min_size=1, max_size=5))) + ")"
        case "array":
            return "ARRAY[" + ",".join(draw(st.lists(literals, min_size=1, max_size=4))) + "]"
        case "rows":
            return draw(_rows(atom))
        case _:
            return atom.text


def _spellings(name: str) -> list[str]:
    """A name in capitals, or one that is reserved, has one spelling only; any other may be quoted or shouted."""
    if name in _RESERVED or not name.islower():
        return [f'"{name}"']
    return [name, name.upper(), f'"{name}"']


@st.composite
def _rows(draw: st.DrawFn, atom: Atom) -> str:
    row = st.lists(literals | st.just("NULL"), min_size=atom.width, max_size=atom.width)
    rows = [f"({', '.join(values)})" for values in draw(st.lists(row, min_size=1, max_size=4))]
    return f"({', '.join(rows)})" if atom.text else ", ".join(rows)


# ---------------------------------------------------------------- near misses
_NAMES = (*_COLUMNS, *_TABLES)
_SIGNS = ("=", "<>", "<", ">=", "->", "@>", "||", "%", "~*", "-", ">")


@st.composite
def mutated(draw: st.DrawFn, structure: Structure) -> Structure:
    """The structure with one name or operator changed, and perhaps to itself; brackets and words stay."""
    places = [
        index
        for index, atom in enumerate(structure)
        if atom.part == "name" or (atom.part == "sign" and atom.text in _SIGNS)
    ]
    place = draw(st.sampled_from(places))
    atom = structure[place]
    text = draw(st.sampled_from(_NAMES if atom.part == "name" else _SIGNS))
    return (*structure[:place], Atom(atom.part, text), *structure[place + 1 :])
