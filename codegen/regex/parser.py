"""Regular expressions of JSON Schema (ECMA-262, ``u`` flag), read such that every engine can be told the same.

The server asks Rust's engine, through jsonschema-rs; the browser its own. Both take most patterns as they are written.
They disagree on ``.`` and ``\\b``, and each refuses things that the other one takes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

import jsonschema_rs

__all__ = ["Assertion", "Choice", "Class", "Node", "Pattern", "Repeat", "Sequence", "UnsupportedPattern", "parse"]

MOST = 0x10FFFF
SYNTAX = frozenset("^$\\.*+?()[]{}|/")
LENIENT = frozenset("!\"#%&',-:;=@_`~ ")
"""Escaped without need; JavaScript refuses that, Rust does not."""
CONTROLS = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
DIGITS = ((0x30, 0x39),)
WORDS = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
SPACES = (
    *((9, 13), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A)),
    *((0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
)
LINE_ENDS = ((10, 10), (13, 13), (0x2028, 0x2029))
PROPERTY = re.compile(r"\{((?:(?:Script|sc|Script_Extensions|scx)=)?[A-Za-z][A-Za-z_]*)\}")
BINARY = frozenset({"ASCII", "Alphabetic", "Any", "Emoji", "Lowercase", "Uppercase", "White_Space"})
CATEGORIES = frozenset(
    {
        *("C", "Cc", "Cf", "Cn", "Co", "L", "LC", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd", "Nl"),
        *("No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs"),
        *(
            "Letter",
            "Lowercase_Letter",
            "Uppercase_Letter",
            "Mark",
            "Number",
            "Decimal_Number",
            "Punctuation",
            "Symbol",
        ),
        *("Separator", "Space_Separator", "Other", "Control"),
    }
)

Ranges: TypeAlias = tuple[tuple[int, int], ...]


class UnsupportedPattern(ValueError):
    """A pattern that not every engine reads, or not in the same way."""


@dataclass(frozen=True, kw_only=True)
class Class:
    """One character of a set."""

    ranges: Ranges | None
    """None: nobody here knows which."""
    text: str
    """As JavaScript spells it."""
    judged: str
    """As Rust spells it."""


@dataclass(frozen=True, kw_only=True)
class Assertion:
    """A place between characters."""

    kind: Literal["start", "end", "boundary"]
    text: str
    judged: str


@dataclass(frozen=True, kw_only=True)
class Sequence:
    """One after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of several."""

    options: tuple[Node, ...]
    opening: str = ""
    """How the group begins; empty if it is none."""


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """Several times."""

    part: Node
    least: int
    most: int | None
    text: str


Node: TypeAlias = Class | Assertion | Sequence | Choice | Repeat


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A pattern that has been understood."""

    source: str
    tree: Node
    strict: bool
    """Whether JavaScript takes it as it is written."""
    foreign: bool
    """Whether Rust does not."""

    @property
    def ecma(self) -> str:
        """As JavaScript takes it, with the ``u`` flag."""
        return self.source if self.strict else _spell(self.tree, judged=False)

    @property
    def judged(self) -> str:
        """As jsonschema-rs takes it."""
        return _spell(self.tree, judged=True) if self.foreign or _differs(self.tree) else self.source


def parse(source: str) -> Pattern:
    """Read a pattern.

    Raises:
        UnsupportedPattern: If not every engine can be told to find the same.

    """
    reader = _Reader(source)
    tree = reader.choice()
    if reader.rest:
        raise UnsupportedPattern(f"{reader.rest[0]} closes nothing")
    pattern = Pattern(source=source, tree=tree, strict=reader.strict, foreign=reader.foreign)
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern.judged}, pattern_options=jsonschema_rs.RegexOptions())
    except jsonschema_rs.ValidationError:
        raise UnsupportedPattern("the server's engine refuses it, maybe for its size") from None
    return pattern


def _spell(node: Node, *, judged: bool) -> str:
    match node:
        case Class() | Assertion():
            return node.judged if judged else node.text
        case Sequence(parts=parts):
            return "".join(_spell(part, judged=judged) for part in parts)
        case Choice(options=options, opening=opening):
            inside = "|".join(_spell(option, judged=judged) for option in options)
            return f"{opening}{inside})" if opening else inside
        case Repeat(part=part, text=text):
            return _spell(part, judged=judged) + text


