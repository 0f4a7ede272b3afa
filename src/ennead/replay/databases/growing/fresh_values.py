"""Values that a column does not have yet, as like as possible to those that it has."""

from __future__ import annotations

import hashlib
import re
import string
import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ennead.replay.databases.growing.schema import Column

_HEXADECIMAL_UUID = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_EXTENSION = re.compile(r"(.*\w)(\.[A-Za-z]\w{0,4})", re.DOTALL)
_STEPS = string.digits + string.ascii_uppercase
_MOST_ATTEMPTS = 100_000


class NoValueLeftError(Exception):
    """A column has no room for one more value."""


def digest(*parts: Any) -> int:
    """A number that depends on its parts only.

    Examples
    --------
    >>> digest(1, "a") == digest(1, "a"), digest(1, "a") == digest(2, "a")
    (True, False)
    """
    return int.from_bytes(hashlib.blake2b(repr(parts).encode("utf-8", "replace"), digest_size=8).digest(), "big")


class FreshValues:
    """New values for a unique column.

    Parameters
    ----------
    column
        What they are for.
    values
        What it holds.
    seed
        Decides random parts.

    Examples
    --------
    >>> from ennead.replay.databases.growing.schema import Column
    >>> emails = FreshValues(Column(name="email", kind="text", max_length=30), ["ann@example.org"], 0)
    >>> emails.after("ann@example.org", 1), emails.after("ann@example.org", 1)
    ('ann-1@example.org', 'ann-2@example.org')
    >>> FreshValues(Column(name="country", kind="text", max_length=2), ["de", "df"], 0).after("de", 1)
    'dg'
    """

    def __init__(self, column: Column, values: Iterable[Any], seed: int) -> None:
        self._column = column
        self._seed = seed
        held = [value for value in values if value is not None]
        self._taken = {_folded(value) for value in held}
        self._next: dict[Any, int] = {}
        numbers = [value for value in held if isinstance(value, int | float | Decimal) and not isinstance(value, bool)]
        self._highest: Any = max(numbers, default=0)
        moments = [moment for value in held if (moment := _moment(value)) is not None]
        self._latest = max((moment.date() for moment in moments), default=date(2000, 1, 1))

    def after(self, value: Any, number: int) -> Any:
        """A new value that stands for ``value`` in its clone of a number.

        Raises
        ------
        NoValueLeftError
            There is none.
        """
        made = self._made(value, number)
        self._taken.add(_folded(made))
        return made

    def _made(self, value: Any, number: int) -> Any:
        if value is None:
            return None
        if isinstance(value, bool):
            raise NoValueLeftError(self._told())
        if isinstance(value, int | float | Decimal):
            # Behind all that is there: no two are the same, and no sequence has been there.
            self._highest = self._highest + 1
            return self._highest
        if isinstance(value, uuid.UUID):
            return uuid.UUID(int=self._random(value, number))
        if isinstance(value, bytes):
            return value + b"-%d" % number if _folded(value + b"-%d" % number) not in self._taken else self._give_up()
        if self._column.kind == "date" and _moment(value) is not None:
            self._latest += timedelta(days=1)
            return on_day(value, self._latest)
        if isinstance(value, str):
            return self._text(value, number)
        return self._give_up()

    def _text(self, value: str, number: int) -> str:
        if _HEXADECIMAL_UUID.fullmatch(value):
            return f"{self._random(value, number):032x}"
        if _UUID.fullmatch(value):
            return str(uuid.UUID(int=self._random(value, number)))
        if value.isascii() and (value.isdigit() or (self._column.name == "path" and set(value) <= set(_STEPS))):
            return self._counted(value)
        for attempt in range(self._next.get(value, number), _MOST_ATTEMPTS):
            made = with_suffix(value, attempt, self._column.max_length)
            if made is None:
                break
            if _folded(made) not in self._taken:
                self._next[value] = attempt + 1
                return made
        return self._odometer(value)

    def _counted(self, value: str) -> str:
        """The next number of the same width: codes with leading zeros, and the steps of a materialised path."""
        alphabet = _STEPS if self._column.name == "path" else string.digits
        highest = self._next.get(("width", len(value)))
        if highest is None:
            same = [taken.upper() for taken in self._taken if isinstance(taken, str) and len(taken) == len(value)]
            numbers = [int(taken, len(alphabet)) for taken in same if set(taken) <= set(alphabet)]
            highest = max(numbers, default=0)
        made = _as_text(highest + 1, len(value), alphabet)
        if len(made) > (self._column.max_length or len(made)):
            return self._odometer(value)
        self._next["width", len(value)] = highest + 1
        return made

    def _odometer(self, value: str) -> str:
        """Where there is no room for a suffix: count on in the letters and digits that are there."""
        symbols = [_alphabet(letter) for letter in value]
        digits = [alphabet.index(letter) for alphabet, letter in zip(symbols, value, strict=True)]
        for _ in range(_MOST_ATTEMPTS):
            for place in reversed(range(len(digits))):
                digits[place] = (digits[place] + 1) % len(symbols[place])
                if digits[place]:
                    break
            made = "".join(alphabet[digit] for alphabet, digit in zip(symbols, digits, strict=True))
            if _folded(made) not in self._taken:
                return made
            if made == value:
                break
        return str(self._give_up())

    def _random(self, value: Any, number: int) -> int:
        high, low = digest(self._seed, self._column.name, value, number), digest(number, value, self._seed)
        # The bits that say "version 4, variant 1": some readers check them.
        return ((high << 64 | low) & ~(0xF << 76) & ~(0x3 << 62)) | (4 << 76) | (2 << 62)

    def _told(self) -> str:
        return f"there is no other value for the unique column {self._column.name}"

    def _give_up(self) -> Any:
        raise NoValueLeftError(self._told())


