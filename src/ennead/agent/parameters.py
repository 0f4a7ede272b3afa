"""Parameter values reduced to keyed hashes: equal values agree whatever type a driver saw them in, and none is kept."""

from __future__ import annotations

import datetime as dt
import os
import re
import secrets
import threading
from collections.abc import Collection, Iterable, Iterator, MutableMapping, Sequence
from decimal import Decimal
from enum import Enum
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

SECRET_VARIABLE: Final = "ENNEAD_SECRET"  # noqa: S105 -- the variable's name

_MAX_VALUES: Final = 10_000
_MAX_DEPTH: Final = 16
_LONGEST_TEXT: Final = 65_536
_LONGEST_INTEGER_BITS: Final = 512
_PLAIN_DIGITS: Final = 40
_LARGEST_PLAIN: Final = 10**_PLAIN_DIGITS
_KEY_BYTES: Final = 64
_DIGEST_BYTES: Final = 8

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,99})(?:\.[0-9]{1,100})?")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-?)[0-9a-fA-F]{4}\1[0-9a-fA-F]{4}\1[0-9a-fA-F]{4}\1[0-9a-fA-F]{12}")
_DATE_T_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:")
_NUMBER_STARTS: Final = frozenset("-0123456789")
_UUID_LENGTHS: Final = frozenset({32, 36})
# Wrappers of drivers around a value, by the attribute that holds it; read without running their code.
_WRAPPED_IN: Final = {
    ("psycopg.types.json", "Json"): "obj",
    ("psycopg.types.json", "Jsonb"): "obj",
    ("psycopg2._json", "Json"): "adapted",
    ("ipaddress", "IPv4Address"): "_ip",
    ("ipaddress", "IPv6Address"): "_ip",
}


def canonical(value: object) -> bytes:
    """Reduce a value to bytes that are equal for equal values of different types.

    ``5``, ``"5"``, ``5.0``, ``Decimal("5.00")`` agree, so do ``True`` and ``1``, a UUID and its text with or without
    dashes and its integer, and a date or time and its ISO text. Objects of other types are told apart by type only:
    no code of theirs runs. Never raises; long texts and big collections are read in part.

    Examples
    --------
    >>> canonical(5) == canonical("5") == canonical(5.0) == canonical(Decimal("5.00"))
    True
    >>> canonical("05") == canonical(5)
    False
    >>> canonical(UUID("6fa459ea-ee8a-3ca4-894e-db77e160355e")) == canonical("6FA459EAEE8A3CA4894EDB77E160355E")
    True
    """
    return _Reader().read(value, 0)


class ParameterHasher:
    """Hashes the parameters of a query with a secret key, so that equal parameters can be seen and none guessed.

    Parameters
    ----------
    secret
        The key; any length but none.

    Examples
    --------
    >>> hasher = ParameterHasher(b"secret")
    >>> hasher.hash([5, "title"]) == hasher.hash(("5", "title"))
    True
    """

    __slots__ = ("_keyed",)

    def __init__(self, secret: bytes) -> None:
        if not secret:
            raise ValueError("the secret of a ParameterHasher must not be empty: see project_secret()")
        key = secret if len(secret) <= _KEY_BYTES else blake2b(secret).digest()
        self._keyed = blake2b(key=key, digest_size=_DIGEST_BYTES)

    def hash(self, values: Sequence[object]) -> str:
        """Return 16 hexadecimal digits for the values in their order."""
        keyed = self._keyed.copy()
        reader = _Reader()
        for value in values:
            item = reader.read(value, 0)
            keyed.update(b"%d:" % len(item))
            keyed.update(item)
        return keyed.hexdigest()


