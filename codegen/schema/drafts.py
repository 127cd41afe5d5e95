"""Drafts of JSON Schema, and the upgrade of older ones to 2020-12."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import IntEnum
from functools import cache
from urllib.parse import unquote

from ..source import json_pointer
from ..source.document import Json

__all__ = [
    *("APPLICATORS", "CONTAINERS", "LISTS", "MAPS", "SINGLE"),
    *("Draft", "anchor_name", "draft_of", "keywords", "subschemas", "upgrade", "with_numeric_bounds"),
]


class Draft(IntEnum):
    """Draft of JSON Schema, ordered by age."""

    DRAFT4 = 4
    DRAFT6 = 6
    DRAFT7 = 7
    DRAFT201909 = 2019
    DRAFT202012 = 2020

    @property
    def uri(self) -> str:
        """Value of ``$schema`` in documents of this draft."""
        return next(uri for uri, draft in _DRAFTS.items() if draft is self)

    @property
    def title(self) -> str:
        """Short name, such as ``draft-07``."""
        return self.uri.removesuffix("/schema").rpartition("/")[2]


_DRAFTS = {
    "http://json-schema.org/draft-04/schema": Draft.DRAFT4,
    "http://json-schema.org/draft-06/schema": Draft.DRAFT6,
    "http://json-schema.org/draft-07/schema": Draft.DRAFT7,
    "https://json-schema.org/draft/2019-09/schema": Draft.DRAFT201909,
    "https://json-schema.org/draft/2020-12/schema": Draft.DRAFT202012,
}
_SCHEME = re.compile("^https?:")
_DRAFTS_BY_NAME = {_SCHEME.sub("", uri): draft for uri, draft in _DRAFTS.items()}
"""Drafts by URI without its scheme, since both schemes are in use."""

_SINCE = {
    **dict.fromkeys(("$id", "const", "contains", "propertyNames"), Draft.DRAFT6),
    **dict.fromkeys(("if", "then", "else"), Draft.DRAFT7),
    **dict.fromkeys(("$anchor", "$recursiveAnchor", "$recursiveRef"), Draft.DRAFT201909),
    **dict.fromkeys(("dependentRequired", "dependentSchemas", "maxContains", "minContains"), Draft.DRAFT201909),
    **dict.fromkeys(("contentSchema", "unevaluatedItems", "unevaluatedProperties"), Draft.DRAFT201909),
    **dict.fromkeys(("$dynamicAnchor", "$dynamicRef", "prefixItems"), Draft.DRAFT202012),
}
"""First draft that defines a keyword; earlier drafts ignore it."""

_UNTIL = {
    "id": Draft.DRAFT4,
    **dict.fromkeys(("$recursiveAnchor", "$recursiveRef", "additionalItems", "dependencies"), Draft.DRAFT201909),
}
"""Last draft that defines a keyword."""

_ALWAYS = frozenset(
    {
        *("$comment", "$defs", "$ref", "$schema", "$vocabulary", "additionalProperties", "allOf", "anyOf"),
        *("contentEncoding", "contentMediaType", "default", "definitions", "deprecated", "description", "enum"),
        *("examples", "exclusiveMaximum", "exclusiveMinimum", "format", "items", "maxItems", "maxLength"),
        *("maxProperties", "maximum", "minItems", "minLength", "minProperties", "minimum", "multipleOf", "not"),
        *("oneOf", "pattern", "patternProperties", "properties", "readOnly", "required", "title", "type"),
        *("uniqueItems", "writeOnly"),
    }
)
"""Keywords of all drafts, and annotations of later drafts, which change no result in earlier ones."""

CONTAINERS = ("$defs", "definitions")
"""Keywords with definitions."""
SINGLE = frozenset(
    {
        *("additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not"),
        *("propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"),
    }
)
"""Keywords with a schema, in any draft."""
LISTS = ("allOf", "anyOf", "items", "oneOf", "prefixItems")
"""Keywords with a list of schemas, in any draft."""
MAPS = (*CONTAINERS, "dependentSchemas", "dependencies", "patternProperties", "properties")
"""Keywords with an object of schemas, in any draft."""
APPLICATORS = frozenset({*SINGLE, *LISTS, *MAPS})
"""Keywords that contain schemas, in any draft."""
_BESIDE_REFERENCE = frozenset(
    {"$comment", "$defs", "$ref", "default", "definitions", "description", "examples", "title"}
)
"""Keywords with a meaning next to ``$ref`` up to draft-07, where ``$ref`` hides all other siblings."""


_NOT_IN_ANCHORS = re.compile(r"^[^A-Za-z_]|[^-A-Za-z0-9._]")
"""Characters that the name of an anchor cannot contain, or start with."""


def draft_of(schema: Json, default: Draft = Draft.DRAFT202012) -> Draft | None:
    """Return the draft that ``$schema`` declares: ``default`` without ``$schema``, None if it is unknown."""
    declared = schema.get("$schema") if isinstance(schema, dict) else None
    if not isinstance(declared, str):
        return default
    return _DRAFTS_BY_NAME.get(_SCHEME.sub("", declared.removesuffix("#").removesuffix("/"), count=1))


@cache
def keywords(draft: Draft) -> frozenset[str]:
    """Return the keywords that a draft defines."""
    return frozenset(
        keyword
        for keyword in _ALWAYS | _SINCE.keys() | _UNTIL.keys()
        if _SINCE.get(keyword, draft) <= draft <= _UNTIL.get(keyword, draft)
    )


def subschemas(schema: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """Yield the relative pointer and the value of each direct subschema, in any draft."""
    if APPLICATORS.isdisjoint(schema):
        return
    for keyword, value in schema.items():
        if keyword in MAPS and isinstance(value, dict):
            yield from ((json_pointer.join(f"/{keyword}", name), member) for name, member in value.items())
        elif keyword in LISTS and isinstance(value, list):
            yield from ((f"/{keyword}/{index}", member) for index, member in enumerate(value))
        elif keyword in SINGLE:
            yield f"/{keyword}", value


def upgrade(schema: Json, draft: Draft, *, is_root: bool = True) -> Json:
    """Rewrite a valid ``schema`` of any draft in 2020-12.

    Args:
        schema: JSON Schema.
        draft: Draft of the schema, unless its own ``$schema`` declares another.
        is_root: True for the root of a document.
    """
    if not isinstance(schema, dict):
        return schema
    draft = draft_of(schema, draft) or draft
    upgraded = {
        keyword: _upgrade_subschemas(keyword, value, draft)
        for keyword, value in schema.items()
        if _SINCE.get(keyword, draft) <= draft and keyword != "$schema"
    }
    _upgrade_dependencies(upgraded)
    if draft is Draft.DRAFT202012:
        return upgraded
    if draft <= Draft.DRAFT7 and "$ref" in upgraded:
        upgraded = {keyword: value for keyword, value in upgraded.items() if keyword in _BESIDE_REFERENCE}
    _upgrade_identifiers(upgraded, draft)
    if draft is Draft.DRAFT4:
        upgraded = with_numeric_bounds(upgraded)
    _upgrade_items(upgraded)
    _upgrade_recursion(upgraded, is_resource=draft is Draft.DRAFT201909 and (is_root or "$id" in upgraded))
    return upgraded


def _upgrade_subschemas(keyword: str, value: Json, draft: Draft) -> Json:
    """Return the value of a keyword with its subschemas upgraded."""
    if keyword in MAPS and isinstance(value, dict):
        return {name: upgrade(member, draft, is_root=False) for name, member in value.items()}
    if keyword in LISTS and isinstance(value, list):
        return [upgrade(member, draft, is_root=False) for member in value]
    return upgrade(value, draft, is_root=False) if keyword in SINGLE else value


def _upgrade_identifiers(upgraded: dict[str, Json], draft: Draft) -> None:
    """Split an identifier with a fragment into ``$id`` and ``$anchor``, with a name that 2020-12 accepts."""
    identifier = upgraded.pop("id" if draft is Draft.DRAFT4 else "$id", None)
    if isinstance(identifier, str):
        address, _, fragment = identifier.partition("#")
        name = unquote(fragment)
        is_anchor = name and not name.startswith("/")  # a JSON Pointer leads to a place, wherever it is stated
        upgraded |= ({"$id": address} if address else {}) | ({"$anchor": name} if is_anchor else {})
    if isinstance(upgraded.get("$anchor"), str):
        upgraded["$anchor"] = anchor_name(upgraded["$anchor"])


def anchor_name(name: str) -> str:
    """Return the name of an anchor in 2020-12; older drafts also accept other characters, such as a slash."""
    return _NOT_IN_ANCHORS.sub(lambda match: f"_x{ord(match[0]):X}_", name)


def with_numeric_bounds(schema: dict[str, Json]) -> dict[str, Json]:
    """Return a schema with numbers in place of draft-04's boolean ``exclusiveMinimum`` and ``exclusiveMaximum``."""
    changed = {**schema}
    for inclusive, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(schema.get(exclusive), bool) and changed.pop(exclusive) and inclusive in changed:
            changed[exclusive] = changed.pop(inclusive)
    return changed


