"""Schema documents for the tests of first errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema_rs

from tornado_ws.errors import ErrorData
from tornado_ws.validation.first_error import first_error
from tornado_ws.validation.references import DEFAULT_BASE_URI, References
from tornado_ws.validation.schema_validator import SchemaValidator

INTEGER, STRING, LONG = {"type": "integer"}, {"type": "string"}, {"minLength": 9}
MEMBERS = [
    {"type": "object", "properties": {"kind": {"const": kind}, "a": INTEGER}, "required": ["kind"]} for kind in "kl"
]
TAG = {"oneOf": {"name": "kind", "choices": [[["k"], 0], [["l"], 1]]}}
Place = tuple[str | None, str | None]


class Document:
    """Schema document for the walk alone and for jsonschema-rs alone."""

    def __init__(self, schema: Any, *, formats: bool = False) -> None:
        base_uri = schema.get("$id", DEFAULT_BASE_URI) if isinstance(schema, dict) else DEFAULT_BASE_URI
        self._formats = formats
        self._registry = jsonschema_rs.Registry([(base_uri, schema)])
        self._references = References(schema, base_uri)
        self.is_valid = self.compile({"$ref": f"{base_uri}#"})

    def compile(self, schema: Any) -> Callable[[Any], bool]:
        return jsonschema_rs.Draft202012Validator(
            schema, registry=self._registry, offline=True, validate_formats=self._formats
        ).is_valid

    def compile_keyword(self, keyword: str, value: Any) -> Callable[[Any], bool]:
        return self.compile({keyword: value})

    def locate(self, value: Any) -> ErrorData:
        """Return the result of the walk, even for a valid value."""
        return first_error(
            "", value, self._references, self.compile, self.compile_keyword, formats=self._formats, patterns={}
        )


def first(schema: Any, value: Any, pointer: str = "") -> Place | None:
    error = SchemaValidator(json.dumps(schema)).first_error(pointer, value)
    return None if error is None else (error.pointer, error.keyword)