def _differs(node: Node) -> bool:
    match node:
        case Class() | Assertion():
            return node.text != node.judged
        case Sequence(parts=parts) | Choice(options=parts):
            return any(map(_differs, parts))
        case Repeat(part=part):
            return _differs(part)


class _Reader:
    """Reads from left to right."""

    def __init__(self, source: str) -> None:
        self.rest = source
        self.strict = True
        self.foreign = False
        self._names: set[str] = set()

    def choice(self, opening: str = "") -> Node:
        options = [self._sequence()]
        while self._eat("|"):
            options.append(self._sequence())
        return options[0] if len(options) == 1 and not opening else Choice(options=tuple(options), opening=opening)

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self.rest and self.rest[0] not in "|)":
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else Sequence(parts=tuple(parts))

    def _term(self) -> Node:
        part = self._atom()
        found = re.match(r"(?:([*+?])|\{(\d+)(,?)(\d*)\})\??", self.rest)
        if found is None:
            return part
        if isinstance(part, Assertion):
            raise UnsupportedPattern(f"{found.group()} repeats no character")
        self.rest = self.rest[found.end() :]
        sign, least, comma, most = found.groups()
        bounds = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(sign) or (
            int(least),
            int(most) if most else None if comma else int(least),
        )
        if bounds[1] is not None and bounds[1] < bounds[0]:
            raise UnsupportedPattern(f"{found.group()} wants fewer than it needs")
        return Repeat(part=part, least=bounds[0], most=bounds[1], text=found.group())

    def _atom(self) -> Node:
        character = self._take()
        match character:
            case "^" | "$":
                kind: Literal["start", "end"] = "start" if character == "^" else "end"
                return Assertion(kind=kind, text=character, judged=character)
            case "(":
                return self._group()
            case "[":
                return self._set()
            case ".":
                return Class(ranges=_without(LINE_ENDS), text=".", judged=r"[^\n\r\u2028\u2029]")
            case "\\":
                return self._escape()
            case "*" | "+" | "?" | "{":
                raise UnsupportedPattern(f"{character} stands where there is nothing to repeat")
            case "]" | "}":
                self.strict = False
        return _literal(ord(character))

    def _group(self) -> Node:
        found = re.match(r"\?(?::|<([A-Za-z_]\w*)>)", self.rest, re.ASCII)
        if found is not None:
            self.rest = self.rest[found.end() :]
            if found[1] in self._names:
                raise UnsupportedPattern(f"two groups are called {found[1]}")
            self._names |= {found[1]} if found[1] else set()
        elif self.rest.startswith(("?=", "?!", "?<=", "?<!")):
            raise UnsupportedPattern("what looks ahead or behind takes more than linear time")
        elif self.rest.startswith("?"):
            raise UnsupportedPattern(f"({self.rest[:2]} is unknown to JavaScript")
        inside = self.choice(f"({found.group() if found else ''}")
        if not self._eat(")"):
            raise UnsupportedPattern("a group is not closed")
        return inside

    def _escape(self) -> Node:
        letter = self._take()
        match letter:
            case "b" | "B":
                return Assertion(kind="boundary", text=f"\\{letter}", judged=f"(?-u:\\{letter})")
            case "d" | "D" | "s" | "S" | "w" | "W" | "p" | "P":
                return self._shorthand(letter)
            case "k" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9":
                raise UnsupportedPattern("what refers to a group takes more than linear time")
        return _literal(self._character(letter))

    def _shorthand(self, letter: str) -> Class:
        if letter in "pP":
            found = PROPERTY.match(self.rest)
            if found is None or not ("=" in found[1] or found[1] in CATEGORIES | BINARY):
                raise UnsupportedPattern(f"\\{letter} names no property that all engines know")
            self.rest = self.rest[found.end() :]
            text = f"\\{letter}{found.group()}"
            return Class(ranges=None, text=text, judged=text)
        ranges = {"d": DIGITS, "s": SPACES, "w": WORDS}[letter.lower()]
        return Class(ranges=ranges if letter.islower() else _without(ranges), text=f"\\{letter}", judged=f"\\{letter}")

    def _character(self, letter: str) -> int:
        """Return the code of the character that an escape stands for."""
        if letter in CONTROLS:
            return CONTROLS[letter]
        if letter == "c" and re.match(r"[A-Za-z]", self.rest):
            return ord(self._take()) % 32
        if letter == "0" and not re.match(r"\d", self.rest):
            self.foreign = True
            return 0
        found = re.match(r"x([0-9A-Fa-f]{2})|u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})", letter + self.rest)
        if found is not None:
            self.rest = self.rest[found.end() - 1 :]
            return self._pair(int(found[1] or found[2] or found[3], 16))
        if letter not in SYNTAX:
            if letter not in LENIENT:
                raise UnsupportedPattern(f"\\{letter} means nothing")
            self.strict = False
        return ord(letter)

    def _pair(self, code: int) -> int:
        """Join the halves of a surrogate pair."""
        low = re.match(r"\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})", self.rest)
        if 0xD800 <= code < 0xDC00 and low is not None:
            self.rest = self.rest[low.end() :]
            self.foreign = True
            return 0x10000 + (code - 0xD800) * 0x400 + int(low[1], 16) - 0xDC00
        if 0xD800 <= code < 0xE000 or code > MOST:
            raise UnsupportedPattern(f"U+{code:04X} is no character")
        return code

    def _set(self) -> Class:
        negated = self._eat("^")
        ranges: list[tuple[int, int]] | None = []
        texts: list[str] = []
        while not self._eat("]"):
            first = self._member()
            if self.rest.startswith("-") and not self.rest.startswith("-]"):
                self._take()
                last = self._member()
                if isinstance(first, Class) or isinstance(last, Class):
                    raise UnsupportedPattern("a range begins or ends with a class of characters")
                if last < first:
                    raise UnsupportedPattern("a range ends before it begins")
                texts.append(f"{_in_set(first)}-{_in_set(last)}")
                ranges = None if ranges is None else [*ranges, (first, last)]
            elif isinstance(first, Class):
                texts.append(first.text)
                ranges = None if ranges is None or first.ranges is None else [*ranges, *first.ranges]
            else:
                texts.append(_in_set(first))
                ranges = None if ranges is None else [*ranges, (first, first)]
        if not texts:
            raise UnsupportedPattern("a set of characters is empty")
        text = f"[{'^' if negated else ''}{''.join(texts)}]"
        known = None if ranges is None else _without(tuple(ranges)) if negated else tuple(ranges)
        return Class(ranges=known, text=text, judged=text)

    def _member(self) -> int | Class:
        character = self._take()
        if character != "\\":
            return ord(character)
        letter = self._take()
        if letter in "dDsSwWpP":
            return self._shorthand(letter)
        if letter == "b":
            self.foreign = True
            return 8
        return ord("-") if letter == "-" else self._character(letter)

    def _take(self) -> str:
        if not self.rest:
            raise UnsupportedPattern("it ends too early")
        character, self.rest = self.rest[0], self.rest[1:]
        return character

    def _eat(self, character: str) -> bool:
        if self.rest.startswith(character):
            self.rest = self.rest[1:]
            return True
        return False


def _literal(code: int) -> Class:
    character = chr(code)
    text = f"\\{character}" if character in SYNTAX else _shown(code)
    return Class(ranges=((code, code),), text=text, judged=text)


def _in_set(code: int) -> str:
    return f"\\{chr(code)}" if chr(code) in "\\]^-[" else _shown(code)


def _shown(code: int) -> str:
    return chr(code) if chr(code).isprintable() else f"\\u{{{code:x}}}"


def _without(ranges: Ranges) -> Ranges:
    """Return all characters but some."""
    left: list[tuple[int, int]] = []
    begin = 0
    for first, last in sorted(ranges):
        if first > begin:
            left.append((begin, first - 1))
        begin = max(begin, last + 1)
    return (*left, (begin, MOST)) if begin <= MOST else tuple(left)
