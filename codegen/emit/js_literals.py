"""Spells text and JSON values of a schema as JavaScript or TypeScript, so that they can never become anything else."""

from __future__ import annotations

import math
import re
import textwrap
import unicodedata
from collections.abc import Iterator

from ..model import Json
from .templates import Code

__all__ = ["comment_lines", "key", "regular_expression", "string", "value"]

IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
LINE_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_WRAPPER = textwrap.TextWrapper(width=110, break_long_words=False, break_on_hyphens=False)
UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Categories of characters that editors hide, or that make text look like something else."""


def string(text: str) -> Code:
    """Return a string literal."""
    escaped = "".join(SHORT.get(character) or _visible(character) for character in text.replace("\\", "\\\\"))
    return Code("'" + escaped.replace("'", "\\'").replace("</", "<\\/") + "'")


def value(json: Json) -> Code:
    """Return a JSON value as an expression, which is also a type where it is no object."""
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


def key(name: str) -> Code:
    """Return a property name of an object literal."""
    if name == "__proto__":  # without brackets it is no property, but sets the prototype
        return Code("['__proto__']")
    return Code(name) if IDENTIFIER.fullmatch(name) else string(name)


def regular_expression(pattern: str) -> Code:
    """Return a regular expression literal with the ``u`` flag."""
    parts = re.findall(r"\\.|.", pattern, flags=re.DOTALL)
    escaped = "".join("\\/" if part == "/" else "".join(map(_in_expression, part)) for part in parts)
    return Code(f"/{escaped or '(?:)'}/u")


def comment_lines(text: str) -> list[Code]:
    """Return the lines of ``text`` for a comment; long ones are broken."""
    return [Code(part) for line in _lines(text.strip()) for part in _WRAPPER.wrap(line) or [""]]


def _lines(text: str) -> Iterator[str]:
    for line in LINE_BREAK.split(text):
        shown = "".join(map(_visible, line.replace("\t", " ").rstrip()))
        yield shown.replace("*/", "*\\/").replace("</script", "<\\/script")


def _number(number: int | float) -> Code:
    """Return a number as JavaScript knows it, which has no integers beyond the precision of floats."""
    if isinstance(number, int) and abs(number) < 2**53:
        return Code(str(number))
    try:
        inexact = float(number)
    except OverflowError:
        inexact = math.inf if number > 0 else -math.inf
    if math.isinf(inexact):
        return Code("Infinity" if inexact > 0 else "-Infinity")
    return Code(str(int(inexact)) if inexact.is_integer() and abs(inexact) < 1e21 else repr(inexact))


def _visible(character: str) -> str:
    if unicodedata.category(character) not in UNSEEN:
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\u{{{ord(character):x}}}"


def _in_expression(character: str) -> str:
    return SHORT.get(character) or _visible(character)
