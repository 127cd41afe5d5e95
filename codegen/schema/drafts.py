"""Reads older drafts of JSON Schema as what they are, by spelling them in 2020-12."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from enum import IntEnum
from urllib.parse import unquote

from ..source import json_pointer
from ..source.document import Json

__all__ = ["Draft", "below", "draft_of", "keywords", "upgrade", "written"]


class Draft(IntEnum):
    """Versions of JSON Schema, oldest first."""

    DRAFT4 = 4
    DRAFT6 = 6
    DRAFT7 = 7
    DRAFT201909 = 2019
    DRAFT202012 = 2020

    @property
    def uri(self) -> str:
        """What ``$schema`` says in such a document."""
        return next(uri for uri, draft in _DRAFTS.items() if draft is self)

    @property
    def title(self) -> str:
        """What people call it."""
        return self.uri.removesuffix("/schema").rpartition("/")[2]


_DRAFTS = {
    "http://json-schema.org/draft-04/schema": Draft.DRAFT4,
    "http://json-schema.org/draft-06/schema": Draft.DRAFT6,
    "http://json-schema.org/draft-07/schema": Draft.DRAFT7,
    "https://json-schema.org/draft/2019-09/schema": Draft.DRAFT201909,
    "https://json-schema.org/draft/2020-12/schema": Draft.DRAFT202012,
}

_SINCE = {
    **dict.fromkeys(("$id", "const", "contains", "propertyNames"), Draft.DRAFT6),
    **dict.fromkeys(("if", "then", "else"), Draft.DRAFT7),
    **dict.fromkeys(("$anchor", "$recursiveAnchor", "$recursiveRef"), Draft.DRAFT201909),
    **dict.fromkeys(("dependentRequired", "dependentSchemas", "maxContains", "minContains"), Draft.DRAFT201909),
    **dict.fromkeys(("contentSchema", "unevaluatedItems", "unevaluatedProperties"), Draft.DRAFT201909),
    **dict.fromkeys(("$dynamicAnchor", "$dynamicRef", "prefixItems"), Draft.DRAFT202012),
}
"""The first draft that knows a keyword; before, it says nothing."""

_UNTIL = {
    "id": Draft.DRAFT4,
    **dict.fromkeys(("$recursiveAnchor", "$recursiveRef", "additionalItems", "dependencies"), Draft.DRAFT201909),
}
"""The last draft that knows a keyword."""

_ANY = frozenset(
    {
        *("$comment", "$defs", "$ref", "$schema", "$vocabulary", "additionalProperties", "allOf", "anyOf"),
        *("contentEncoding", "contentMediaType", "default", "definitions", "deprecated", "description", "enum"),
        *("examples", "exclusiveMaximum", "exclusiveMinimum", "format", "items", "maxItems", "maxLength"),
        *("maxProperties", "maximum", "minItems", "minLength", "minProperties", "minimum", "multipleOf", "not"),
        *("oneOf", "pattern", "patternProperties", "properties", "readOnly", "required", "title", "type"),
        *("uniqueItems", "writeOnly"),
    }
)
"""Keywords of all drafts, and those that refuse nothing, which make no difference where they came later."""

_ONE = frozenset(
    {
        *("additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not"),
        *("propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"),
    }
)
_MANY = ("allOf", "anyOf", "items", "oneOf", "prefixItems")
_NAMED = ("$defs", "definitions", "dependentSchemas", "dependencies", "patternProperties", "properties")
_BESIDE_REFERENCE = frozenset(
    {"$comment", "$defs", "$ref", "default", "definitions", "description", "examples", "title"}
)
"""What still counts beside ``$ref`` up to draft-07."""


def draft_of(schema: Json, default: Draft = Draft.DRAFT202012) -> Draft | None:
    """Return the draft that ``$schema`` names, ``default`` where there is none, and None for one that nobody knows."""
    stated = schema.get("$schema") if isinstance(schema, dict) else None
    return _DRAFTS.get(stated.removesuffix("#")) if isinstance(stated, str) else default


def keywords(draft: Draft) -> frozenset[str]:
    """Return the keywords that a draft knows."""
    return frozenset(
        keyword
        for keyword in _ANY | _SINCE.keys() | _UNTIL.keys()
        if _SINCE.get(keyword, draft) <= draft <= _UNTIL.get(keyword, draft)
    )


def below(schema: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """Yield the pointers from a schema to those directly below it, whatever its draft, and what stands there."""
    for keyword, value in schema.items():
        if keyword in _NAMED and isinstance(value, dict):
            yield from ((json_pointer.join(f"/{keyword}", name), member) for name, member in value.items())
        elif keyword in _MANY and isinstance(value, list):
            yield from ((f"/{keyword}/{at}", member) for at, member in enumerate(value))
        elif keyword in _ONE:
            yield f"/{keyword}", value


def upgrade(schema: Json, draft: Draft, *, is_root: bool = True) -> Json:
    """Return ``schema``, which is valid in its draft, as 2020-12.

    Args:
        schema: Any JSON Schema.
        draft: What it is written in, unless it says otherwise itself.
        is_root: Whether it is a document of its own.

    """
    if not isinstance(schema, dict):
        return schema
    draft = draft_of(schema, draft) or draft
    known = {
        keyword: _below(keyword, value, draft)
        for keyword, value in schema.items()
        if _SINCE.get(keyword, draft) <= draft and keyword != "$schema"
    }
    if draft is Draft.DRAFT202012:
        return known
    if draft <= Draft.DRAFT7 and "$ref" in known:
        known = {keyword: value for keyword, value in known.items() if keyword in _BESIDE_REFERENCE}
    _identify(known, draft)
    _bound(known, draft)
    _list(known)
    _depend(known)
    _recur(known, is_resource=draft is Draft.DRAFT201909 and (is_root or "$id" in known))
    if is_root:
        _redirect(known, known)
    return known


def _below(keyword: str, value: Json, draft: Draft) -> Json:
    """Upgrade the schemas below a keyword."""
    if keyword in _NAMED and isinstance(value, dict):
        return {name: upgrade(member, draft, is_root=False) for name, member in value.items()}
    if keyword in _MANY and isinstance(value, list):
        return [upgrade(member, draft, is_root=False) for member in value]
    return upgrade(value, draft, is_root=False) if keyword in _ONE else value


def _identify(known: dict[str, Json], draft: Draft) -> None:
    """Split identifiers that are anchors, or both."""
    identifier = known.pop("id" if draft is Draft.DRAFT4 else "$id", None)
    if isinstance(identifier, str):
        uri, _, anchor = identifier.partition("#")
        known |= ({"$id": uri} if uri else {}) | ({"$anchor": anchor} if anchor else {})


def _bound(known: dict[str, Json], draft: Draft) -> None:
    """Spell draft-04's bounds, of which one says whether the other is exclusive."""
    if draft is Draft.DRAFT4:
        for inclusive, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            if known.pop(exclusive, False) and inclusive in known:
                known[exclusive] = known.pop(inclusive)


