"""Finds patterns and formats that not every engine understands, and spells the others for the judge."""

from __future__ import annotations

from collections.abc import Iterator

from ..regex.automaton import automaton
from ..regex.parser import parse
from ..regex.syntax_tree import UnsupportedPattern
from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.document import Json
from .bundle import Bundle
from .vocabulary import walk

__all__ = ["FORMATS", "spell", "unsupported"]

FORMATS = frozenset(
    {
        *("date", "date-time", "duration", "email", "hostname", "ipv4", "ipv6"),
        *("json-pointer", "regex", "time", "uri", "uuid"),
    }
)
"""Those that can be asserted."""


def unsupported(bundle: Bundle, *, formats: bool) -> Iterator[Problem]:
    """Yield a problem for each pattern, and if ``formats`` for each format, that cannot be used."""
    for visit in walk(bundle.root, ""):
        if not visit.known:
            continue
        stated = visit.schema.get("format")
        if formats and isinstance(stated, str) and stated not in FORMATS:
            document, at = bundle.origin(f"{visit.pointer}/format")
            expected = f"one of {', '.join(sorted(FORMATS))}"
            message, hint = "not every engine knows the format", "formats are asserted: see format-assertion"
            yield document.problem(at, "unknown_format", message, expected=expected, got=f'"{stated}"', hint=hint)
        for keyword, pattern, pointer in _patterns(visit.schema):
            try:
                automaton(parse(pattern).tree)
            except UnsupportedPattern as unsupported:
                document, at = bundle.origin(visit.pointer + pointer)
                yield document.problem(
                    at,
                    "unsupported_pattern",
                    f"the pattern cannot be used: {unsupported}",
                    key=keyword == "patternProperties",
                    got=f'"{pattern}"',
                    hint="patterns follow ECMA-262 with the u flag, without what only some engines know",
                )


def spell(root: dict[str, Json]) -> None:
    """Spell the patterns of a bundle as the judge wants them; note how their authors did, under ``patterns``."""
    authors: dict[str, str] = {}
    for visit in list(walk(root, "")):
        if not visit.known:
            continue
        schema = visit.schema
        if isinstance(schema.get("pattern"), str):
            schema["pattern"] = _spelled(schema["pattern"], authors)
        if isinstance(schema.get("patternProperties"), dict):
            schema["patternProperties"] = {
                _spelled(name, authors): below for name, below in schema["patternProperties"].items()
            }
    if others := {judged: pattern for judged, pattern in authors.items() if judged != pattern}:
        root["patterns"] = others


def _spelled(pattern: str, authors: dict[str, str]) -> str:
    """Return the judge's spelling, which no other pattern may have: as names of properties both must be there."""
    judged = parse(pattern).rust
    while authors.setdefault(judged, pattern) != pattern:
        judged = f"(?:{judged})"
    return judged


def _patterns(schema: dict[str, Json]) -> Iterator[tuple[str, str, str]]:
    """Yield the patterns of a schema: keyword, text and pointer."""
    if isinstance(schema.get("pattern"), str):
        yield "pattern", schema["pattern"], "/pattern"
    for name in schema.get("patternProperties", ()):
        yield "patternProperties", name, json_pointer.join("/patternProperties", name)
