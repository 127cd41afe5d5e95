"""Python literals, comments and docstrings, escaped so that text of a schema never becomes code."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from ..templates import Code
from .python_printer import LINE_WIDTH, display_width

__all__ = ["comment", "docstring", "json_document", "literal"]

_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def literal(value: Any) -> Code:  # None, bool, int, float or str
    """Return the literal for a scalar."""
    if not isinstance(value, str):
        return Code(repr(value))
    quote = "'" if value.count('"') > value.count("'") else '"'
    return Code(
        quote + "".join(f"\\{quote}" if character == quote else _escaped(character) for character in value) + quote
    )


def comment(text: str) -> Code:
    """Return ``text`` as a comment of one line."""
    return Code("# " + "".join(character if character.isprintable() else _escaped(character) for character in text))


def docstring(text: str, *, indent: int = 0) -> Code:
    """Return ``text`` as a docstring; lines after the first one are indented by ``indent`` columns."""
    body = _body(text)
    columns = LINE_WIDTH - indent
    escaped = body.replace('"""', '\\"\\"\\"')
    padded = (escaped.startswith('"'), escaped.endswith('"') and not escaped.endswith('\\"\\"\\"'))
    single = "\n" not in body and display_width(escaped) + 6 + sum(padded) <= columns
    if not single:
        first, *others = body.split("\n")
        lines = [
            *_wrapped(first, columns - (4 if others else 8)),
            *(piece for line in others for piece in _wrapped(line, columns)),
        ]
        body = textwrap.indent("\n".join(lines), " " * indent).lstrip()
    body = " " * padded[0] + body.replace('"""', '\\"\\"\\"')
    if single:
        return Code(f'"""{body}{" " * padded[1]}"""')
    return Code(f'"""{body}\n{" " * indent}"""')


def json_document(value: dict[str, Any]) -> Code:  # a JSON object
    """Return a JSON document as a raw string; objects and arrays that fit on one line are not broken."""
    text = "\n".join(_json(value))
    assert '"""' not in text  # in JSON, no quotation mark follows an empty string
    return Code(f'r"""{text}"""')


def _body(text: str) -> str:
    """Return ``text`` without whitespace that formatters remove; characters that are not printable are escaped."""
    first, *others = ["".join(map(_visible, line.expandtabs(4))).rstrip() for line in text.strip().splitlines()] or [""]
    return "\n".join((first, *textwrap.dedent("\n".join(others)).split("\n"))) if others else first


def _visible(character: str) -> str:
    if character.isspace():
        return " "
    if character == "\\":
        return "\\\\"
    return character if character.isprintable() else "\\" + _escaped(character)


def _escaped(character: str) -> str:
    """Return a character, escaped as in a string literal."""
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if character.isprintable() else ascii(character)[1:-1]


def _wrapped(line: str, columns: int) -> Iterator[str]:
    """Break a long line between words, or within a word that is too long itself."""
    margin = line[: len(line) - len(line.lstrip())][: columns // 2]
    piece = margin
    for word in line.split():
        if piece.strip() and display_width(piece) + 1 + display_width(word) > columns:
            yield piece
            piece = margin
        piece += f" {word}" if piece.strip() else word
        while display_width(piece) > columns:
            end = next(end for end in range(len(piece), 0, -1) if display_width(piece[:end]) <= columns)
            yield piece[:end]
            piece = margin + piece[end:]
    yield piece.rstrip()


def _json(value: Any, margin: str = "", head: str = "", tail: str = "") -> Iterator[str]:
    line = f"{margin}{head}{json.dumps(value)}{tail}"
    if len(line) <= LINE_WIDTH or not isinstance(value, dict | list) or not value:
        yield line
        return
    is_object = isinstance(value, dict)
    members = (
        [(f"{json.dumps(name)}: ", value[name]) for name in value] if is_object else [("", item) for item in value]
    )
    yield f"{margin}{head}{'{' if is_object else '['}"
    for index, (name, member) in enumerate(members, 1):
        yield from _json(member, f"{margin}  ", name, "," * (index < len(members)))
    yield f"{margin}{'}' if is_object else ']'}{tail}"