def _list(known: dict[str, Json]) -> None:
    rest = known.pop("additionalItems", None)
    if isinstance(known.get("items"), list):
        known["prefixItems"] = known.pop("items")
        if rest is not None:
            known["items"] = rest


def _depend(known: dict[str, Json]) -> None:
    dependencies: Mapping[str, Json] = known.pop("dependencies", {})
    for keyword, kinds in (("dependentRequired", (list,)), ("dependentSchemas", (dict, bool))):
        members = {name: value for name, value in dependencies.items() if isinstance(value, kinds)}
        if members:
            known[keyword] = known.get(keyword, {}) | members


def _recur(known: dict[str, Json], *, is_resource: bool) -> None:
    """Spell 2019-09's recursion, which needs no name: it leads to the document, or to the outermost that allows it."""
    if is_resource:
        known["$dynamicAnchor" if known.pop("$recursiveAnchor", False) else "$anchor"] = "recursive"
    if known.pop("$recursiveRef", None) is not None:
        known["$dynamicRef"] = "#recursive"


def _redirect(value: Json, root: Json) -> None:
    """Let references find what has been moved."""
    if isinstance(value, list):
        for member in value:
            _redirect(member, root)
    elif isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/"):
            value["$ref"] = "#/" + "/".join(_moved(reference[2:].split("/"), root))
        for member in value.values():
            _redirect(member, root)


def _moved(steps: list[str], place: Json) -> list[str]:
    """Return the way to what ``steps`` led to before the upgrade."""
    found: list[str] = []
    for at, step in enumerate(steps):
        following = unquote(steps[at + 1]) if at + 1 < len(steps) else ""
        known = place if isinstance(place, dict) else {}
        if step == "items" and following.isdigit() and "prefixItems" in known:
            step = "prefixItems"
        elif step == "additionalItems" and step not in known and "items" in known:
            step = "items"
        elif step == "dependencies" and step not in known:
            step = "dependentSchemas"
        found.append(step)
        name = json_pointer.unescape(unquote(step))
        if isinstance(place, list):
            place = place[int(name)] if name.isdigit() and int(name) < len(place) else None
        else:
            place = known.get(name)
    return found


_EARLIER = {
    "$anchor": ("$id", "id"),
    "$dynamicAnchor": ("$recursiveAnchor",),
    "$dynamicRef": ("$recursiveRef",),
    "$id": ("id",),
    "dependentRequired": ("dependencies",),
    "dependentSchemas": ("dependencies",),
    "prefixItems": ("items",),
}
"""What keywords were called that the upgrade has put there."""


def written(pointer: str, places: Container[str]) -> str:
    """Return the pointer of what the upgrade put at ``pointer``, as its author wrote it.

    Args:
        pointer: In the upgraded document.
        places: Pointers of the document as it was.

    """
    place = ""
    for step in pointer.split("/")[1:]:
        earlier = ("additionalItems",) if step == "items" and f"{place}/items/0" in places else _EARLIER.get(step, ())
        names = (*earlier, step) if step == "items" else (step, *earlier)
        place += f"/{next((name for name in names if f'{place}/{name}' in places), step)}"
    return place
