"""Validator for the schema document of an endpoint, by jsonschema-rs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import msgspec

from ..errors import ErrorData
from . import json_pointer
from .first_error import first_error
from .references import FRAGMENT, HOME, REFERS, References, has_references

__all__ = ["REFERS", "SchemaValidator", "pattern_predicate"]

KEYWORDS = 128
"""Number of compiled keywords, such as patterns, that are kept for :meth:`SchemaValidator.first_error`."""
LINEAR = jsonschema_rs.RegexOptions()
"""The regular expression engine that takes linear time for every pattern and text."""
UNEVALUATED = "unevaluatedProperties"
IN_PLACE = ("$dynamicRef", "$ref", "allOf", "anyOf", "dependentSchemas", "else", "if", "oneOf", "then")
COMPANIONS = {
    "additionalProperties": ("patternProperties", "properties"),
    "contains": ("maxContains", "minContains"),
    "if": ("else", "then"),
    "items": ("prefixItems",),
    UNEVALUATED: (*IN_PLACE, "additionalProperties", "patternProperties", "properties"),
}
"""Keywords whose result depends on others beside them."""
HOLLOW = frozenset({"patternProperties", "prefixItems", "properties"})
"""Companions that matter only by their names, patterns or positions, not by their schemas."""


class SchemaValidator:
    """Validity and first error of values, by any schema of one document."""

    def __init__(self, schema: str, *, formats: bool = False) -> None:
        """Read the document.

        Args:
            schema: A JSON Schema (2020-12) document as JSON text, with all that it refers to.
            formats: True if ``format`` is asserted.
        """
        self._formats = formats
        self._document: Any = msgspec.json.decode(schema)
        stated = self._document if isinstance(self._document, dict) else {}
        self._home: str = stated.get("$id", HOME)
        self._patterns: dict[str, str] = stated.get("patterns", {})
        self._registry = jsonschema_rs.Registry([(self._home, self._document)])
        self._references = References(self._document, self._home)
        self._predicate_of_keyword = lru_cache(KEYWORDS, typed=True)(
            lambda keyword, value: self._compile({keyword: value})
        )
        self._predicates: dict[str, Callable[[Any], bool]] = {}
        self._payloads: Callable[[Any], bool] = self._compile(True)
        self._prepared: frozenset[str] = frozenset()

    def prepare(self, pointers: Iterable[str]) -> None:
        """Compile the schemas at these JSON Pointers, all at once: definitions that they share are compiled once.

        Without it :meth:`first_error` compiles each schema at its first use.
        """
        self._prepared = frozenset(pointers)
        self._payloads = self._compile(
            {"properties": {pointer: self._reference(pointer) for pointer in self._prepared}}
        )

    def predicate(self, pointer: str) -> Callable[[Any], bool]:
        """Return the test of the schema at a JSON Pointer; it takes plain JSON values."""
        if pointer not in self._predicates:
            try:
                schema = json_pointer.resolve(self._document, pointer)
            except LookupError:
                schema = None
            if schema is None or has_references(schema):
                schema = self._reference(pointer)
            self._predicates[pointer] = self._compile(schema)
        return self._predicates[pointer]

    def predicate_of_schema(self, schema: str) -> Callable[[Any], bool]:
        """Return the test of a schema that is not in the document: JSON text, with absolute references into it."""
        return self._compile(msgspec.json.decode(schema))

    def predicate_of_keywords(self, pointer: str, keywords: Collection[str]) -> Callable[[Any], bool]:
        """Return the test of some keywords of the schema at ``pointer``, for values that its other keywords accept."""
        schema = json_pointer.resolve(self._document, pointer)
        others = {name for keyword in keywords for name in COMPANIONS.get(keyword, ())}.difference(keywords)
        parts = {name: value for name, value in schema.items() if name in keywords}
        parts |= {name: _hollow(value) if name in HOLLOW else value for name, value in schema.items() if name in others}
        if not parts.keys() >= {*keywords} or has_references(parts):
            return self.predicate(pointer)
        accepts = self._compile(parts)
        return _of_others(accepts, schema.get("properties", {})) if {*keywords} == {UNEVALUATED} else accepts

    def first_error(self, pointer: str, value: Any) -> ErrorData | None:
        """Return the first error of a value by the schema at ``pointer``; None if it is valid."""
        if self._is_valid(pointer, value):
            return None
        return first_error(
            pointer,
            value,
            self._references,
            self._compile,
            self._predicate_of_keyword,
            formats=self._formats,
            patterns=self._patterns,
        )

    def _is_valid(self, pointer: str, value: Any) -> bool:
        try:
            return self._payloads({pointer: value}) if pointer in self._prepared else self.predicate(pointer)(value)
        except (ValueError, RecursionError):  # no verdict, as on a reference that leads nowhere
            return False

    def _reference(self, pointer: str) -> dict[str, str]:
        return {"$ref": f"{self._home}#{quote(pointer, safe=FRAGMENT)}"}

    def _compile(self, schema: Any) -> Callable[[Any], bool]:
        return jsonschema_rs.Draft202012Validator(
            schema,
            registry=self._registry,
            offline=True,
            mask="…",
            pattern_options=LINEAR,
            validate_formats=self._formats,
        ).is_valid


def _hollow(schemas: Any) -> Any:  # JSON values
    """Return an object or an array of schemas with ``true`` in place of each."""
    return dict.fromkeys(schemas, True) if isinstance(schemas, dict) else [True] * len(schemas)


def _of_others(accepts: Callable[[Any], bool], known: Collection[str]) -> Callable[[Any], bool]:
    """Return a test that is skipped for objects without other properties than the known ones."""
    names = frozenset(known)
    return lambda plain: (type(plain) is dict and names.issuperset(plain)) or accepts(plain)


def pattern_predicate(pattern: str) -> Callable[[str], bool]:
    """Return the test of a regular expression, with the engine of :class:`SchemaValidator`.

    Raises:
        ValueError: It is not a regular expression, or cannot be matched in linear time.
    """
    return jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=LINEAR).is_valid
