"""Residual checks of a few attributes, for keywords that apply to a whole object but depend on few properties."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator

from msgspec import NODEFAULT, inspect

from tornado_ws.endpoint import InlineSchema, ObjectCheck
from tornado_ws.validation.schema_validator import REFERENCE

from ..keywords.conjunction import conjoin
from ..keywords.schema_index import SchemaIndex, SchemaNode
from ..keywords.union_tags import TAG_KEYWORD
from ..keywords.vocabulary import ANNOTATIONS, NON_VALIDATING
from ..source.document import Json
from .object_shape import rest_type
from .subproofs import Subproofs
from .type_info import without_metadata
from .unevaluated_names import unevaluated_names
from .unproven import SEPARABLE, Unproven, decodes_to_json

__all__ = ["object_check"]

SUBSCHEMA = ("else", "if", "not", "then")
SUBSCHEMA_LISTS = ("allOf", "anyOf", "oneOf")
COMPANIONS = {"if": ("else", "then")}
CONDITIONAL = frozenset({"anyOf", "dependentSchemas", "else", "if", "oneOf", "then"})
"""Keywords that evaluate properties in some values only."""
UNEVALUATED = "unevaluatedProperties"
MAX_COPIED = 500
"""Maximum number of schemas in the copy of one; references can make copies exponentially large."""


class _InseparableError(Exception):
    """Raised if a schema depends on properties with unknown names, or on its position in the document."""


def object_check(proof: Subproofs, unproven: Unproven, type_: inspect.Type) -> ObjectCheck | None:
    """Return a check of the attributes that a keyword depends on; None if these are unknown.

    Args:
        proof: Access to the schemas.
        unproven: Unproven keyword.
        type_: Type of the whole value.
    """
    location, node = unproven.location, proof.index.node(unproven.pointer)
    record = _record_at(type_, location.attributes) if location.is_exact and location.is_record else None
    if record is None or unproven.keyword not in node.keywords:
        return None
    path = ".".join(location.attributes)
    try:
        if unproven.keyword == UNEVALUATED:
            return _unevaluated_check(proof, node, record, path)
        return _keyword_check(proof.index, unproven.keyword, node, record, path)
    except _InseparableError:
        return None


def _record_at(type_: inspect.Type, attributes: Iterable[str]) -> inspect.StructType | None:
    """Return the record at a path of attributes; None for other types, and for a record with a tag."""
    for name in attributes:
        if not isinstance(type_, inspect.StructType):
            return None
        type_ = next(without_metadata(field.type) for field in type_.fields if field.name == name)
    return type_ if isinstance(type_, inspect.StructType) and type_.tag_field is None else None


def _keyword_check(
    index: SchemaIndex, keyword: str, node: SchemaNode, record: inspect.StructType, path: str
) -> ObjectCheck:
    """Return a check of one keyword with its companions."""
    if keyword not in SEPARABLE:
        raise _InseparableError
    keywords = (keyword, *COMPANIONS.get(keyword, ()))
    schema: Json = {name: node.keywords[name] for name in keywords if name in node.keywords}
    refers = bool(REFERENCE.search(json.dumps(schema)))
    if refers:
        schema = _self_contained(index, node, keywords)
    attributes = _names(_fields(record, _inspected(schema)))
    if refers:
        return ObjectCheck(attributes, _inline(schema), path=path)
    return ObjectCheck(attributes, node.pointer, keyword, path=path)


def _unevaluated_check(proof: Subproofs, node: SchemaNode, record: inspect.StructType, path: str) -> ObjectCheck:
    """Return a check of the properties that may be unevaluated, and of the properties that this depends on."""
    if not record.forbid_unknown_fields:
        raise _InseparableError
    names = unevaluated_names(proof, node, record)
    conditions = list(_conditions(proof.index, node))
    fields = _fields(record, names | _inspected({"allOf": conditions}))
    conditional = [field for field in fields if field.encode_name in names]
    others = [field for field in fields if field.encode_name not in names]
    schema = {
        "properties": {field.encode_name: True for field in others},
        **({"allOf": conditions} if conditions else {}),
        UNEVALUATED: _self_contained(proof.index, proof.index.child(node, UNEVALUATED)),
    }
    return ObjectCheck(_names(others), _inline(schema), path=path, triggers=_names(conditional))


def _inline(schema: Json) -> InlineSchema:
    return InlineSchema(json.dumps(schema, separators=(",", ":")))


def _names(fields: Iterable[inspect.Field]) -> tuple[str, ...]:
    return tuple(field.name for field in fields)


def _fields(record: inspect.StructType, names: Collection[str]) -> list[inspect.Field]:
    """Return the fields for the properties with these names.

    Raises:
        _InseparableError: If the document may have other properties, or other values.
    """
    fields = [field for field in record.fields if field.encode_name in names and rest_type(field) is None]
    complete = len(fields) == len(names) or record.forbid_unknown_fields
    if not complete or not all(map(_equals_json, fields)):
        raise _InseparableError
    return fields


def _equals_json(field: inspect.Field) -> bool:
    """Return True if the attribute equals its JSON, and is UNSET where the property is absent.

    The runtime handles floats that are too large to be exact.
    """
    if field.default is not NODEFAULT or field.default_factory is not NODEFAULT:
        return False  # msgspec reports NODEFAULT for UNSET
    return decodes_to_json(field.type)


def _conditions(index: SchemaIndex, node: SchemaNode) -> Iterator[Json]:
    """Yield the conditional keywords of all schemas that apply where ``node`` does."""
    for part in reversed(conjoin(index, (node,)).nodes):
        if part.keywords.keys() & CONDITIONAL:
            yield _self_contained(index, part, CONDITIONAL)


def _self_contained(index: SchemaIndex, node: SchemaNode, keywords: Collection[str] = ()) -> Json:
    """Return an equivalent schema without references to other schemas of the same value.

    Args:
        index: Index of the bundle.
        node: Schema to copy.
        keywords: Keywords of the schema to keep; all if empty.

    Raises:
        _InseparableError: If the schema depends on properties with unknown names, or is too large.
    """
    return _Copier(index).schema(node, keywords)


class _Copier:
    """Copier for one schema with the schemas that it refers to."""

    def __init__(self, index: SchemaIndex) -> None:
        self._index = index
        self._copied = 0

    def schema(self, node: SchemaNode, keywords: Collection[str] = ()) -> Json:
        self._copied += 1
        if node.scope or self._copied > MAX_COPIED:
            raise _InseparableError
        if not isinstance(node.schema, dict):
            return node.schema
        found: dict[str, Json] = {"allOf": []}
        for keyword, value in node.keywords.items():
            if keywords and keyword not in keywords:
                continue
            match keyword:
                case "$ref":
                    found["allOf"].append(self.schema(self._index.follow(node, keyword)))
                case "allOf":
                    found["allOf"] += self._schemas(node, keyword)
                case "anyOf" | "oneOf":
                    found[keyword] = self._schemas(node, keyword)
                case "if" | "then" | "else" | "not":
                    found[keyword] = self.schema(self._index.child(node, keyword))
                case "dependentSchemas":
                    found[keyword] = {name: self.schema(self._index.child(node, keyword, name)) for name in value}
                case "properties":
                    found[keyword] = {
                        name: _property_schema(self._index, self._index.child(node, keyword, name)) for name in value
                    }
                case "dependentRequired" | "required" | "type":
                    found[keyword] = value
                case _ if keyword not in NON_VALIDATING and keyword != TAG_KEYWORD:
                    raise _InseparableError
        return {keyword: value for keyword, value in found.items() if value != []}

    def _schemas(self, node: SchemaNode, keyword: str) -> list[Json]:
        return [self.schema(child) for child in self._index.children(node, keyword)]


def _property_schema(index: SchemaIndex, node: SchemaNode) -> Json:
    """Return the schema of a property, or an absolute reference to it if it contains references."""
    if node.scope:
        raise _InseparableError
    return {"$ref": index.address(node)} if REFERENCE.search(json.dumps(node.schema)) else node.schema


def _inspected(schema: Json) -> frozenset[str]:
    """Return the names of the properties that the validity of an object depends on.

    Raises:
        _InseparableError: If it may depend on other properties too.
    """
    if isinstance(schema, bool):
        return frozenset()
    return frozenset().union(*(_inspected_by(keyword, value) for keyword, value in schema.items()))


def _inspected_by(keyword: str, value: Json) -> frozenset[str]:
    if keyword in SUBSCHEMA:
        return _inspected(value)
    if keyword in SUBSCHEMA_LISTS:
        return frozenset().union(*map(_inspected, value))
    match keyword:
        case "properties" | "required":
            return frozenset(value)
        case "dependentRequired":
            return frozenset(value).union(*value.values())
        case "dependentSchemas":
            return frozenset(value).union(*map(_inspected, value.values()))
        case "type":
            return frozenset()
        case _ if keyword in ANNOTATIONS:
            return frozenset()
        case _:
            raise _InseparableError
