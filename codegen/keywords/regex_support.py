"""Patterns and formats that both engines support, and the translation of patterns for the schema validator."""

from __future__ import annotations

from collections.abc import Iterator

from tornado_ws.validation.schema_validator import pattern_options

from ..regex.automaton import automaton
from ..regex.parser import parse
from ..regex.syntax_tree import UnsupportedPattern, has_boundary
from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.document import Json
from .bundle import Bundle
from .schema_index import SchemaIndex
from .vocabulary import walk

__all__ = ["FORMATS", "remove_unchecked_formats", "support_problems", "translate_patterns"]

FORMATS = frozenset(
    {
        *("date", "date-time", "duration", "email", "hostname", "ipv4", "ipv6"),
        *("json-pointer", "regex", "time", "uri", "uuid"),
    }
)
"""Formats that can be asserted."""


def remove_unchecked_formats(root: dict[str, Json]) -> None:
    """Remove the formats of a bundle that only one of the two languages could check, or neither."""
    for visit in walk(root, ""):
        if "format" in visit.schema and visit.schema["format"] not in FORMATS:
            del visit.schema["format"]


def support_problems(bundle: Bundle, index: SchemaIndex) -> Iterator[Problem]:
    """Yield a problem for each unsupported pattern."""
    has_lookahead, boundaries = False, list[tuple[str, str, str]]()
    for visit in index.visits:
        for keyword, pattern, pointer in _patterns(visit.schema):
            try:
                tree = parse(pattern).tree
                automaton(tree)
                has_lookahead |= pattern_options(pattern) is not pattern_options()  # the server's choice of the engine
                if has_boundary(tree):
                    boundaries.append((keyword, pattern, visit.pointer + pointer))
            except UnsupportedPattern as unsupported:
                yield _unsupported(bundle, (keyword, pattern, visit.pointer + pointer), unsupported)
    if has_lookahead:
        reason = UnsupportedPattern(
            "\\b beside lookaheads in other patterns of the endpoint", "describe the characters at the boundary"
        )
        yield from (_unsupported(bundle, boundary, reason) for boundary in boundaries)


def _unsupported(bundle: Bundle, pattern: tuple[str, str, str], reason: UnsupportedPattern) -> Problem:
    """Return the problem with a pattern, given by keyword, text and pointer."""
    keyword, text, pointer = pattern
    document, original = bundle.origin(pointer)
    return document.problem(
        original,
        "unsupported_pattern",
        f"the pattern is not supported: {reason}",
        key=keyword == "patternProperties",
        got=f'"{text}"',
        hint=reason.hint or "patterns follow ECMA-262 with the u flag and match in linear time",
    )


def translate_patterns(root: dict[str, Json], index: SchemaIndex) -> None:
    """Translate the patterns of a bundle for the schema validator, and add the originals under ``patterns``."""
    originals: dict[str, str] = {}
    for visit in index.visits:
        schema = visit.schema
        if isinstance(schema.get("pattern"), str):
            schema["pattern"] = _translated(schema["pattern"], originals)
        if isinstance(schema.get("patternProperties"), dict):
            schema["patternProperties"] = {
                _translated(name, originals): subschema for name, subschema in schema["patternProperties"].items()
            }
    if others := {translated: pattern for translated, pattern in originals.items() if translated != pattern}:
        root["patterns"] = others


def _translated(pattern: str, originals: dict[str, str]) -> str:
    """Return a unique translation of a pattern, since patterns are keys of ``patternProperties``."""
    translated = parse(pattern).rust
    while originals.setdefault(translated, pattern) != pattern:
        translated = f"(?:{translated})"
    return translated


def _patterns(schema: dict[str, Json]) -> Iterator[tuple[str, str, str]]:
    """Yield the keyword, text and pointer of each pattern in a schema."""
    if isinstance(schema.get("pattern"), str):
        yield "pattern", schema["pattern"], "/pattern"
    for name in schema.get("patternProperties", ()):
        yield "patternProperties", name, json_pointer.join("/patternProperties", name)
