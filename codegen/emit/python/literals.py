"""Spells values and texts as Python code; what comes from a schema stays inside its quotes."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from ..templates import Code
from .python_printer import LINE, width

__all__ = ["comment", "docstring", "document", "literal"]

_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def literal(value: Any) -> Code:  # None, bool, int, float or str
    """Return a scalar as Python writes it."""
    if not isinstance(value, str):
        return Code(repr(value))
    quote = "'" if value.count('"') > value.count("'") else '"'
    return Code(quote + "".join(f"\\{quote}" if one == quote else _escaped(one) for one in value) + quote)


def comment(text: str) -> Code:
    """Return ``text`` as a comment on one line."""
    return Code("# " + "".join(one if one.isprintable() else _escaped(one) for one in text))


def docstring(text: str, *, indent: int = 0) -> Code:
    """Return ``text`` as a docstring; its first line is not indented, the others are by ``indent``."""
    body = _body(text)
    room = LINE - indent
    escaped = body.replace('"""', '\\"\\"\\"')
    bare = (escaped.startswith('"'), escaped.endswith('"') and not escaped.endswith('\\"\\"\\"'))
    single = "\n" not in body and width(escaped) + 6 + sum(bare) <= room
    if not single:
        first, *others = body.split("\n")
        lines = [
            *_wrapped(first, room - (4 if others else 8)),
            *(piece for line in others for piece in _wrapped(line, room)),
        ]
        body = textwrap.indent("\n".join(lines), " " * indent).lstrip()
    body = " " * bare[0] + body.replace('"""', '\\"\\"\\"')
    if single:
        return Code(f'"""{body}{" " * bare[1]}"""')
    return Code(f'"""{body}\n{" " * indent}"""')


def document(value: dict[str, Any]) -> Code:  # a JSON object
    """Return a JSON document as a raw string; objects and lists that fit have a line each."""
    text = "\n".join(_json(value))
    assert '"""' not in text  # in JSON no quotation mark follows an empty string
    return Code(f'r"""{text}"""')


def _body(text: str) -> str:
    """Return ``text`` without what a formatter would take away, and with what is not printable spelled out."""
    first, *others = ["".join(map(_visible, line.expandtabs(4))).rstrip() for line in text.strip().splitlines()] or [""]
    return "\n".join((first, *textwrap.dedent("\n".join(others)).split("\n"))) if others else first


def _visible(character: str) -> str:
    if character.isspace():
        return " "
    if character == "\\":
        return "\\\\"
    return character if character.isprintable() else "\\" + _escaped(character)


def _escaped(character: str) -> str:
    """Return a character as in a string literal."""
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if character.isprintable() else ascii(character)[1:-1]


def _wrapped(line: str, room: int) -> Iterator[str]:
    """Break a line where it is too long: between words, and within them if there is no other way."""
    margin = line[: len(line) - len(line.lstrip())][: room // 2]
    piece = margin
    for word in line.split():
        if piece.strip() and width(piece) + 1 + width(word) > room:
            yield piece
            piece = margin
        piece += f" {word}" if piece.strip() else word
        while width(piece) > room:
            at = next(at for at in range(len(piece), 0, -1) if width(piece[:at]) <= room)
            yield piece[:at]
            piece = margin + piece[at:]
    yield piece.rstrip()


def _json(value: Any, margin: str = "", head: str = "", tail: str = "") -> Iterator[str]:
    line = f"{margin}{head}{json.dumps(value)}{tail}"
    if len(line) <= LINE or not isinstance(value, dict | list) or not value:
        yield line
        return
    is_object = isinstance(value, dict)
    members = [(f"{json.dumps(name)}: ", value[name]) for name in value] if is_object else [("", one) for one in value]
    yield f"{margin}{head}{'{' if is_object else '['}"
    for at, (name, one) in enumerate(members, 1):
        yield from _json(one, f"{margin}  ", name, "," * (at < len(members)))
    yield f"{margin}{'}' if is_object else ']'}{tail}"
