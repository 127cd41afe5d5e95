"""Parser for JSON (RFC 8259) that records the position of every value.

The parser of the standard library records no positions and accepts duplicate keys, ``NaN`` and lone surrogates.
"""

from __future__ import annotations

import json
import math
import re
from typing import NoReturn

from . import json_pointer
from .diagnostics import Problem
from .document import Json, Offsets, Text

__all__ = ["MAX_DEPTH", "Unreadable", "scan_json"]

MAX_DEPTH = 128
"""Maximum nesting of arrays and objects; hand-written schemas have about 10 levels."""

_SPACE = re.compile(r"[ \t\n\r]*")
_PLAIN_STRING = re.compile(r'"([^"\\\x00-\x1f]*)"')
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORD = re.compile(r"-?[A-Za-z_][A-Za-z_0-9]*")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/|#[^\n]*", re.DOTALL)
_LITERALS = {"true": True, "false": False, "null": None}
_REPLACEMENTS = {"True": "true", "False": "false", "None": "null", "undefined": "null"}
"""JSON literals for words of other languages."""
_INVALID_NUMBERS = ("NaN", "Infinity", "-Infinity", "-NaN")
_HINTS = {
    "'": "write strings in double quotes",
    ",": "remove the comma",
    "+": "remove the plus sign",
    ".": "add a digit before the decimal point",
}
"""Hint for each character at which a value was expected."""
_KEY_HINTS = {
    ",": "remove the comma",
    ":": "add a key before the colon",
    "{": "add a key before the value",
    "[": "add a key before the value",
}
"""Hint for each character at which a key was expected."""
_SURROGATE = re.compile("[\ud800-\udfff]")


class Unreadable(Exception):
    """Raised if the rest of a file cannot be parsed; the last problem states the reason."""


def scan_json(text: Text, problems: list[Problem]) -> tuple[Json, dict[str, Offsets]]:
    """Return the value of ``text`` and the offsets of all its parts, by JSON Pointer.

    Problems are added to ``problems``. Parsing continues after recoverable ones, such as a comment or a duplicate key.

    Raises:
        Unreadable: If the rest cannot be parsed.
    """
    return _Scanner(text, problems).document()


