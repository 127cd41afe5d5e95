"""The judge: decides by the schema itself, through jsonschema-rs, and says why not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import msgspec

from ..errors import ErrorData
from .branches import COMPANIONS, LEFT_OUT, hollow
from .faults import fault
from .ladder import Ladder
from .ordered import FRAGMENT, Ordered

__all__ = ["REFERS", "SchemaValidator", "matcher"]

LINEAR = jsonschema_rs.RegexOptions()
"""The engine that takes linear time, whatever the pattern and the text."""
REFERS = re.compile(r'"\$(ref|dynamicRef|id)"')
"""What a schema has that must stay where it is, since others have to be found from there."""
UNEVALUATED = "unevaluatedProperties"
IN_PLACE = ("$dynamicRef", "$ref", "allOf", "anyOf", "dependentSchemas", "else", "if", "oneOf", "then")
BESIDE = COMPANIONS | {UNEVALUATED: (*IN_PLACE, "additionalProperties", "patternProperties", "properties")}
"""Keywords that say something only together, or where a validator has looked already."""
HOME = "https://tornado-ws.invalid/endpoint"
"""Base URI of documents that state none. Nothing is ever fetched from it."""


class SchemaValidator:
    """The verdict of one schema document on any part of its protocol."""

    def __init__(self, schema: str, *, formats: bool = False) -> None:
        """Read the document.

        Args:
            schema: a JSON Schema (2020-12) document as JSON text, complete in itself.
            formats: whether ``format`` is asserted.
        """
        self._formats = formats
        self._document: Any = msgspec.json.decode(schema)
        stated = self._document if isinstance(self._document, dict) else {}
        self._home: str = stated.get("$id", HOME)
        self._patterns: dict[str, str] = stated.get("patterns", {})
        self._registry = jsonschema_rs.Registry([(self._home, self._document)])
        self._deciding: dict[str, jsonschema_rs.Draft202012Validator] = {}
        self._explaining: dict[str, tuple[Ladder, Callable[[Any], None]]] = {}
        self._ordered: tuple[Ordered, jsonschema_rs.Registry] | None = None

    def accepts(self, pointer: str) -> Callable[[Any], bool]:
        """Return the test of the schema at ``pointer``: takes plain JSON values."""
        if pointer not in self._deciding:
            self._deciding[pointer] = self._validator(pointer, _at(self._document, pointer), self._registry)
        return self._deciding[pointer].is_valid

    def accepts_json(self, schema: str) -> Callable[[Any], bool]:
        """Return the test of a schema that is given as JSON, and refers to others by their whole address."""
        return self._compiled(msgspec.json.decode(schema), self._registry).is_valid

    def accepts_keywords(self, pointer: str, keywords: Collection[str]) -> Callable[[Any], bool]:
        """Return the test of some keywords of the schema at ``pointer``, and of no other, on what the rest accepts."""
        schema = _at(self._document, pointer)
        others = {name for keyword in keywords for name in BESIDE.get(keyword, ())}.difference(keywords)
        parts = {name: value for name, value in schema.items() if name in keywords}
        parts |= {
            name: hollow(value) if name in LEFT_OUT else value for name, value in schema.items() if name in others
        }
        if not parts.keys() >= {*keywords} or REFERS.search(json.dumps(parts)):
            return self.accepts(pointer)
        accepts = self._compiled(parts, self._registry).is_valid
        return _of_others(accepts, schema.get("properties", {})) if {*keywords} == {UNEVALUATED} else accepts

    def explain(self, pointer: str, value: Any) -> ErrorData | None:
        """Return why the schema at ``pointer`` refuses ``value``, or None if it does not. Stops at the first reason."""
        if self.accepts(pointer)(value):  # which takes less time than not to find a fault
            return None
        if pointer not in self._explaining:
            self._explaining[pointer] = self._explainer(pointer)
        ladder, validate = self._explaining[pointer]
        found = ladder.find(value)
        return self._raised(validate, value) if found is None else found

    def _raised(self, validate: Callable[[Any], None], value: Any) -> ErrorData | None:
        """Return the first fault that the validator finds."""
        try:
            validate(value)
        except jsonschema_rs.ValidationError as error:
            return fault(error, self._patterns)
        except ValueError:  # an error keeps its value, of which 255 levels can be kept
            return ErrorData(code="too_deep", message="expected fewer levels of arrays and objects")
        return None

    def _explainer(self, pointer: str) -> tuple[Ladder, Callable[[Any], None]]:
        if self._ordered is None:
            ordered = Ordered(self._document, self._home)
            self._ordered = ordered, jsonschema_rs.Registry([(self._home, ordered.document)])
        ordered, registry = self._ordered
        place = ordered.place(pointer)
        schema = _at(ordered.document, place)

        def test(pointer: str, schema: Any) -> Callable[[Any], bool]:
            return self._validator(pointer, schema, registry).is_valid

        return Ladder(place, schema, test, self._patterns), self._validator(place, schema, registry).validate

    def _validator(
        self, pointer: str, schema: Any, registry: jsonschema_rs.Registry
    ) -> jsonschema_rs.Draft202012Validator:
        """Return the validator of the schema at ``pointer``."""
        if schema is None or REFERS.search(json.dumps(schema)):
            schema = {"$ref": f"{self._home}#{quote(pointer, safe=FRAGMENT)}"}
        return self._compiled(schema, registry)

    def _compiled(self, schema: Any, registry: jsonschema_rs.Registry) -> jsonschema_rs.Draft202012Validator:
        return jsonschema_rs.Draft202012Validator(
            schema,
            registry=registry,
            offline=True,
            mask="…",
            pattern_options=LINEAR,
            validate_formats=self._formats,
        )


def _at(document: Any, pointer: str) -> Any:  # JSON values
    """Return what a JSON Pointer leads to; None if that is nothing."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        try:
            document = document[int(name)] if isinstance(document, list) else document[name]
        except (LookupError, TypeError, ValueError):
            return None
    return document


def _of_others(accepts: Callable[[Any], bool], known: Collection[str]) -> Callable[[Any], bool]:
    """Return a test of properties other than some, so that it is not needed where there are no others."""
    names = frozenset(known)
    return lambda plain: (type(plain) is dict and names.issuperset(plain)) or accepts(plain)


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return the test of a pattern, as the judge understands it.

    Raises:
        ValueError: it is none, or one that cannot be tested in linear time.
    """
    return jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=LINEAR).is_valid
