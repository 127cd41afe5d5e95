"""Generated parts of a page, between two marks."""

from __future__ import annotations

import re

__all__ = ["replace", "sections"]

SECTION = re.compile(r"(?P<begin><!-- begin: (?P<name>[a-z-]+) -->\n)(?P<text>.*?)(?P<end><!-- end -->)", re.DOTALL)
"""Comments on separate lines; the first one contains the name of the part."""


def sections(page: str) -> tuple[str, ...]:
    """Return the names of the parts of a page, in order."""
    return tuple(found["name"] for found in SECTION.finditer(page))


def replace(page: str, name: str, text: str) -> str:
    """Return a page whose part ``name`` is ``text``.

    Raises:
        LookupError: If the page has no such part.
    """
    if name not in sections(page):
        raise LookupError(f"expected one of the parts {', '.join(sections(page)) or '(none)'}, got {name!r}")

    def put(found: re.Match[str]) -> str:
        return f"{found['begin']}{text.rstrip()}\n{found['end']}" if found["name"] == name else found[0]

    return SECTION.sub(put, page)
