"""Validator for the schema document of an endpoint, based on jsonschema-rs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import msgspec

from ..errors import ErrorData
from . import json_pointer
from .first_error import first_error, unnamed_property
from .local_tests import local_test
from .nested_verdicts import NestedVerdicts
from .references import DEFAULT_BASE_URI, FRAGMENT, REFERENCE, References, has_references

__all__ = ["REFERENCE", "SchemaValidator", "pattern_options", "pattern_predicate"]

LINEAR = jsonschema_rs.RegexOptions()
"""Options for the regular expression engine with linear time for every pattern and text."""
LOOKAHEAD = jsonschema_rs.FancyRegexOptions()
"""Options for the engine with lookaheads. It needs linear time if they follow ``^``, and codegen rejects others."""
UNEVALUATED = "unevaluatedProperties"
IN_PLACE_APPLICATORS = ("$dynamicRef", "$ref", "allOf", "anyOf", "dependentSchemas", "else", "if", "oneOf", "then")
"""Keywords that apply subschemas to the value itself (JSON Schema core, section 10.2)."""
DEPENDENCIES = {
    "additionalProperties": ("patternProperties", "properties"),
    "contains": ("maxContains", "minContains"),
    "if": ("else", "then"),
    "items": ("prefixItems",),
    UNEVALUATED: (*IN_PLACE_APPLICATORS, "additionalProperties", "patternProperties", "properties"),
}
"""Keywords whose result depends on adjacent keywords, with these keywords."""
NAMES_ONLY = frozenset({"patternProperties", "prefixItems", "properties"})
"""Adjacent keywords that matter only by their names, patterns or positions, not by their subschemas."""


class SchemaValidator:
    """Predicates and first errors for the schemas of one document."""

    def __init__(self, schema: str, *, formats: bool = False) -> None:
        """Read the document.

        Args:
            schema: JSON text of a JSON Schema (2020-12) document with all schemas that it refers to.
            formats: True if ``format`` is asserted.
        """
        self._formats = formats
        self._document: Any = msgspec.json.decode(schema)
        root = self._document if isinstance(self._document, dict) else {}
        self._base_uri: str = root.get("$id", DEFAULT_BASE_URI)
        self._patterns: dict[str, str] = root.get("patterns", {})
        self._pattern_options = pattern_options(*_patterns(self._document))
        self._registry = jsonschema_rs.Registry([(self._base_uri, self._document)])
        self._references = References(self._document, self._base_uri)
        self._predicate_of_keyword = lru_cache(maxsize=None, typed=True)(
            lambda keyword, value: self._compile({keyword: value})
        )
        self._local_test = lru_cache(maxsize=None)(lambda pointer: local_test(self._references, self._compile, pointer))
        self._predicates: dict[str, Callable[[Any], bool]] = {}
        self._payloads: Callable[[Any], bool] = self._compile(True)
        self._prepared: frozenset[str] = frozenset()

    def prepare(self, pointers: Iterable[str]) -> None:
        """Compile the schemas at some JSON Pointers together, so that shared definitions are compiled once.

        Otherwise :meth:`first_error` compiles each schema at its first use.
        """
        self._prepared = frozenset(pointers)
        self._payloads = self._compile(
            {"properties": {pointer: self._reference(pointer) for pointer in self._prepared}}
        )

    def predicate(self, pointer: str) -> Callable[[Any], bool]:
        """Return the predicate for the schema at a JSON Pointer or URI; it takes plain JSON values."""
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
        """Return the predicate for a schema outside the document: JSON text with absolute references into it."""
        return self._compile(msgspec.json.decode(schema))

    def predicate_of_keywords(self, pointer: str, keywords: Collection[str]) -> Callable[[Any], bool]:
        """Return the predicate for some keywords of a schema, for values that its other keywords accept."""
        schema = json_pointer.resolve(self._document, pointer)
        others = {name for keyword in keywords for name in DEPENDENCIES.get(keyword, ())}.difference(keywords)
        parts = {name: value for name, value in schema.items() if name in keywords}
        parts |= {
            name: _without_schemas(value) if name in NAMES_ONLY else value
            for name, value in schema.items()
            if name in others
        }
        if not parts.keys() >= {*keywords} or has_references(parts):
            return self.predicate(pointer)
        accepts = self._compile(parts)
        return _skip_known(accepts, schema.get("properties", {})) if {*keywords} == {UNEVALUATED} else accepts

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

    def unnamed_property(self, pointer: str, value: Any) -> str | None:
        """Return the name of the property with the first error of an invalid value; None if the schema contains it."""
        return unnamed_property(
            pointer,
            value,
            self._references,
            self._compile,
            self._predicate_of_keyword,
            formats=self._formats,
        )

    def nested_verdicts(self) -> NestedVerdicts:
        """Return verdicts for the parts of one value."""
        return NestedVerdicts(
            self._references,
            self._compile,
            self._predicate_of_keyword,
            self.predicate,
            self._local_test,
            formats=self._formats,
        )

    def _is_valid(self, pointer: str, value: Any) -> bool:
        try:
            return self._payloads({pointer: value}) if pointer in self._prepared else self.predicate(pointer)(value)
        except (ValueError, RecursionError):  # cannot be decided, for example because a reference does not resolve
            return False

    def _reference(self, pointer: str) -> dict[str, str]:
        if pointer and not pointer.startswith("/"):
            return {"$ref": pointer}  # the URI of a schema that several endpoints share
        return {"$ref": f"{self._base_uri}#{quote(pointer, safe=FRAGMENT)}"}

    def _compile(self, schema: Any) -> Callable[[Any], bool]:
        return jsonschema_rs.Draft202012Validator(
            schema,
            registry=self._registry,
            offline=True,
            mask="…",
            pattern_options=self._pattern_options,
            validate_formats=self._formats,
        ).is_valid


def _without_schemas(schemas: Any) -> Any:  # JSON values
    """Return an object or an array of schemas with ``true`` in place of each."""
    return dict.fromkeys(schemas, True) if isinstance(schemas, dict) else [True] * len(schemas)


def _skip_known(accepts: Callable[[Any], bool], known: Collection[str]) -> Callable[[Any], bool]:
    """Return a predicate that accepts objects with only known properties without calling ``accepts``."""
    names = frozenset(known)
    return lambda plain: (type(plain) is dict and names.issuperset(plain)) or accepts(plain)


def pattern_predicate(pattern: str) -> Callable[[str], bool]:
    """Return the predicate for a regular expression, with the engine of :class:`SchemaValidator`.

    Raises:
        ValueError: If the pattern is not a regular expression, or cannot be matched in linear time.
    """
    return jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=pattern_options(pattern)).is_valid


def pattern_options(*patterns: str) -> jsonschema_rs.RegexOptions | jsonschema_rs.FancyRegexOptions:
    """Return the options of the engine for all patterns of one document."""
    return LOOKAHEAD if any("(?=" in pattern or "(?!" in pattern for pattern in patterns) else LINEAR


def _patterns(document: Any) -> Iterator[str]:  # a JSON value
    """Yield the patterns in a document of schemas."""
    queue = [document]
    while queue:
        value = queue.pop()
        if isinstance(value, dict):
            pattern, names = value.get("pattern"), value.get("patternProperties")
            yield from (pattern,) if isinstance(pattern, str) else ()
            yield from names if isinstance(names, dict) else ()
            queue += value.values()
        elif isinstance(value, list):
            queue += value