def _upgrade_items(upgraded: dict[str, Json]) -> None:
    """Replace the array form of ``items`` by ``prefixItems``, and ``additionalItems`` by ``items``."""
    rest = upgraded.pop("additionalItems", None)
    if isinstance(upgraded.get("items"), list):
        upgraded["prefixItems"] = upgraded.pop("items")
        if rest is not None:
            upgraded["items"] = rest


def _upgrade_dependencies(upgraded: dict[str, Json]) -> None:
    """Split ``dependencies`` into ``dependentRequired`` and ``dependentSchemas``.

    The schema validator asserts ``dependencies`` in every draft, also in 2020-12, which only reserves its name.
    """
    dependencies: Mapping[str, Json] = upgraded.pop("dependencies", {})
    required = {name: value for name, value in dependencies.items() if isinstance(value, list)}
    schemas = {name: value for name, value in dependencies.items() if isinstance(value, dict | bool)}
    if required:
        known = upgraded.get("dependentRequired", {})
        united = {name: list(dict.fromkeys([*known.get(name, ()), *value])) for name, value in required.items()}
        upgraded["dependentRequired"] = known | united
    if schemas:
        known = upgraded.get("dependentSchemas", {})
        both = {name: {"allOf": [known[name], value]} if name in known else value for name, value in schemas.items()}
        upgraded["dependentSchemas"] = known | both


def _upgrade_recursion(upgraded: dict[str, Json], *, is_resource: bool) -> None:
    """Replace 2019-09's recursive references by dynamic ones, with the anchor ``recursive`` in each resource."""
    if is_resource:
        upgraded["$dynamicAnchor" if upgraded.pop("$recursiveAnchor", False) else "$anchor"] = "recursive"
    if upgraded.pop("$recursiveRef", None) is not None:
        upgraded["$dynamicRef"] = "#recursive"
