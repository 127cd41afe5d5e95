"""Rules for keywords that have no effect, because of the type of the schema or of missing keywords."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from ..model.text_formats import TEXT_FORMATS
from ..schema.normalization import with_null
from ..source import json_pointer
from ..source.document import Json
from .finding import Finding, Schema
from .format_names import BINARY, NUMERIC

__all__ = ["PARTNERS", "inapplicable_keyword", "ineffective_keyword", "missing_type", "nullable"]

KEYWORDS: Final = {
    "array": (
        *("contains", "items", "maxContains", "maxItems", "minContains", "minItems", "prefixItems"),
        *("unevaluatedItems", "uniqueItems"),
    ),
    "number": ("exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"),
    "object": (
        *("additionalProperties", "dependentRequired", "dependentSchemas", "maxProperties", "minProperties"),
        *("patternProperties", "properties", "propertyNames", "required", "unevaluatedProperties"),
    ),
    "string": ("maxLength", "minLength", "pattern"),
}
"""Keywords that apply to one type."""
TYPE_OF: Final = {keyword: type_ for type_, keywords in KEYWORDS.items() for keyword in keywords}
TYPING: Final = frozenset(
    {"$dynamicRef", "$ref", "allOf", "anyOf", "const", "enum", "if", "not", "oneOf", "type", "unevaluatedProperties"}
)
"""Keywords that may restrict the type of a value."""
CONTEXTS: Final = frozenset({"allOf", "dependentSchemas", "else", "if", "not", "then"})
"""Keywords whose schemas describe values that other schemas describe too."""
PARTNERS: Final = {
    "else": "if",
    "maxContains": "contains",
    "minContains": "contains",
    "then": "if",
}
"""Keywords that have an effect only beside another one."""


def inapplicable_keyword(schema: Schema) -> Iterator[Finding]:
    """Yield a finding for each keyword of a type that the schema rejects."""
    if "type" not in schema:
        return
    types = [schema["type"]] if isinstance(schema["type"], str) else list(schema["type"])
    accepted = {"number" if type_ == "integer" else type_ for type_ in types}
    for keyword, value in schema.items():
        type_ = _type_of_format(value) if keyword == "format" else TYPE_OF.get(keyword)
        if type_ and type_ not in accepted and not _is_harmless(keyword, value, accepted):
            yield Finding(
                pointer=json_pointer.join("", keyword),
                code="inapplicable_keyword",
                message=f"`{keyword}` has no effect on other types",
                expected=f"the type {type_}",
                got=" or ".join(types),
            )


def missing_type(pointer: str, schema: Schema) -> Iterator[Finding]:
    """Yield a finding for an object schema without a type, which also accepts text and numbers.

    Parts of other schemas are exempt, because those may declare the type: definitions and members of ``allOf``, ``if``
    and similar keywords.
    """
    describes_object = bool(schema.get("properties")) or schema.get("additionalProperties") is False
    if not pointer or not describes_object or schema.keys() & TYPING or CONTEXTS & {*json_pointer.parse(pointer)}:
        return
    if json_pointer.parse(pointer)[-2:-1] not in (["$defs"], ["definitions"], ["anyOf"], ["oneOf"]):
        hint = 'add "type": "object"'
        message = "other values than objects are valid, because the schema has no `type`"
        yield Finding(pointer="", code="missing_type", message=message, hint=hint)


def ineffective_keyword(schema: Schema) -> Iterator[Finding]:
    """Yield a finding for each keyword without the one that it depends on."""
    for keyword, partner in PARTNERS.items():
        if keyword in schema and partner not in schema:
            yield Finding(
                pointer=f"/{keyword}",
                code="ineffective_keyword",
                message=f"`{keyword}` has no effect without `{partner}`",
                hint=f"add `{partner}`, or remove `{keyword}`",
            )
    if "if" in schema and not schema.keys() & {"then", "else"}:
        hint = "add `then` or `else`, or remove `if`"
        yield Finding(
            pointer="/if", code="ineffective_keyword", message="`if` has no effect without `then` and `else`", hint=hint
        )


def nullable(schema: Schema) -> Iterator[Finding]:
    """Yield a finding for ``nullable`` of OpenAPI 3.0, if the schema rejects null."""
    if schema.get("nullable") is not True or _accepts_null(schema):
        return
    others = {keyword: value for keyword, value in schema.items() if keyword not in ("const", "enum")}
    if _accepts_null(others):
        message, hint = "`nullable` has no effect on listed values, and null is rejected", "add null to `enum`"
    else:
        types = schema.get("type", [])
        listed = [types] if isinstance(types, str) else types
        message = "`nullable` has no effect in JSON Schema, and null is rejected"
        hint = f'write "type": ["{listed[0]}", "null"]' if listed else 'write "anyOf": [{…}, {"type": "null"}]'
        if (changed := with_null({**schema})) is not None and _accepts_null(changed):
            hint += ", or set nullable = true"
    yield Finding(pointer="/nullable", code="openapi_keyword", message=message, hint=hint)


def _accepts_null(schema: Json) -> bool:
    """Return True if a schema accepts null; a schema that a reference leads to counts as one that does not."""
    if not isinstance(schema, dict):
        return schema is True
    return (
        "$ref" not in schema
        and "null" in schema.get("type", "null")
        and None in schema.get("enum", [None])
        and schema.get("const") is None
        and all(map(_accepts_null, schema.get("allOf", ())))
        and any(map(_accepts_null, schema.get("anyOf", [True])))
        and [*map(_accepts_null, schema.get("oneOf", [True]))].count(True) == 1
    )


def _type_of_format(name: Json) -> str | None:
    return "string" if name in TEXT_FORMATS | BINARY else "number" if name in NUMERIC else None


def _is_harmless(keyword: str, value: Json, accepted: Collection[str]) -> bool:
    """Return True for values that restrict nothing, and for scalars closed to properties, as generators write them."""
    match value:
        case bool():
            is_closed = keyword.endswith("Properties") and not value
            return value is (keyword != "uniqueItems") or (is_closed and "array" not in accepted)
        case int():
            return value <= 0 and keyword.startswith("min")
        case dict() | list():
            return not value
        case _:
            return False