class _Scanner:
    def __init__(self, text: Text, problems: list[Problem]) -> None:
        self._text = text
        self._content = text.content
        self._problems = problems
        self._offsets: dict[str, Offsets] = {}

    def document(self) -> tuple[Json, dict[str, Offsets]]:
        start = self._skip(0)
        self._offsets[""] = (start, start)
        value, end = self._value(start, "", 1)
        end = self._skip(end)
        if end < len(self._content):
            self._fail(end, "invalid_json", "unexpected text after the document", expected="end of file")
        return value, self._offsets

    def _value(self, at: int, pointer: str, depth: int) -> tuple[Json, int]:
        character = self._content[at : at + 1]
        if character == '"':
            return self._string(at, pointer)
        if character in ("{", "["):
            if depth > MAX_DEPTH:
                self._fail(
                    at, "too_deep", f"nested deeper than {MAX_DEPTH} levels", pointer=json_pointer.prefix(pointer, 3)
                )
            read = self._object if character == "{" else self._array
            return read(at, pointer, depth)
        if number := _NUMBER.match(self._content, at):
            return self._number(number, pointer)
        if word := _WORD.match(self._content, at):
            return self._word(word, pointer)
        hint = _HINTS.get(character)
        self._fail(at, "invalid_json", "invalid JSON", pointer=pointer, expected="a value", hint=hint)

    def _object(self, at: int, pointer: str, depth: int) -> tuple[Json, int]:
        members: dict[str, Json] = {}
        opened, at = at, self._skip(at + 1)
        while self._content[at : at + 1] != "}":
            if self._content[at : at + 1] != '"':
                hint = self._key_hint(at) or self._opened(opened)
                self._fail(at, "invalid_json", "invalid JSON", pointer=pointer, expected='a key or "}"', hint=hint)
            key_at = at
            key, at = self._string(at, pointer)
            member = json_pointer.join(pointer, key)
            at = self._skip(at)
            if self._content[at : at + 1] != ":":
                self._fail(at, "invalid_json", "invalid JSON", pointer=member, expected='":"')
            at = self._skip(at + 1)
            if self._content[at : at + 1] in (",", "}"):
                hint = "add a value after the colon"
                self._fail(at, "invalid_json", "invalid JSON", pointer=member, expected="a value", hint=hint)
            if key in members:
                first = self._text.line_and_column(self._offsets[member][0])[0]
                message = f"duplicate key; first defined on line {first}"
                self._report(key_at, "duplicate_key", message, pointer=member, hint="remove one of them")
            self._offsets[member] = (key_at, at)
            members[key], at = self._value(at, member, depth + 1)
            at = self._comma(at, pointer, "}", opened)
        return members, at + 1

    def _array(self, at: int, pointer: str, depth: int) -> tuple[Json, int]:
        items: list[Json] = []
        opened, at = at, self._skip(at + 1)
        while self._content[at : at + 1] != "]":
            if at >= len(self._content):
                self._fail(
                    at, "invalid_json", "invalid JSON", pointer=pointer, expected='"]"', hint=self._opened(opened)
                )
            item = json_pointer.join(pointer, len(items))
            self._offsets[item] = (at, at)
            value, at = self._value(at, item, depth + 1)
            items.append(value)
            at = self._comma(at, pointer, "]", opened)
        return items, at + 1

    def _key_hint(self, at: int) -> str | None:
        """Return the hint for the text in place of a key; None if the object is not closed."""
        character = self._content[at : at + 1]
        if character == "'" or _WORD.match(self._content, at) or _NUMBER.match(self._content, at):
            return 'write keys in double quotes: "name"'
        return _KEY_HINTS.get(character)

    def _comma(self, at: int, pointer: str, end: str, opened: int) -> int:
        """Return the offset of the next member or of the closing bracket."""
        at = self._skip(at)
        character = self._content[at : at + 1]
        if character == end:
            return at
        if character != ",":
            is_end = character in ("", "}", "]")
            hint = self._opened(opened) if is_end else "separate members with a comma"
            self._fail(at, "invalid_json", "invalid JSON", pointer=pointer, expected=f'"," or "{end}"', hint=hint)
        comma, at = at, self._skip(at + 1)
        if self._content[at : at + 1] == end:
            self._report(comma, "trailing_comma", "trailing comma", pointer=pointer, hint="remove the comma")
        return at

    def _string(self, at: int, pointer: str) -> tuple[str, int]:
        if plain := _PLAIN_STRING.match(self._content, at):
            return plain[1], plain.end()
        string = _STRING.match(self._content, at)
        if not string:
            self._fail(at, "invalid_json", "unterminated string", pointer=pointer)
        try:
            value = str(json.loads(string[0]))
        except json.JSONDecodeError as error:
            control = error.msg.startswith("Invalid control character")
            hint = r"write line breaks as \n and tabs as \t" if control else r"write a backslash as \\"
            self._fail(at + error.pos, "invalid_json", "invalid JSON string", pointer=pointer, hint=hint)
        if _SURROGATE.search(value):
            message = "lone surrogate in a string"
            self._report(
                at, "lone_surrogate", message, pointer=pointer, hint=r"write both surrogates, such as \ud83d\ude00"
            )
            value = _SURROGATE.sub("\ufffd", value)
        return value, string.end()

    def _number(self, number: re.Match[str], pointer: str) -> tuple[Json, int]:
        after = self._content[number.end() : number.end() + 1]
        if after.isalnum() or after in (".", "_"):
            got = self._word_at(number.start())
            self._fail(number.start(), "invalid_json", "invalid JSON number", pointer=pointer, got=got)
        try:
            value = float(number[0]) if number[1] or number[2] else int(number[0])
            fits = math.isfinite(float(value))
        except (OverflowError, ValueError):  # Python raises ValueError for more than 4,300 digits
            fits = False
        if not fits:
            self._report(number.start(), "number_out_of_range", "number exceeds the range of a double", pointer=pointer)
            value = 1  # valid for every keyword, so that it causes no second problem
        return value, number.end()

    def _word(self, word: re.Match[str], pointer: str) -> tuple[Json, int]:
        if word[0] in _LITERALS:
            return _LITERALS[word[0]], word.end()
        if word[0] in _INVALID_NUMBERS:
            self._report(word.start(), "invalid_number", "not a JSON number", pointer=pointer, got=word[0])
            return 0, word.end()
        literal = _REPLACEMENTS.get(word[0], word[0].lower())
        hint = f"write {literal}" if literal in _LITERALS else "write strings in double quotes"
        expected, got = "a value", word[0]
        self._report(
            word.start(), "invalid_json", "invalid JSON", pointer=pointer, expected=expected, got=got, hint=hint
        )
        return _LITERALS.get(literal), word.end()

    def _skip(self, at: int) -> int:
        """Return the offset of the next token; report comments."""
        while True:
            space = _SPACE.match(self._content, at)
            at = space.end() if space else at
            comment = _COMMENT.match(self._content, at)
            if not comment:
                return at
            self._report(
                at, "comment", "comments are not allowed in JSON", hint='use "$comment", or write the file in YAML'
            )
            at = comment.end()

    def _opened(self, at: int) -> str:
        """Return a hint for the unclosed bracket at an offset."""
        line, column = self._text.line_and_column(at)
        return f'the "{self._content[at]}" on line {line}, column {column} is never closed'

    def _found(self, at: int) -> str:
        """Return a description of the token at an offset."""
        match self._content[at : at + 1]:
            case "":
                return "end of file"
            case '"':
                return "a string"
            case character:
                return self._word_at(at) or character

    def _word_at(self, at: int) -> str:
        return re.split(r"[\s,\]}]", self._content[at : at + 40], maxsplit=1)[0]

    def _report(self, at: int, code: str, message: str, *, pointer: str = "", **details: str | None) -> None:
        self._problems.append(self._text.problem(at, code, message, pointer=pointer, **details))

    def _fail(
        self,
        at: int,
        code: str,
        message: str,
        *,
        pointer: str = "",
        expected: str | None = None,
        got: str | None = None,
        hint: str | None = None,
    ) -> NoReturn:
        if expected is not None and got is None:
            got = self._found(at)
        self._problems.append(
            self._text.problem(at, code, message, pointer=pointer, expected=expected, got=got, hint=hint)
        )
        raise Unreadable