class HashMemo:
    """Hashes the parameters of one unit of work, those that are bound again and again only once.

    Parameters
    ----------
    hasher
        Asked for what is new.

    Examples
    --------
    >>> hasher = ParameterHasher(b"secret")
    >>> HashMemo(hasher).hash_one(5) == hasher.hash([5])
    True
    """

    __slots__ = ("_hasher", "_of_all", "_of_one")

    def __init__(self, hasher: ParameterHasher) -> None:
        self._hasher = hasher
        self._of_one: dict[object, str] = {}
        self._of_all: dict[tuple[str, ...], str] = {}

    def hash_one(self, value: object) -> str:
        """The hash of a value alone."""
        if type(value) is not int and type(value) is not str:  # equal ones of other types may be written differently
            return self._hasher.hash((value,))
        known = self._of_one.get(value)
        if known is None:
            known = self._of_one[value] = self._hasher.hash((value,))
        return known

    def hash_all(self, hashes: tuple[str, ...]) -> str:
        """The hash of a whole set of parameters, given the hash of each."""
        known = self._of_all.get(hashes)
        if known is None:
            known = self._of_all[hashes] = self._hasher.hash(hashes)
        return known


_secret_lock = threading.Lock()


def project_secret(environ: MutableMapping[str, str] | None = None) -> bytes:
    """Return the key for parameters of this project.

    It is what ``ENNEAD_SECRET`` says; where that is unset a random one is made and put there, so that child processes
    hash equal values to equal hashes.

    Parameters
    ----------
    environ
        The environment; the process's own by default.
    """
    variables = os.environ if environ is None else environ
    with _secret_lock:
        if not variables.get(SECRET_VARIABLE):
            variables[SECRET_VARIABLE] = secrets.token_hex(32)
        return variables[SECRET_VARIABLE].encode("utf-8", "surrogateescape")


