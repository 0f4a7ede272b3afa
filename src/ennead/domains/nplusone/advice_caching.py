"""Advice for a query that many units of work ask with the same parameters: what to keep, under which key, how long.

It is never more than advice: whether an answer may be old is a decision about the product. Code is given where the
access line shows the whole query with constants only and uses up its rows at once; everywhere else words.
"""

from __future__ import annotations

import ast
import json
import re
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from ennead.domains.nplusone.access_chain import chain_from, line_of, parse_line
from ennead.domains.nplusone.lookup_statement import read_lookup
from ennead.domains.nplusone.model_names import model_of
from ennead.domains.nplusone.parameter_roles import roles_of
from ennead.kernel.finding import Recommendation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ennead.domains.nplusone.access_chain import AccessChain
    from ennead.kernel.call_site import CallSite

UNCHANGED_SECONDS = 300
_CHANGING_SECONDS = 60
_SHORTEST_SECONDS = 10
_LONGEST_PART = 100

_STILL_ROWS = frozenset(
    {"all", "filter", "exclude", "order_by", "distinct", "select_related", "prefetch_related", "only", "defer"}
    | {"values", "values_list", "reverse", "using"}
)
_ONE_VALUE = frozenset({"get", "first", "last", "latest", "earliest", "count", "exists", "aggregate", "in_bulk"})
_USE_UP = frozenset({"list", "tuple", "set", "frozenset", "sorted", "sum", "max", "min", "len", "any", "all", "dict"})
_ROW_ENDINGS = frozenset({"all", "one", "one_or_none", "first", "scalar", "scalar_one", "scalar_one_or_none"})
_STALE = " Whether an answer may be that old is for you to decide."


class RepeatedAcrossUnits(NamedTuple):
    """A read that many units of work ran, as far as advice needs to know it."""

    statement: str
    tables: tuple[str, ...]
    library: str | None
    model: str | None
    """Label of the model that was loaded."""
    access: CallSite
    built_at: CallSite | None
    change_count: int = 0
    """Units of work that wrote to its tables while it was being read."""
    seconds_between_changes: float = 0.0


class CachingAdvice(NamedTuple):
    """A key, how long, and what to do with them."""

    key: str
    ttl_seconds: int
    recommendations: tuple[Recommendation, ...]


def caching_advice(read: RepeatedAcrossUnits) -> CachingAdvice:
    """The advice for one read."""
    seconds = _ttl(read)
    chain = _django_chain(read) if read.library == "django" else None
    if chain is not None and read.model:
        key = f"{read.model}:{_part(chain)}:v1"
        return CachingAdvice(key, seconds, _django(read, chain, key, seconds))
    rows = _plain_rows(read) if read.library == "sqlalchemy" else None
    if rows is not None:
        key = f"{_label(read)}:{_printable(_columns(rows.select))}:{_digest(rows.text)}:v1"
        return CachingAdvice(key, seconds, _sqlalchemy(read, rows, key, seconds))
    parts = _parameter_words(read.statement)
    key = f"{_label(read)}:{_slots(parts)}:{_digest(read.statement)}:v1"
    return CachingAdvice(key, seconds, (_words(read, key, seconds, parts),))


def _ttl(read: RepeatedAcrossUnits) -> int:
    if not read.change_count:
        return UNCHANGED_SECONDS
    return int(max(_SHORTEST_SECONDS, min(_CHANGING_SECONDS, read.seconds_between_changes / 2)))


def _why(read: RepeatedAcrossUnits, seconds: int) -> str:
    """Where the time comes from, and who decides."""
    if read.change_count:
        times = "once" if read.change_count == 1 else f"{read.change_count:,} times"
        return f"Its tables were written {times} while it was read: hence {seconds} s, which is no more than a guess."
    return f"No write to its tables was seen in this run; {seconds} s is a cautious start, not a measurement."


def _label(read: RepeatedAcrossUnits) -> str:
    return read.model or "+".join(read.tables)


def _subject(read: RepeatedAcrossUnits) -> str:
    return model_of(read.model) if read.model else ", ".join(read.tables)


# ---------------------------------------------------------------------------------------------------- Django


def _django_chain(read: RepeatedAcrossUnits) -> AccessChain | None:
    """The query that is written out in the access line, if it is whole, constant, and used up there."""
    chain = chain_from(read.access, "objects")
    if chain is None or not chain.calls or chain.owner.rpartition(".")[2] != model_of(read.model):
        return None
    *before, last = chain.calls
    is_known = all(call.name in _STILL_ROWS for call in before) and last.name in _STILL_ROWS | _ONE_VALUE
    is_constant = all(call.is_constant for call in chain.calls) and not (chain.is_sliced and chain.taken is None)
    if not is_known or not is_constant:
        return None
    return chain if _is_one_value(chain) or _use(chain) is not None else None


