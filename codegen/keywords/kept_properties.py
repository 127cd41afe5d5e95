"""Properties whose presence decides if an object is valid."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from .conjunction import Conjunction, conjoin
from .properties import names
from .schema_index import SchemaIndex, SchemaNode

__all__ = [
    "COUNTING",
    "EXPLICIT",
    "VALUES",
    "applied_schemas",
    "is_stated_open",
    "judged_presence",
    "judges_properties",
    "mentioned_names",
]

EXPLICIT = ("additionalProperties", "patternProperties", "unevaluatedProperties")
"""Keywords with a schema for undeclared properties."""
COUNTING = ("maxProperties", "minProperties", "propertyNames")
"""Keywords that judge undeclared properties without declaring them."""
VALUES = ("const", "enum")
DEPENDENT = ("dependentRequired", "dependentSchemas")
NAMING = (*DEPENDENT, "properties")
"""Keywords with an object of names."""
ALTERNATIVES = ("anyOf", "oneOf")
SUBSCHEMAS = ("if", "then", "else", "not")


def is_stated_open(conjunction: Conjunction) -> bool:
    """Return True if the schemas of an object have a schema for undeclared properties, such as ``true``."""
    return any(value is not False for keyword in EXPLICIT for _, value in conjunction.occurrences(keyword))


def judges_properties(
    index: SchemaIndex,
    conjunction: Conjunction,
    declared: Collection[str],
    chosen: Collection[tuple[str, str]],
) -> bool:
    """Return True if the validity of an object may depend on undeclared properties, so that it needs them.

    Args:
        index: Index of the bundle.
        conjunction: All schemas that apply to the object.
        declared: Names of the declared properties.
        chosen: Unions to ignore, since ``conjunction`` contains one of their alternatives, by pointer and keyword.
    """
    known, own = {*declared}, {*conjunction.nodes}
    for node in applied_schemas(index, conjunction, chosen):
        keywords = node.keywords
        stated = [keywords[keyword] for keyword in EXPLICIT if keyword in keywords]
        if any(value is not False or node not in own for value in stated):  # its own `false` closes the object
            return True
        if any(keyword in keywords for keyword in COUNTING) or not mentioned_names(node) <= known:
            return True
        if node not in own and any(keyword in keywords for keyword in VALUES):
            return True
    return False


def judged_presence(
    index: SchemaIndex,
    conjunction: Conjunction,
    declared: Collection[str],
    chosen: Collection[tuple[str, str]],
) -> set[str]:
    """Return the declared properties whose addition may make a valid object invalid, so that they have no default.

    Args:
        index: Index of the bundle.
        conjunction: All schemas that apply to the object.
        declared: Names of the declared properties.
        chosen: Unions to ignore, since ``conjunction`` contains one of their alternatives, by pointer and keyword.
    """
    found: set[str] = set()
    own = {*conjunction.nodes}
    for node in applied_schemas(index, conjunction, chosen):
        keywords = node.keywords
        if node in own:
            found.update(*(keywords.get(keyword, ()) for keyword in DEPENDENT))
            if keywords.get("unevaluatedProperties", True) is not True:
                found |= {*declared} - {*names(conjoin(index, (node,)))[0]}
            judges_all = "maxProperties" in keywords
        else:
            found |= mentioned_names(node)
            judges_all = any(keyword in keywords for keyword in (*COUNTING, *EXPLICIT, *VALUES))
        if judges_all:
            return {*declared}
    return found


def applied_schemas(
    index: SchemaIndex, conjunction: Conjunction, chosen: Collection[tuple[str, str]]
) -> Iterator[SchemaNode]:
    """Yield the schemas of an object, and those that it has to match or fail under a condition."""
    known = set(conjunction.nodes)
    queue = list(conjunction.nodes)
    while queue:
        node = queue.pop()
        yield node
        found = conjoin(index, tuple(_subschemas(index, node, chosen))).nodes
        queue += [other for other in found if other not in known]
        known.update(found)


def mentioned_names(node: SchemaNode) -> set[str]:
    """Return the names of all properties that a schema mentions."""
    keywords = node.keywords
    found = {name for keyword in NAMING for name in keywords.get(keyword, ())}
    found.update(keywords.get("required", ()))
    return found.union(*keywords.get("dependentRequired", {}).values())


def _subschemas(index: SchemaIndex, node: SchemaNode, chosen: Collection[tuple[str, str]]) -> Iterator[SchemaNode]:
    """Yield the subschemas of the same value, except those that :func:`.conjoin` follows."""
    for keyword in ALTERNATIVES:
        if (node.pointer, keyword) not in chosen:
            yield from index.children(node, keyword)
    yield from (index.child(node, keyword) for keyword in SUBSCHEMAS if keyword in node.keywords)
    yield from (index.child(node, "dependentSchemas", name) for name in node.keywords.get("dependentSchemas", ()))
