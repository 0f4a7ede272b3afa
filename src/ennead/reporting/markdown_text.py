"""Other people's text inside Markdown: it stays text, whatever it holds.

Names and paths may hold what Markdown, HTML or a forge would act on: emphasis, tags, links, table cells, formulas, and
``@names`` that would call somebody.
"""

from __future__ import annotations

import html
import re

from ennead.reporting.printable import one_line

_SPECIAL = re.compile(r"""[\\`*_\[\]<>|~&#@$!^={}:/'"]""")
_NO_PLAIN_SPAN = re.compile(r"[`|\\]")
_RUN = re.compile("`+")
_ZERO_WIDTH_SPACE = "&#8203;"


def prose(text: str) -> str:
    """Text between other text, on one line.

    >>> prose("a|b for @everyone")
    'a&#124;b for &#64;&#8203;everyone'
    """
    return _SPECIAL.sub(_entity, one_line(text))


def code_span(text: str) -> str:
    """Text as code on one line, in a table as well.

    >>> code_span("shop.Order.customer"), code_span("a|b")
    ('`shop.Order.customer`', '<code>a&#124;b</code>')
    """
    text = one_line(text)
    if not text:
        return ""
    return f"<code>{_SPECIAL.sub(_entity, text)}</code>" if _NO_PLAIN_SPAN.search(text) else f"`{text}`"


def fenced(text: str, language: str) -> str:
    """Lines of code between fences that are longer than any in it."""
    longest = max((len(run) for run in _RUN.findall(text)), default=0)
    fence = "`" * max(longest + 1, 3)
    return f"{fence}{language}\n{text}\n{fence}"


def html_text(text: str) -> str:
    """Text inside a block of HTML, on one line.

    >>> html_text("<script>")
    '&lt;script&gt;'
    """
    return html.escape(one_line(text)).replace("@", f"@{_ZERO_WIDTH_SPACE}")


def _entity(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};" + (_ZERO_WIDTH_SPACE if match[0] in "@#" else "")
