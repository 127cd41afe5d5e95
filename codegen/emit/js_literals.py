"""JavaScript literals and comments for text and JSON values of a schema, escaped so that they never become code."""

from __future__ import annotations

import math
import re
import textwrap
import unicodedata
from collections.abc import Iterator

from ..model import Json
from .templates import Code

__all__ = ["bigint", "comment_lines", "key", "regular_expression", "sorted_json", "string", "value"]

IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
LINE_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_WRAPPER = textwrap.TextWrapper(width=110, break_long_words=False, break_on_hyphens=False)
INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Unicode categories of characters that editors hide, or that change the appearance of text."""


def string(text: str) -> Code:
    """Return a string literal."""
    escaped = "".join(SHORT_ESCAPES.get(character) or _visible(character) for character in text.replace("\\", "\\\\"))
    return Code("'" + escaped.replace("'", "\\'").replace("</", "<\\/") + "'")


def value(json: Json) -> Code:
    """Return an expression for a JSON value; except for objects, it is also a literal type."""
    match json:
        case None:
            return Code("null")
        case bool():
            return Code("true" if json else "false")
        case int() | float():
            return _number(json)
        case str():
            return string(json)
        case list():
            return Code(f"[{', '.join(value(item) for item in json)}]")
        case dict():
            members = ", ".join(f"{key(name)}: {value(member)}" for name, member in json.items())
            return Code(f"{{ {members} }}" if members else "{}")
        case _:
            raise TypeError(f"expected a JSON value, got {json!r}")


def bigint(json: Json) -> Code:
    """Return an expression for a JSON value; integers that a double rounds are a ``bigint``."""
    if isinstance(json, int) and abs(json) >= 2**53:
        return Code(f"{json}n")
    return value(json)


def key(name: str) -> Code:
    """Return a property name for an object literal."""
    if name == "__proto__":  # sets the prototype unless it is a computed name
        return Code("['__proto__']")
    return Code(name) if IDENTIFIER.fullmatch(name) else string(name)


def regular_expression(pattern: str) -> Code:
    """Return a regular expression literal with the ``u`` flag."""
    parts = re.findall(r"\\.|.", pattern, flags=re.DOTALL)
    escaped = "".join("\\/" if part == "/" else "".join(map(_escape_in_pattern, part)) for part in parts)
    return Code(f"/{escaped or '(?:)'}/u")


def comment_lines(text: str) -> list[Code]:
    """Return the lines of a comment with ``text``; long lines are wrapped."""
    return [Code(part) for line in _lines(text.strip()) for part in _WRAPPER.wrap(line) or [""]]


def _lines(text: str) -> Iterator[str]:
    for line in LINE_BREAK.split(text):
        visible = "".join(map(_visible, line.replace("\t", " ").rstrip()))
        yield visible.replace("*/", "*\\/").replace("</script", "<\\/script")


def _number(number: int | float) -> Code:
    """Return a number literal; integers beyond 2**53 are rounded to floats, as JavaScript does."""
    if isinstance(number, int) and abs(number) < 2**53:
        return Code(str(number))
    try:
        rounded = float(number)
    except OverflowError:
        rounded = math.inf if number > 0 else -math.inf
    if math.isinf(rounded):
        return Code("Infinity" if rounded > 0 else "-Infinity")
    return Code(str(int(rounded)) if rounded.is_integer() and abs(rounded) < 1e21 else repr(rounded))


def _visible(character: str) -> str:
    if unicodedata.category(character) not in INVISIBLE:
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\u{{{ord(character):x}}}"


def _escape_in_pattern(character: str) -> str:
    return SHORT_ESCAPES.get(character) or _visible(character)


def sorted_json(json: Json) -> Json:
    """Return a JSON value with sorted properties, as in the error messages of the server."""
    match json:
        case dict():
            return {name: sorted_json(json[name]) for name in sorted(json)}
        case list():
            return [sorted_json(item) for item in json]
        case _:
            return json