def _is_one_value(chain: AccessChain) -> bool:
    return chain.is_item or chain.calls[-1].name in _ONE_VALUE


def _use(chain: AccessChain) -> ast.AST | None:
    """What goes through all rows of the chain in its own line: a loop, a comprehension, ``list()`` and the like."""
    tree = parse_line(chain.line)
    for node in ast.walk(tree):
        if isinstance(node, ast.For) and _spans(node.iter, chain):
            return node
        if isinstance(node, ast.comprehension) and not node.is_async and _spans(node.iter, chain):
            return node
        if isinstance(node, ast.Call) and node.args and _spans(node.args[0], chain):
            return node if isinstance(node.func, ast.Name) and node.func.id in _USE_UP else None
    return None


def _spans(node: ast.expr, chain: AccessChain) -> bool:
    return (node.col_offset, node.end_col_offset) == chain.span


def _part(chain: AccessChain) -> str:
    """What the query asks for, as a part of a key."""
    asked = chain.text.removeprefix(f"{chain.owner}.objects.")
    return "all" if asked == "all()" else _printable(asked.removeprefix("all()."))


def _printable(text: str) -> str:
    """A text that every cache takes in a key; a digest follows where something had to be left out."""
    plain = text.replace('"', "'").replace(", ", ",")
    cleaned = re.sub(r"[^!-~]|\\", "_", plain)[:_LONGEST_PART]
    return cleaned if cleaned == plain else f"{cleaned}:{_digest(text)}"


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "backslashreplace"), digest_size=4).hexdigest()


def _django(read: RepeatedAcrossUnits, chain: AccessChain, key: str, seconds: int) -> tuple[Recommendation, ...]:
    name = model_of(read.model)
    load = chain.text if _is_one_value(chain) else f"list({chain.text})"
    call = f"cache.get_or_set({json.dumps(key)}, lambda: {load}, {seconds})"
    text = (
        f"Keep the answer under the key {key} (from django.core.cache import cache). {_why(read, seconds)}{_STALE} "
        "Raise the v1 when the model's fields change."
    )
    keep = Recommendation(f"Keep the {name} answer for {seconds} s", text, _replaced(chain, call), place=read.access)
    return keep, _forgetting(read, chain, name, key)


def _replaced(chain: AccessChain, call: str) -> str:
    """The line with the cached call; a ``list()`` around the query goes, since there is one inside now."""
    use = None if _is_one_value(chain) else _use(chain)
    if isinstance(use, ast.Call) and isinstance(use.func, ast.Name) and use.func.id == "list" and len(use.args) == 1:
        line = chain.line.encode()
        return (line[: use.col_offset] + call.encode() + line[use.end_col_offset or 0 :]).decode()
    return chain.replaced_by(call)


def _forgetting(read: RepeatedAcrossUnits, chain: AccessChain, name: str, key: str) -> Recommendation:
    text = (
        "Put it below the model, or into a module that AppConfig.ready() imports. update(), bulk_create() and plain "
        "SQL send no signal, and a cache in the memory of one process (LocMemCache, Django's default) forgets in that "
        "process only: there the time alone decides."
    )
    # Signals hold their receivers weakly: a second function of the same name in a module would end the first one.
    part = _part(chain)
    suffix = "" if part == "all" else f"_{_digest(part)}"
    function = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower() + suffix
    prefetches = any(call.name == "prefetch_related" for call in chain.calls)
    if len(read.tables) > 1 or prefetches:
        others = "the other models in the answer" if prefetches else f"the other tables ({', '.join(read.tables)})"
        text += f" Do the same for {others}."
    code = f"""\
from django.core.cache import cache
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver


@receiver([post_save, post_delete], sender={name})
def forget_{function}(using, **kwargs):
    transaction.on_commit(lambda: cache.delete({json.dumps(key)}), using=using)"""
    return Recommendation(f"Forget it when a {name} is saved or deleted", text, code)


# ---------------------------------------------------------------------------------------------------- SQLAlchemy


class _PlainRows(NamedTuple):
    """A query of columns, run and read in one expression: its rows belong to no session."""

    line: str
    span: tuple[int, int]
    select: ast.Call

    @property
    def text(self) -> str:
        start, end = self.span
        return self.line.encode()[start:end].decode()

    def replaced_by(self, text: str) -> str:
        """The line with something else in its place."""
        line, (start, end) = self.line.encode(), self.span
        return (line[:start] + text.encode() + line[end:]).decode()