class _Reader:
    """Reads one set of values; knows how many more it may read."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = _MAX_VALUES

    def read(self, value: object, depth: int) -> bytes:
        kind = type(value)
        if kind is int or kind is bool:
            return _integer(int(value))  # type: ignore[call-overload]
        if kind is str:
            return _text(value)  # type: ignore[arg-type]
        if value is None:
            return b"z"
        try:
            return self._rarer(value, kind, depth)
        except Exception:  # a time zone's own code, a released buffer
            return _opaque(kind)

    def _rarer(self, value: Any, kind: type, depth: int) -> bytes:
        scalar = _scalar(value, kind)
        if scalar is not None:
            return scalar
        if depth >= _MAX_DEPTH:
            return b"m"
        if issubclass(kind, list):
            return b"l" + _framed(self._items(list.__getitem__(value, slice(None)), depth))
        if issubclass(kind, tuple):
            return b"l" + _framed(self._items(tuple.__add__(value, ()), depth))
        if issubclass(kind, dict):
            return b"d" + _framed(sorted(self._pairs(value, depth)))
        if issubclass(kind, set | frozenset):
            return b"e" + _framed(sorted(self._items(_plain_set(value, kind), depth)))
        return self._wrapped(value, kind, depth)

    def _items(self, values: Collection[object], depth: int) -> Iterator[bytes]:
        """The values as long as there is room, then how many they are."""
        for value in values:
            if self._left <= 0:
                yield b"m%d" % len(values)
                return
            self._left -= 1
            yield self.read(value, depth + 1)

    def _pairs(self, values: dict[object, object], depth: int) -> Iterator[bytes]:
        for key, value in dict.items(values):
            if self._left <= 0:
                yield b"m%d" % dict.__len__(values)
                return
            self._left -= 1
            yield _framed((self.read(key, depth + 1), self.read(value, depth + 1)))

    def _wrapped(self, value: object, kind: type, depth: int) -> bytes:
        """What a known wrapper holds; of any other object the type alone."""
        attribute = _WRAPPED_IN.get((_name(kind, "__module__"), _name(kind, "__name__")))
        if attribute is None:
            return _opaque(kind)
        return self.read(object.__getattribute__(value, attribute), depth + 1)


# isinstance asks an object for its __class__, which evaluates a lazy one; the type is asked instead, everywhere.
def _scalar(value: Any, kind: type) -> bytes | None:
    """The canonical form of a single value of a known type; ``None`` for every other type."""
    if issubclass(kind, str):
        return _text(str.__str__(value))
    if issubclass(kind, int):
        return _integer(int.__int__(value))
    if issubclass(kind, float):
        return _notation(float.__repr__(value))
    if issubclass(kind, Decimal):
        return _notation(Decimal.__str__(value))
    if issubclass(kind, bytes | bytearray | memoryview):
        return _bytes(value)
    return _of_the_library(value, kind)


def _of_the_library(value: Any, kind: type) -> bytes | None:
    """The same for types of the standard library that have no literal."""
    if issubclass(kind, UUID):
        return _integer(object.__getattribute__(value, "int"))
    if issubclass(kind, dt.datetime):
        return _text(dt.datetime.isoformat(value, " "))
    if issubclass(kind, dt.date):
        return _text(dt.date.isoformat(value))
    if issubclass(kind, dt.time):
        return _text(dt.time.isoformat(value))
    if issubclass(kind, dt.timedelta):
        return _text(dt.timedelta.__str__(value))
    if issubclass(kind, Enum):
        return canonical(object.__getattribute__(value, "_value_"))
    return None


def _plain_set(value: Any, kind: type) -> Collection[object]:
    return set.copy(value) if issubclass(kind, set) else frozenset.union(value)


def _integer(value: int) -> bytes:
    if -_LARGEST_PLAIN < value < _LARGEST_PLAIN:
        return b"n%d" % value
    if value.bit_length() > _LONGEST_INTEGER_BITS:
        return b"x%x" % value
    return _decimal(Decimal(value))


def _notation(text: str) -> bytes:
    """The canonical form of a number as Python writes it."""
    if not text[-1].isdigit():
        return b"n" + text.lower().replace("infinity", "inf").encode()
    if "e" in text or "E" in text or len(text) > _PLAIN_DIGITS:
        return _decimal(Decimal(text))
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return b"n0" if text == "-0" else b"n" + text.encode()


def _decimal(value: Decimal) -> bytes:
    """The canonical form of a finite number: in decimal notation while that is short, else by digits and exponent."""
    sign, digits, exponent = Decimal.as_tuple(value)
    written = "".join(map(str, digits))
    significant = written.rstrip("0")
    if not significant:
        return b"n0"
    power = int(exponent) + len(written) - len(significant)
    if power >= 0 and len(significant) + power <= _PLAIN_DIGITS:
        plain = significant + "0" * power
    elif power < 0 and max(len(significant), -power) < _PLAIN_DIGITS:
        padded = significant.rjust(1 - power, "0")
        plain = f"{padded[:power]}.{padded[power:]}"
    else:
        plain = f"{significant}e{power}"
    return b"n" + b"-" * sign + plain.encode()


def _text(value: str) -> bytes:
    length = len(value)
    if length in _UUID_LENGTHS and _UUID.fullmatch(value):
        return _integer(int(value.replace("-", ""), 16))
    if value[:1] in _NUMBER_STARTS and length:
        if _NUMBER.fullmatch(value):
            return _notation(value)
        if _DATE_T_TIME.match(value):
            value = value[:10] + " " + value[11:]
    if length > _LONGEST_TEXT:
        half = _LONGEST_TEXT // 2
        value = f"{length}:{value[:half]}{value[-half:]}"
    return b"s" + value.encode("utf-8", "surrogatepass")


def _bytes(value: bytes | bytearray | memoryview) -> bytes:
    with memoryview(value) as view:
        if view.nbytes <= _LONGEST_TEXT:
            return b"b" + view.tobytes()
        half = _LONGEST_TEXT // 2
        flat = view.cast("B")
        return b"b%d:" % view.nbytes + flat[:half].tobytes() + flat[-half:].tobytes()


def _opaque(kind: type) -> bytes:
    return f"o{_name(kind, '__module__')}.{_name(kind, '__qualname__')}".encode("utf-8", "surrogatepass")


def _name(kind: type, attribute: str) -> str:
    """A type's name without asking its metaclass, which is other people's code."""
    try:
        return str.__str__(type.__getattribute__(kind, attribute))
    except Exception:
        return "?"


def _framed(items: Iterable[bytes]) -> bytes:
    """Items after one another, each with its length, so that no two lists look alike."""
    return b"".join([b"%d:%s" % (len(item), item) for item in items])