def with_suffix(value: str, number: int, max_length: int | None) -> str | None:
    """A text told apart by a number, in the place where its kind of text has room for one.

    Examples
    --------
    >>> with_suffix("ann@example.org", 2, None), with_suffix("blue-shoe", 2, None), with_suffix("Emma", 2, 5)
    ('ann-2@example.org', 'blue-shoe-2', 'Emm 2')
    >>> with_suffix("/about/", 3, None), with_suffix("cover.jpg", 3, None), with_suffix("X", 3, 1) is None
    ('/about-3/', 'cover-3.jpg', True)
    """
    head, tail = value, ""
    if _EMAIL.fullmatch(value):
        head, at, domain = value.partition("@")
        tail = at + domain
    elif value.endswith("/"):
        head, tail = value[:-1], "/"
    elif match := _EXTENSION.fullmatch(value):
        head, tail = match[1], match[2]
    suffix = f"{_separator(value)}{number}"
    room = len(value) + len(suffix) if max_length is None else max_length
    head = head[: room - len(suffix) - len(tail)]
    return f"{head}{suffix}{tail}" if head and len(head + suffix + tail) <= room else None


def on_day(value: Any, day: date) -> Any:
    """The same time on another day, in the form that the value has."""
    if isinstance(value, datetime):
        return value.replace(year=day.year, month=day.month, day=day.day)
    if isinstance(value, date):
        return day
    return day.isoformat() + str(value)[10:]


def shifted(value: Any, days: int) -> Any:
    """A date or time moved by days; what is none, or would leave the calendar, as it is.

    Examples
    --------
    >>> shifted("2026-03-01 10:00:00", -1), shifted(None, 1), shifted("soon", 1)
    ('2026-02-28 10:00:00', None, 'soon')
    """
    moment = _moment(value)
    try:
        return value if moment is None else on_day(value, moment.date() + timedelta(days=days))
    except (OverflowError, ValueError):
        return value


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 -- as the column has it, without a zone
    if not isinstance(value, str) or len(value) < len("2000-01-01"):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _separator(value: str) -> str:
    if " " in value or value.isalpha():
        return "-" if value.isascii() and value.islower() else " "
    return "_" if "_" in value and "-" not in value else "-"


def _alphabet(letter: str) -> str:
    alphabets = (string.digits, string.ascii_lowercase, string.ascii_uppercase)
    return next((alphabet for alphabet in alphabets if letter in alphabet), letter)


def _as_text(number: int, width: int, alphabet: str) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, len(alphabet))
        digits = alphabet[digit] + digits
    return digits.rjust(width, alphabet[0])


def _folded(value: Any) -> Any:
    # Collations may take upper and lower case for the same.
    return value.casefold() if isinstance(value, str) else value
