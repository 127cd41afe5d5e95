"""Names that are identifiers in every language, and the ways to spell them."""

from __future__ import annotations

import keyword
import re
import unicodedata

__all__ = ["JAVASCRIPT", "Name", "camel", "constant", "pascal", "snake"]

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
"""Words that name no variable in a module of JavaScript, and no snippet of a component."""


class Name(str):
    """An ASCII identifier that is no keyword of Python; :exc:`ValueError` if it is none."""

    __slots__ = ()

    def __new__(cls, text: str) -> Name:
        """Return ``text`` as a name."""
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text) or keyword.iskeyword(text):
            raise ValueError(f"{text!r} cannot be a name in generated code")
        return super().__new__(cls, text)

    def __html__(self) -> str:
        """Mark the text as fit for a template; see :mod:`codegen.emit.templates`."""
        return self


def pascal(text: str) -> Name:
    """Spell ``text`` as a class: ``line_item`` becomes ``LineItem``, ``URL`` and ``lineURL`` keep their capitals."""
    return _name("".join(chunk[0].upper() + chunk[1:] for chunk in _chunks(text)), prefix="Type")


def camel(text: str) -> Name:
    """Spell ``text`` as a TypeScript constant: ``line_item`` becomes ``lineItem``."""
    first, *others = _words(text)
    name = _name(first.lower() + "".join(word[0].upper() + word[1:] for word in others), prefix="value")
    return Name(f"{name}_") if name in JAVASCRIPT else name


def snake(text: str) -> Name:
    """Spell ``text`` as a Python function: ``LineItem`` becomes ``line_item``."""
    return _name("_".join(_words(text)).lower(), prefix="value_")


def constant(text: str) -> Name:
    """Spell ``text`` as a Python constant: ``LineItem`` becomes ``LINE_ITEM``."""
    return _name("_".join(_words(text)).upper(), prefix="VALUE_")


def _words(text: str) -> list[str]:
    return [word for chunk in _chunks(text) for word in _WORD.findall(chunk)]


def _chunks(text: str) -> list[str]:
    """Split ``text`` at what is neither letter nor digit; never into nothing.

    Accents go, and other characters beyond ASCII are spelled by their number, so that two names stay two.
    """
    spelled = "".join(
        character if character.isascii() else "" if unicodedata.combining(character) else f" U{ord(character):x} "
        for character in unicodedata.normalize("NFKD", text)
    )
    return re.findall(r"[A-Za-z0-9]+", spelled) or ["empty"]


def _name(text: str, *, prefix: str) -> Name:
    if text[0].isdigit():
        text = prefix + text
    return Name(f"{text}_" if keyword.iskeyword(text) else text)
