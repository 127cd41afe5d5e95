"""Identifiers that are valid in Python and TypeScript, and their naming conventions."""

from __future__ import annotations

import keyword
import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

__all__ = [
    "JAVASCRIPT",
    "Name",
    "camel",
    "capitalized",
    "constant",
    "ordinal",
    "pascal",
    "snake",
    "transliterated",
    "words",
]

_WORD = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+")


JAVASCRIPT = frozenset(
    {
        *(
            "arguments",
            "await",
            "break",
            "case",
            "catch",
            "class",
            "const",
            "continue",
            "debugger",
            "default",
            "delete",
        ),
        *("do", "else", "enum", "eval", "export", "extends", "false", "finally", "for", "function", "if"),
        *("implements", "import", "in", "instanceof", "interface", "let", "new", "null", "package", "private"),
        *("protected", "public", "return", "static", "super", "switch", "this", "throw", "true", "try", "typeof"),
        *("undefined", "var", "void", "while", "with", "yield"),
    }
)
"""Words that cannot name a variable in a JavaScript module or a Svelte snippet."""


CONSTANTS = frozenset({"Ellipsis", "NotImplemented"})
"""Constants of Python, which mypy does not accept as classes that are defined later."""


MAX_KNOWN = 1 << 14
"""Number of texts whose words are kept, since several emitters name the same things."""


ORDINALS = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")


_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Name(str):
    """ASCII identifier that is not a keyword of Python.

    Raises:
        ValueError: If the text is not such an identifier.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Name:
        """Return ``text`` as a name."""
        if not _IDENTIFIER.fullmatch(text) or keyword.iskeyword(text):
            raise ValueError(f"expected an identifier, got {text!r}")
        return super().__new__(cls, text)

    def __html__(self) -> str:
        """Return the text itself, which marks it as safe for templates (see :mod:`codegen.emit.templates`)."""
        return self


@lru_cache(maxsize=MAX_KNOWN)
def pascal(text: str) -> Name:
    """Return ``text`` as a class name: ``line_item`` becomes ``LineItem``; ``URL`` keeps its capitals."""
    return _name(capitalized(text), prefix="Type")


def capitalized(text: str) -> str:
    """Return ``text`` as a part of a class name; it may start with a digit or be a keyword."""
    return "".join(chunk[0].upper() + chunk[1:] for chunk in _chunks(text))


def camel(text: str) -> Name:
    """Return ``text`` as a TypeScript variable: ``line_item`` becomes ``lineItem``."""
    first, *others = words(text)
    name = _name(first.lower() + "".join(word[0].upper() + word[1:] for word in others), prefix="value")
    return Name(f"{name}_") if name in JAVASCRIPT else name


def snake(text: str) -> Name:
    """Return ``text`` as a Python function: ``LineItem`` becomes ``line_item``."""
    return _name("_".join(words(text)).lower(), prefix="value_")


def constant(text: str) -> Name:
    """Return ``text`` as a Python constant: ``LineItem`` becomes ``LINE_ITEM``."""
    return _name("_".join(words(text)).upper(), prefix="VALUE_")


def ordinal(position: int) -> str:
    """Return the part of a class name for the item of an array at ``position``: ``First`` for 0."""
    return ORDINALS[position] if position < len(ORDINALS) else f"Item{position + 1}"


def transliterated(text: str) -> str:
    """Return ``text`` in ASCII characters, which are not only letters."""
    return text if text.isascii() else anyascii(text)


def words(text: str) -> list[str]:
    """Return the words of ``text``: ``lineItem2`` has ``line`` and ``Item2``."""
    return [word for chunk in _chunks(text) for word in _WORD.findall(chunk)]


@lru_cache(MAX_KNOWN)
def _chunks(text: str) -> tuple[str, ...]:
    """Split ``text`` at characters other than letters and digits; the result is never empty.

    Other scripts are transliterated. A text of symbols becomes their Unicode names: ``>=`` becomes
    ``GreaterThanEquals``.
    """
    chunks = re.findall(r"[A-Za-z0-9]+", transliterated(text))
    if not chunks:
        names = (unicodedata.name(character, "").removesuffix(" SIGN") for character in text)
        chunks = [word.lower() for name in names for word in re.findall(r"[A-Z0-9]+", name)]
    return tuple(chunks) or ("empty",)


def _name(text: str, *, prefix: str) -> Name:
    if text[0].isdigit():
        text = prefix + text
    return Name(f"{text}_" if keyword.iskeyword(text) or text in CONSTANTS else text)
