"""Rules: keywords about a whole object that look at few of its properties, so that those alone are judged."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec import NODEFAULT, inspect

from tornado_ws.validation.schema_validator import REFERS

from ..keywords.discriminators import MARK
from ..keywords.schema_index import Index, Node
from ..keywords.vocabulary import ANNOTATIONS, REMARKS
from ..source.document import Json
from .objects import doubtful
from .type_info import stripped
from .unproven import ALONE, Check, Unproven, is_plain

if TYPE_CHECKING:
    from .proof import Proof

__all__ = ["ruled"]

BELOW = ("else", "if", "not", "then")
LISTS = ("allOf", "anyOf", "oneOf")
COMPANIONS = {"if": ("else", "then")}
CONDITIONS = frozenset({"anyOf", "dependentSchemas", "else", "if", "oneOf", "then"})
"""Keywords on which it depends what is evaluated."""
UNEVALUATED = "unevaluatedProperties"
DEEPEST = 16


def ruled(proof: Proof, gap: Unproven, type_: inspect.Type) -> Check:
    """Return the check of the attributes that a keyword looks at; ``""`` if that cannot be told.

    Args:
        proof: gives access to the schemas.
        gap: what is not guaranteed.
        type_: of the whole value.
    """
    place, node = gap.place, proof.index.node(gap.pointer)
    holder = _holder(type_, place.attributes) if place.exact and place.extends else None
    if holder is None or gap.keyword not in node.keywords:
        return ""
    try:
        if gap.keyword == UNEVALUATED:
            return _evaluating(proof, gap, node, holder)
        return _looking(proof.index, gap, node, holder) if gap.keyword in ALONE else ""
    except _Unsettled:
        return ""


def _looking(index: Index, gap: Unproven, node: Node, holder: inspect.StructType) -> Check:
    """Return the check of the properties that a keyword looks at."""
    keywords = (gap.keyword, *COMPANIONS.get(gap.keyword, ()))
    parts = {name: node.keywords[name] for name in keywords if name in node.keywords}
    refers = bool(REFERS.search(json.dumps(parts)))
    if refers:
        parts = _standing(index, node, keywords)
    place = _place(gap, _known(holder, _looked_at(parts)))
    return (place, json.dumps(parts, separators=(",", ":"))) if refers else (place, gap.pointer, gap.keyword)


def _holder(type_: inspect.Type, attributes: Iterable[str]) -> inspect.StructType | None:
    """Return the type of the record at a place; None if it is no record, or one with a tag that is no attribute."""
    for name in attributes:
        if not isinstance(type_, inspect.StructType):
            return None
        type_ = next(stripped(field.type) for field in type_.fields if field.name == name)
    return type_ if isinstance(type_, inspect.StructType) and type_.tag_field is None else None


def _known(holder: inspect.StructType, names: Collection[str]) -> list[inspect.Field]:
    """Return the attributes that are properties of these names.

    Raises:
        _Unsettled: the document may have others, or other values.
    """
    known = [field for field in holder.fields if field.encode_name in names]
    complete = len(known) == len(names) or holder.forbid_unknown_fields
    if not complete or not all(map(_is_kept, known)):
        raise _Unsettled
    return known


def _place(gap: Unproven, known: Iterable[inspect.Field], wanted: Iterable[inspect.Field] = ()) -> str:
    names = " ".join(field.name for field in known)
    last = " ".join(field.name for field in wanted)
    return f"{'.'.join(gap.place.attributes)}{{{names}{'?' if last else ''}{last}}}"


def _evaluating(proof: Proof, gap: Unproven, node: Node, holder: inspect.StructType) -> Check:
    """Return the check of the properties that may not be evaluated, with those on which that depends."""
    if not holder.forbid_unknown_fields:
        raise _Unsettled
    wanted = doubtful(proof, node, holder)
    conditions = list(_conditions(proof.index, node))
    known = _known(holder, wanted | _looked_at({"allOf": conditions}))
    first = [field for field in known if field.encode_name not in wanted]
    last = [field for field in known if field.encode_name in wanted]
    schema = {
        "properties": {field.encode_name: True for field in first},
        **({"allOf": conditions} if conditions else {}),
        UNEVALUATED: _standing(proof.index, proof.index.child(node, UNEVALUATED)),
    }
    return _place(gap, first, last), json.dumps(schema, separators=(",", ":"))


class _Unsettled(Exception):
    """A schema may look at properties that are not known by name, or says something only where it is."""


def _conditions(index: Index, node: Node, depth: int = 0) -> Iterator[Json]:
    """Yield the alternatives among the schemas that must hold where ``node`` does."""
    if depth > DEEPEST:
        raise _Unsettled
    if node.keywords.keys() & CONDITIONS:
        yield _standing(index, node, CONDITIONS)
    for one in [*index.children(node, "allOf"), *([index.follow(node, "$ref")] if "$ref" in node.keywords else [])]:
        yield from _conditions(index, one, depth + 1)


def _standing(index: Index, node: Node, keywords: Collection[str] = (), depth: int = 0) -> Json:
    """Return a schema that says the same wherever it stands.

    Args:
        index: of the bundle.
        node: the schema.
        keywords: which of its keywords count; none: all do.
        depth: how many schemas it is in.

    Raises:
        _Unsettled: there is none of which it can be told at what it looks.
    """
    if node.scope or depth > DEEPEST:
        raise _Unsettled
    if not isinstance(node.schema, dict):
        return node.schema
    found: dict[str, Json] = {"allOf": []}

    def below(*way: str | int) -> Json:
        return _standing(index, index.child(node, *way), depth=depth + 1)

    for keyword, value in node.keywords.items():
        if keywords and keyword not in keywords:
            continue
        match keyword:
            case "$ref":
                found["allOf"].append(_standing(index, index.follow(node, keyword), depth=depth + 1))
            case "allOf":
                found["allOf"] += [below(keyword, at) for at in range(len(value))]
            case "anyOf" | "oneOf":
                found[keyword] = [below(keyword, at) for at in range(len(value))]
            case "if" | "then" | "else" | "not":
                found[keyword] = below(keyword)
            case "dependentSchemas":
                found[keyword] = {name: below(keyword, name) for name in value}
            case "properties":
                found[keyword] = {name: _pointed(index, index.child(node, keyword, name)) for name in value}
            case "dependentRequired" | "required" | "type":
                found[keyword] = value
            case _ if keyword not in ANNOTATIONS and keyword != MARK:
                raise _Unsettled
    return {keyword: value for keyword, value in found.items() if value != []}


def _pointed(index: Index, node: Node) -> Json:
    """Return a schema of a property, or what refers to it if it refers to others itself."""
    if node.scope:
        raise _Unsettled
    return {"$ref": index.address(node)} if REFERS.search(json.dumps(node.schema)) else node.schema


def _looked_at(schema: Json) -> frozenset[str]:
    """Return the properties on which the verdict about an object depends.

    Raises:
        _Unsettled: it may depend on others too.
    """
    if isinstance(schema, bool):
        return frozenset()
    return frozenset().union(*(_named(keyword, value) for keyword, value in schema.items()))


def _named(keyword: str, value: Json) -> frozenset[str]:
    if keyword in BELOW:
        return _looked_at(value)
    if keyword in LISTS:
        return frozenset().union(*map(_looked_at, value))
    match keyword:
        case "properties" | "required":
            return frozenset(value)
        case "dependentRequired":
            return frozenset(value).union(*value.values())
        case "dependentSchemas":
            return frozenset(value).union(*map(_looked_at, value.values()))
        case "type":
            return frozenset()
        case _ if keyword in REMARKS:
            return frozenset()
        case _:
            raise _Unsettled


def _is_kept(field: inspect.Field) -> bool:
    """Tell whether an attribute is what the document has, and UNSET where that has nothing.

    Of a float too large to be exact the runtime knows that it may be something else.
    """
    if field.default is not NODEFAULT or field.default_factory is not NODEFAULT:
        return False  # of UNSET msgspec says NODEFAULT
    return is_plain(field.type)
