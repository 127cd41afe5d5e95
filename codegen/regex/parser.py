"""Parser for regular expressions of JSON Schema (ECMA-262, ``u`` flag), translated for both engines.

The server uses Rust's ``regex`` through jsonschema-rs, the client the engine of the browser. Most patterns are equal in
both. They differ in ``.`` and ``\\b``, and each rejects some patterns that the other accepts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import jsonschema_rs

from tornado_ws.validation.schema_validator import pattern_options

from .syntax_tree import (
    Alternation,
    Assertion,
    CharacterClass,
    Lookahead,
    Node,
    Ranges,
    Repeat,
    Sequence,
    UnsupportedPattern,
    has_boundary,
    lookaheads,
)

__all__ = ["Pattern", "parse"]

LAST_CODE_POINT = 0x10FFFF
SYNTAX_CHARACTERS = frozenset("^$\\.*+?()[]{}|/")
RUST_ESCAPES = frozenset("!\"#%&',-:;=@_`~ ")
"""Characters that Rust allows after a backslash, but JavaScript does not."""
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


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """Parsed pattern."""

    source: str
    tree: Node
    is_ecma: bool
    """True if JavaScript accepts :attr:`source`."""
    is_rust: bool
    """True if Rust accepts :attr:`source`."""

    @property
    def ecma(self) -> str:
        """Pattern for JavaScript, with the ``u`` flag."""
        return self.source if self.is_ecma else _format(self.tree, rust=False)

    @property
    def rust(self) -> str:
        """Pattern for jsonschema-rs."""
        return self.source if self.is_rust and not _differs(self.tree) else _format(self.tree, rust=True)


def parse(source: str) -> Pattern:
    """Return the parsed pattern.

    Raises:
        UnsupportedPattern: If the engines cannot match the pattern equally.
    """
    parser = _Parser(source)
    tree = parser.alternation()
    if parser.rest:
        raise UnsupportedPattern(f"unmatched {parser.rest[0]}")
    found, leading = list(lookaheads(tree)), {id(lookahead) for lookahead in _leading(tree)}
    for lookahead in found:
        if id(lookahead) not in leading:
            condition = _format(lookahead, rust=False)
            message = f"{condition} is not at the start of the pattern, so that it could need more than linear time"
            raise UnsupportedPattern(
                message, "write lookaheads directly after ^, or several patterns under allOf and not"
            )
    pattern = Pattern(source=source, tree=tree, is_ecma=parser.is_ecma, is_rust=parser.is_rust)
    if found and has_boundary(tree):
        raise UnsupportedPattern("\\b beside a lookahead", "describe the characters at the boundary")
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern.rust}, pattern_options=pattern_options(source))
    except jsonschema_rs.ValidationError:
        raise UnsupportedPattern("rejected by the engine of the server, possibly because of its size") from None
    return pattern


def _leading(node: Node, *, is_anchored: bool = False) -> Iterator[Lookahead]:
    """Yield the lookaheads directly after ``^``: both engines evaluate them once, and then match the rest as before."""
    for part in node.parts if isinstance(node, Sequence) else (node,):
        if isinstance(part, Lookahead) and is_anchored:
            yield part
            yield from _leading(part.inside, is_anchored=True)
        elif isinstance(part, Assertion):
            is_anchored = is_anchored or part.position == "start"
        else:
            return


def _format(node: Node, *, rust: bool) -> str:
    match node:
        case Lookahead(inside=inside, is_negative=is_negative):
            return f"(?{'!' if is_negative else '='}{_format(inside, rust=rust)})"
        case CharacterClass() | Assertion():
            return node.rust if rust else node.ecma
        case Sequence(parts=parts):
            return "".join(_format(part, rust=rust) for part in parts)
        case Alternation(options=options, opening=opening):
            text = "|".join(_format(option, rust=rust) for option in options)
            return f"{opening}{text})" if opening else text
        case Repeat(part=part, quantifier=quantifier):
            return _format(part, rust=rust) + quantifier


def _differs(node: Node) -> bool:
    match node:
        case CharacterClass() | Assertion():
            return node.ecma != node.rust
        case Sequence(parts=parts) | Alternation(options=parts):
            return any(map(_differs, parts))
        case Repeat(part=part) | Lookahead(inside=part):
            return _differs(part)


class _Parser:
    """Recursive-descent parser."""

    def __init__(self, source: str) -> None:
        self.rest = source
        self.is_ecma = True
        self.is_rust = True
        self._names: set[str] = set()

    def alternation(self, opening: str = "") -> Node:
        options = [self._sequence()]
        while self._accept("|"):
            options.append(self._sequence())
        return options[0] if len(options) == 1 and not opening else Alternation(options=tuple(options), opening=opening)

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
        if isinstance(part, Assertion | Lookahead):
            raise UnsupportedPattern(f"nothing to repeat before {found.group()}")
        self.rest = self.rest[found.end() :]
        sign, minimum, comma, maximum = found.groups()
        bounds = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(sign) or (
            int(minimum),
            int(maximum) if maximum else None if comma else int(minimum),
        )
        if bounds[1] is not None and bounds[1] < bounds[0]:
            raise UnsupportedPattern(f"minimum exceeds maximum in {found.group()}")
        return Repeat(part=part, minimum=bounds[0], maximum=bounds[1], quantifier=found.group())

    def _atom(self) -> Node:
        character = self._next()
        match character:
            case "^" | "$":
                position: Literal["start", "end"] = "start" if character == "^" else "end"
                return Assertion(position=position, ecma=character, rust=character)
            case "(":
                return self._group()
            case "[":
                return self._set()
            case ".":
                return CharacterClass(ranges=_complement(LINE_ENDS), ecma=".", rust=r"[^\n\r\u2028\u2029]")
            case "\\":
                return self._escape()
            case "*" | "+" | "?" | "{":
                raise UnsupportedPattern(f"nothing to repeat before {character}")
            case "]" | "}":
                self.is_ecma = False
        return _literal(ord(character))

    def _group(self) -> Node:
        found = re.match(r"\?(?::|<([A-Za-z_]\w*)>)", self.rest, re.ASCII)
        if found is not None:
            self.rest = self.rest[found.end() :]
            if found[1] in self._names:
                raise UnsupportedPattern(f"duplicate group name {found[1]}")
            self._names |= {found[1]} if found[1] else set()
        elif self.rest.startswith(("?=", "?!")):
            return self._lookahead()
        elif self.rest.startswith(("?<=", "?<!")):
            raise UnsupportedPattern("lookbehind is not supported, as it needs more than linear time")
        elif self.rest.startswith("?"):
            raise UnsupportedPattern(f"({self.rest[:2]} is not supported by JavaScript")
        inside = self.alternation(f"({found.group() if found else ''}")
        if not self._accept(")"):
            raise UnsupportedPattern("unterminated group")
        return inside

    def _lookahead(self) -> Lookahead:
        self._next()
        is_negative = self._next() == "!"
        inside = self.alternation()
        if not self._accept(")"):
            raise UnsupportedPattern("unterminated group")
        return Lookahead(inside=inside, is_negative=is_negative)

    def _escape(self) -> Node:
        letter = self._next()
        match letter:
            case "b" | "B":
                return Assertion(position="boundary", ecma=f"\\{letter}", rust=f"(?-u:\\{letter})")
            case "d" | "D" | "s" | "S" | "w" | "W" | "p" | "P":
                return self._shorthand(letter)
            case "k" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9":
                raise UnsupportedPattern("backreferences are not supported, as they need more than linear time")
        return _literal(self._character(letter))

    def _shorthand(self, letter: str) -> CharacterClass:
        if letter in "pP":
            found = PROPERTY.match(self.rest)
            if found is None or not ("=" in found[1] or found[1] in CATEGORIES | BINARY):
                raise UnsupportedPattern(f"unsupported Unicode property after \\{letter}")
            self.rest = self.rest[found.end() :]
            text = f"\\{letter}{found.group()}"
            return CharacterClass(ranges=None, ecma=text, rust=text)
        ranges = {"d": DIGITS, "s": SPACES, "w": WORDS}[letter.lower()]
        return CharacterClass(
            ranges=ranges if letter.islower() else _complement(ranges), ecma=f"\\{letter}", rust=f"\\{letter}"
        )

    def _character(self, letter: str) -> int:
        """Return the code point of an escape."""
        if letter in CONTROLS:
            return CONTROLS[letter]
        if letter == "c" and re.match(r"[A-Za-z]", self.rest):
            return ord(self._next()) % 32
        if letter == "0" and not re.match(r"\d", self.rest):
            self.is_rust = False
            return 0
        found = re.match(r"x([0-9A-Fa-f]{2})|u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})", letter + self.rest)
        if found is not None:
            self.rest = self.rest[found.end() - 1 :]
            return self._pair(int(found[1] or found[2] or found[3], 16))
        if letter not in SYNTAX_CHARACTERS:
            if letter not in RUST_ESCAPES:
                raise UnsupportedPattern(f"unknown escape \\{letter}")
            self.is_ecma = False
        return ord(letter)

    def _pair(self, code: int) -> int:
        """Return the code point of a surrogate pair, or ``code`` if it is not a surrogate."""
        low = re.match(r"\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})", self.rest)
        if 0xD800 <= code < 0xDC00 and low is not None:
            self.rest = self.rest[low.end() :]
            self.is_rust = False
            return 0x10000 + (code - 0xD800) * 0x400 + int(low[1], 16) - 0xDC00
        if 0xD800 <= code < 0xE000 or code > LAST_CODE_POINT:
            raise UnsupportedPattern(f"U+{code:04X} is not a character")
        return code

    def _set(self) -> CharacterClass:
        negated = self._accept("^")
        ranges: list[tuple[int, int]] | None = []
        texts: list[str] = []
        while not self._accept("]"):
            first = self._member()
            if self.rest.startswith("-") and not self.rest.startswith("-]"):
                self._next()
                last = self._member()
                if isinstance(first, CharacterClass) or isinstance(last, CharacterClass):
                    raise UnsupportedPattern("a range cannot start or end with a character class")
                if last < first:
                    raise UnsupportedPattern("a range ends before its start")
                texts.append(f"{_in_set(first)}-{_in_set(last)}")
                ranges = None if ranges is None else [*ranges, (first, last)]
            elif isinstance(first, CharacterClass):
                texts.append(first.ecma)
                ranges = None if ranges is None or first.ranges is None else [*ranges, *first.ranges]
            else:
                texts.append(_in_set(first))
                ranges = None if ranges is None else [*ranges, (first, first)]
        if not texts:
            raise UnsupportedPattern("empty character class")
        text = f"[{'^' if negated else ''}{''.join(texts)}]"
        known = None if ranges is None else _complement(tuple(ranges)) if negated else tuple(ranges)
        return CharacterClass(ranges=known, ecma=text, rust=text)

    def _member(self) -> int | CharacterClass:
        character = self._next()
        if character != "\\":
            return ord(character)
        letter = self._next()
        if letter in "dDsSwWpP":
            return self._shorthand(letter)
        if letter == "b":
            self.is_rust = False
            return 8
        return ord("-") if letter == "-" else self._character(letter)

    def _next(self) -> str:
        if not self.rest:
            raise UnsupportedPattern("unexpected end")
        character, self.rest = self.rest[0], self.rest[1:]
        return character

    def _accept(self, character: str) -> bool:
        if self.rest.startswith(character):
            self.rest = self.rest[1:]
            return True
        return False


def _literal(code: int) -> CharacterClass:
    character = chr(code)
    text = f"\\{character}" if character in SYNTAX_CHARACTERS else _printable(code)
    return CharacterClass(ranges=((code, code),), ecma=text, rust=text)


def _in_set(code: int) -> str:
    return f"\\{chr(code)}" if chr(code) in "\\]^-[" else _printable(code)


def _printable(code: int) -> str:
    return chr(code) if chr(code).isprintable() else f"\\u{{{code:x}}}"


def _complement(ranges: Ranges) -> Ranges:
    """Return the complement of ``ranges``."""
    complement: list[tuple[int, int]] = []
    begin = 0
    for first, last in sorted(ranges):
        if first > begin:
            complement.append((begin, first - 1))
        begin = max(begin, last + 1)
    return (*complement, (begin, LAST_CODE_POINT)) if begin <= LAST_CODE_POINT else tuple(complement)
