"""Reading a model's JSON with suspicion: each value is of its kind, finite, and not too long a list."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_ENTRIES = 100_000


class FormError(ValueError):
    """A model's file is not what it should be; the message says where."""


def a_mapping(value: object, what: str) -> Mapping[str, Any]:
    """The value, if it is an object.

    >>> a_mapping([], "a model")
    Traceback (most recent call last):
    ...
    ennead.learners.model_form.FormError: a model must be an object, got list
    """
    if not isinstance(value, dict):
        message = f"{what} must be an object, got {type(value).__name__}"
        raise FormError(message)
    return cast("Mapping[str, Any]", value)


def a_list(value: object, what: str, most: int = MOST_ENTRIES) -> list[Any]:
    """The value, if it is a list that is not too long."""
    if not isinstance(value, list):
        message = f"{what} must be a list, got {type(value).__name__}"
        raise FormError(message)
    if len(value) > most:
        message = f"{what} has {len(value)} entries, at most {most} are read"
        raise FormError(message)
    return value


def a_text(value: object, what: str) -> str:
    """The value, if it is a text with something in it."""
    if not isinstance(value, str) or not value:
        message = f"{what} must be a text, got {value!r:.40}"
        raise FormError(message)
    return value


def a_whole_number(value: object, what: str) -> int:
    """The value, if it is an integer."""
    if not isinstance(value, int) or isinstance(value, bool):
        message = f"{what} must be a whole number, got {value!r:.40}"
        raise FormError(message)
    return value


def a_number(value: object, what: str) -> float:
    """The value, if it is a finite number.

    >>> a_number("1", "sigmoid")
    Traceback (most recent call last):
    ...
    ennead.learners.model_form.FormError: sigmoid must be a finite number, got '1'
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
        message = f"{what} must be a finite number, got {value!r:.40}"
        raise FormError(message)
    return float(value)


def different_names(value: object, what: str) -> tuple[str, ...]:
    """The value, if it is a list of texts of which none stands twice."""
    names = tuple(a_text(name, f"each of {what}") for name in a_list(value, what))
    if len(set(names)) < len(names):
        message = f"{what} must be different names"
        raise FormError(message)
    return names


def the_form(model: Mapping[str, Any], known: int) -> None:
    """Refuse a model that was written for another version of its form."""
    form = a_whole_number(model.get("form"), "form")
    if form != known:
        message = f"its form is {form}, this version reads form {known}"
        raise FormError(message)


def _is_finite(value: float) -> bool:
    try:
        return isfinite(value)
    except OverflowError:
        return False
