"""URI references (RFC 3986) in the one form that all parsers of both languages accept and resolve equally."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

__all__ = ["BASE", "encode", "fragment_of", "resolve", "to_fragment"]

BASE = "https://tornado-ws.invalid/"
"""Base URI of the schemas folder; the domain ``invalid`` never exists (RFC 2606 section 2)."""

PARTS = re.compile(r"(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
"""Scheme, authority, path, query and fragment (RFC 3986 appendix B)."""
LONE_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
PATH = "!$&'()*+,/:;=?@~%"
"""Characters other than letters, digits and -._ in paths, queries and fragments (RFC 3986 section 3.3)."""
AUTHORITY = PATH.replace("/", "").replace("?", "") + "[]"


def encode(reference: str) -> str:
    """Return a reference with each character percent-encoded that a URI cannot contain, such as a space.

    A backslash and control characters are data, as for the schema validator; a browser would change or drop them.
    """
    scheme, authority, path, query, fragment = _split(LONE_PERCENT.sub("%25", reference))
    if scheme is not None and not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
        scheme, path = None, f"{scheme}%3A{path}"
    return _join(
        scheme,
        None if authority is None else quote(authority, safe=AUTHORITY),
        quote(path, safe=PATH),
        None if query is None else quote(query, safe=PATH),
        None if fragment is None else quote(fragment, safe=PATH),
    )


def resolve(base: str, reference: str) -> str:
    """Return the absolute form of an encoded reference without its fragment (RFC 3986 section 5.2)."""
    base_scheme, base_authority, base_path, base_query, _ = _split(base)
    scheme, authority, path, query, _ = _split(reference)
    if scheme is not None or authority is not None:
        return _join(scheme or base_scheme, authority, _without_dots(path), query, None)
    if not path:
        return _join(base_scheme, base_authority, base_path, base_query if query is None else query, None)
    if not path.startswith("/"):
        folder = base_path[: base_path.rfind("/") + 1]
        path = ("/" if base_authority is not None and not base_path else folder) + path
    return _join(base_scheme, base_authority, _without_dots(path), query, None)


def fragment_of(reference: str) -> str:
    """Return the decoded fragment of a reference; empty if it has none."""
    return unquote(reference.partition("#")[2])


def to_fragment(pointer: str) -> str:
    """Return the fragment for a JSON Pointer (RFC 6901 section 6)."""
    return quote(pointer, safe=PATH.replace("%", ""))


def _split(reference: str) -> tuple[str | None, str | None, str, str | None, str | None]:
    match = PARTS.fullmatch(reference)
    assert match is not None
    scheme, authority, path, query, fragment = match.groups()
    return scheme, authority, path, query, fragment


def _join(scheme: str | None, authority: str | None, path: str, query: str | None, fragment: str | None) -> str:
    parts = ("" if scheme is None else f"{scheme}:", "" if authority is None else f"//{authority}", path)
    return "".join((*parts, "" if query is None else f"?{query}", "" if fragment is None else f"#{fragment}"))


def _without_dots(path: str) -> str:
    """Return a path without ``.`` and ``..`` (RFC 3986 section 5.2.4)."""
    if "." not in path:
        return path
    segments = path.split("/")
    kept: list[str] = []
    for segment in segments:
        if segment == ".." and len(kept) > (1 if path.startswith("/") else 0):
            kept.pop()
        elif segment not in (".", ".."):
            kept.append(segment)
    return "/".join(kept) + ("/" if segments[-1] in (".", "..") else "")