def _plain_rows(read: RepeatedAcrossUnits) -> _PlainRows | None:
    line = line_of(read.access)
    tree = parse_line(line)
    if any(isinstance(node, ast.Await) for node in ast.walk(tree)):
        return None
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    selects = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name(node.func) == "select"]
    whole = _executed(selects[0], parents) if len(selects) == 1 else None
    if whole is None or not _selects_columns(selects[0]):
        return None
    return _PlainRows(line, (whole.col_offset, whole.end_col_offset or 0), selects[0])


def _executed(select: ast.Call, parents: Mapping[ast.AST, ast.AST]) -> ast.Call | None:
    """``session.execute(select(...)).all()`` around the select, where nothing but constants is asked for."""
    statement = _chained(select, parents)
    run = parents.get(statement)
    if not isinstance(run, ast.Call) or not isinstance(run.func, ast.Attribute) or run.args != [statement]:
        return None
    names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    if run.keywords or any(not name[:1].isupper() and name not in ("select", "func") for name in names):
        return None
    if run.func.attr == "scalar":
        return run
    ending = parents.get(run)
    call = parents.get(ending) if ending is not None else None
    if run.func.attr not in ("execute", "scalars") or not isinstance(ending, ast.Attribute):
        return None
    return call if isinstance(call, ast.Call) and ending.attr in _ROW_ENDINGS and not call.args else None


def _chained(node: ast.Call, parents: Mapping[ast.AST, ast.AST]) -> ast.expr:
    """The calls behind a call: ``.where(...)``, ``.order_by(...)``."""
    top: ast.expr = node
    while isinstance(attribute := parents.get(top), ast.Attribute):
        call = parents.get(attribute)
        if not isinstance(call, ast.Call) or call.func is not attribute:
            break
        top = call
    return top


def _selects_columns(select: ast.Call) -> bool:
    """Columns and functions of columns, not objects."""
    return bool(select.args) and all(
        (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id[:1].isupper())
        or (isinstance(node, ast.Call) and ast.unparse(node.func).startswith("func."))
        for node in select.args
    )


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _columns(select: ast.Call) -> str:
    """For the reader of a key; what tells two queries apart is a digest."""
    return ",".join(ast.unparse(node).rpartition(".")[2] for node in select.args)


def _sqlalchemy(read: RepeatedAcrossUnits, rows: _PlainRows, key: str, seconds: int) -> tuple[Recommendation, ...]:
    call = f"kept({json.dumps(key)}, {seconds}, lambda: {rows.text})"
    text = (
        f"Keep the answer under the key {key}, with the function below. {_why(read, seconds)}{_STALE} Forget it "
        f"where {_subject(read)} is written: forget({json.dumps(key)}) after the commit."
    )
    title = f"Keep the {_subject(read)} answer for {seconds} s"
    return Recommendation(title, text, rows.replaced_by(call), place=read.access), _DICTIONARY


_DICTIONARY = Recommendation(
    "A small cache with a time to live",
    "Put it into a module of its own. It lives in one process, and two threads may load the same answer at once; "
    "dogpile.cache does the same with a lock and with a store that processes share.",
    """\
from time import monotonic

_answers = {}


def kept(key, seconds, load):
    loaded_at, answer = _answers.get(key, (None, None))
    if loaded_at is None or monotonic() - loaded_at >= seconds:
        answer = load()
        _answers[key] = monotonic(), answer
    return answer


def forget(key):
    _answers.pop(key, None)""",
)


# ---------------------------------------------------------------------------------------------------- words


def _parameter_words(statement: str) -> tuple[str, ...]:
    """Columns that parameters are compared with; ``?`` for those that are not."""
    lookup = read_lookup(statement)
    if lookup is not None and not lookup.conditions:
        return ()
    return tuple(dict.fromkeys(role.column or "?" for role in roles_of(statement).roles if role.role != "select"))


def _slots(parts: tuple[str, ...]) -> str:
    return ",".join(f"{part}={{{part}}}" for part in parts if part != "?") or "all"


def _words(read: RepeatedAcrossUnits, key: str, seconds: int, parts: tuple[str, ...]) -> Recommendation:
    by = {
        "django": "Django's cache (cache.get_or_set) and forget it in post_save and post_delete of its models",
        "sqlalchemy": "a dictionary with a time to live, or dogpile.cache, as plain values: objects are of one session",
    }.get(read.library or "", "a dictionary with a time to live, and forget it where the tables are written")
    text = f"Keep the answer in {by}. A key: {key}"
    if parts:
        named = ", ".join(part for part in parts if part != "?")
        text += f"; every value that may differ belongs into it{f' ({named})' if named else ''}"
    place = read.access if read.access.language == "python" or read.built_at is None else read.built_at
    text += f". {_why(read, seconds)}{_STALE}"
    return Recommendation(f"Keep the {_subject(read)} answer for {seconds} s", text, place=place)
