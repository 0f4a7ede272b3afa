"""``python -m ennead.replay.requests GET /orders/ ...``: recorded requests again, without a server.

This makes a command of requests that a server answered: a server does not end, a replay does. A Django project is
found by ``DJANGO_SETTINGS_MODULE`` or its ``manage.py``, others are named: ``--app package.module:app``,
ASGI or WSGI. ``--user NAME`` logs a Django user in, ``--header "Name: value"`` adds a header to each request.
"""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING

from ennead.kernel.errors import EnneadError
from ennead.replay.applications import Request, application_client, django_client

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_METHOD = re.compile(r"[A-Z]+")


def parse_requests(words: Sequence[str]) -> Iterator[Request]:
    """Requests of a command line; ``GET`` is understood where no method stands before a path.

    Raises
    ------
    EnneadError
        A word is neither a method nor a path.

    Examples
    --------
    >>> list(parse_requests(["GET", "/a", "/b?x=1", "DELETE /c"]))
    [Request(method='GET', path='/a'), Request(method='GET', path='/b?x=1'), Request(method='DELETE', path='/c')]
    """
    method, word = "GET", "/"
    for word in " ".join(words).split():
        if word.startswith("/"):
            yield Request(method, word)
            method = "GET"
        elif _METHOD.fullmatch(word):
            method = word
        else:
            message = f"{word!r} is neither a method (GET) nor a path (/orders/)"
            raise EnneadError(message)
    if not word.startswith("/"):
        message = f"name a path (/orders/) behind {word!r}"
        raise EnneadError(message)


def parse_headers(lines: Sequence[str]) -> dict[str, str]:
    """Headers of a command line.

    Raises
    ------
    EnneadError
        There is no colon in one.

    Examples
    --------
    >>> parse_headers(["Accept: text/html", "X-Empty:"])
    {'Accept': 'text/html', 'X-Empty': ''}
    """
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            message = f"write a header as 'Name: value', not {line!r}"
            raise EnneadError(message)
        headers[name.strip()] = value.strip()
    return headers


def main(arguments: Sequence[str]) -> int:
    """Send the requests; one line is printed for each. 2 if the application cannot be found."""
    parser = argparse.ArgumentParser(prog="python -m ennead.replay.requests")
    parser.add_argument("requests", nargs="+", help="GET /path ...")
    parser.add_argument("--app", help="package.module:application, ASGI or WSGI; by default the Django project here")
    parser.add_argument("--app-dir", default="", help="where the application's modules are; this folder by default")
    parser.add_argument("--user", help="log this Django user in")
    parser.add_argument("--header", action="append", default=[], help="'Name: value'")
    asked = parser.parse_args(arguments)
    sys.path.insert(0, asked.app_dir)
    try:
        wanted, headers = list(parse_requests(asked.requests)), parse_headers(asked.header)
        client = application_client(asked.app, headers, asked.user) if asked.app else django_client(headers, asked.user)
        with client as send:
            for request in wanted:
                sys.stdout.write(f"{request.method} {request.path} -> {send(request)}\n")
    except EnneadError as error:
        sys.stderr.write(f"ennead: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
