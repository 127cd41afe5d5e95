"""Names of the members of enumerated types."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping
from itertools import chain, count
from typing import Final

from ... import model
from ...identifiers import Name, snake, transliterated

__all__ = ["member_names"]

OF_ALL: Final = frozenset({"mro", "name", "value"})
OF_STRINGS: Final = OF_ALL | {*dir(str)}
OF_INTEGERS: Final = OF_ALL | {*dir(int)}
"""Attributes of the classes, which type checkers do not let a member replace."""
PREFIX = "field"
"""Prefix of values that cannot start an identifier; the same as in datamodel-code-generator."""
DEFAULT: Final = model.Options()
WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def member_names(enumeration: model.Enumeration, options: model.Options = DEFAULT) -> Mapping[str | int, Name]:
    """Return the name of the member for each value, as datamodel-code-generator names it.

    Args:
        enumeration: Strings, or integers.
        options: Options with the case of names; by default, names have the case of the values.
    """
    names: dict[str | int, Name] = {}
    used, numbered = set[str](), dict[str, Iterator[str]]()
    labels = enumeration.labels or ("",) * len(enumeration.values)
    for value, label in zip(enumeration.values, labels, strict=True):
        taken = OF_STRINGS if isinstance(value, str) else OF_INTEGERS
        base = _with_case(_identifier(label or (value if isinstance(value, str) else f"integer_{value}")), options)
        numbers = numbered.setdefault(base, map(f"{base}_{{}}".format, count(1)))
        choices = chain((base, f"{base}_") if base in taken or keyword.iskeyword(base) else (base,), numbers)
        name = next(one for one in choices if not (one in used or one in taken or keyword.iskeyword(one)))
        used.add(name)
        names[value] = Name(name)
    return names


def _identifier(text: str) -> str:
    """Return an identifier that resembles ``text``; it may be a keyword."""
    name = re.sub(r"\W", "_", transliterated(text.removeprefix("#")))
    if not text.isascii():
        name = name.strip("_")
    if not name.strip("_") and text.strip("_ "):  # symbols, which have names in Unicode
        name = snake(text)
    if not name or name.startswith("_"):
        return f"{PREFIX}{name or '_'}"
    return f"{PREFIX}_{name}" if name[0].isdigit() else name


def _with_case(name: str, options: model.Options) -> str:
    if options.upper_case_members:
        return WORD_START.sub("_", name).upper()
    return WORD_START.sub("_", name).lower() if options.snake_case else name
