"""Rule for alternatives of ``oneOf`` whose values another alternative accepts, too, so that ``oneOf`` rejects them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from ..keywords.conjunction import Conjunction, conjoin
from ..keywords.json_equality import equal, has_type
from ..keywords.regex_support import FORMATS
from ..keywords.schema_index import SchemaIndex, SchemaNode
from ..keywords.union_tags import declared_tag
from ..keywords.vocabulary import NON_VALIDATING
from ..schema.drafts import Draft, keywords
from ..source.document import Json
from .finding import Finding

__all__ = ["overlapping_alternative"]

MAX_ALTERNATIVES = 32
"""Limit for the alternatives of a union, since each pair is compared. Larger unions are generated, with tags."""
MAX_STEPS = 300
"""Limit for the schemas that are compared for one union; beyond it, nothing is decided."""
MAX_DEPTH = 60
"""Limit for nested schemas, likewise; CPython 3.12 nests few calls of ``all``."""

FOLLOWED = frozenset({"$ref", "allOf"})
"""Keywords that conjunctions follow."""
UNDECIDED = ("$dynamicRef", "anyOf", "dependentSchemas", "if", "oneOf")
"""Keywords that add values or properties, depending on the value."""
COMPARABLE = frozenset(
    {
        *(
            "dependentRequired",
            "exclusiveMaximum",
            "exclusiveMinimum",
            "format",
            "maxItems",
            "maxLength",
            "maxProperties",
        ),
        *("maximum", "minItems", "minLength", "minProperties", "minimum", "multipleOf", "pattern", "uniqueItems"),
    }
)
"""Keywords without schemas, which reject the same values wherever they are stated."""
VALIDATING = keywords(Draft.DRAFT202012) - NON_VALIDATING


IN_PLACE = re.compile("/((allOf|anyOf|oneOf)/[0-9]+|else|if|not|then|dependentSchemas/[^/]*)$")
"""End of the pointer to a schema that applies to the same value as the schema around it."""


def overlapping_alternative(index: SchemaIndex, node: SchemaNode, *, formats: bool) -> Iterator[Finding]:
    """Yield a finding for the first alternative of ``oneOf`` whose usual values are valid for another one.

    The usual values of an object have only declared properties. Only what is certain is a finding.

    Args:
        index: Index of the bundle.
        node: Schema with ``oneOf``.
        formats: True if ``format`` is asserted.
    """
    alternatives = index.children(node, "oneOf")
    if declared_tag(node, "oneOf") is not None or not 1 < len(alternatives) <= MAX_ALTERNATIVES:
        return
    around = _around(index, node)
    comparison = _Comparison(index, formats=formats)
    for position, alternative in enumerate(alternatives):
        values = _Values(index, conjoin(index, (alternative,)), around)
        for other, accepting in enumerate(alternatives):
            if other != position and values.are_stated and comparison.accepts(accepting, values):
                yield Finding(
                    pointer=f"/oneOf/{position}",
                    code="overlapping_alternatives",
                    message=f"oneOf rejects usual values of this alternative, because /oneOf/{other} accepts them, too",
                    hint=_hint(comparison, values),
                    on_key=False,
                )
                return


def _around(index: SchemaIndex, node: SchemaNode) -> tuple[SchemaNode, ...]:
    """Return all schemas that apply to the values of a schema: its own parts, and those around it."""
    nodes, pointer = [node], node.pointer
    while (found := IN_PLACE.search(pointer)) and pointer[: found.start()] in index.pointers:
        pointer = pointer[: found.start()]
        nodes.append(index.node(pointer))
    return conjoin(index, tuple(nodes)).nodes


def _hint(comparison: _Comparison, values: _Values) -> str:
    if comparison.has_ignored_format:
        return "use anyOf, or set format-assertion = true, so that formats distinguish the alternatives"
    return "use anyOf, or give each alternative a constant of a property" if values.properties else "use anyOf"


class _Values:
    """Usual values of a schema.

    Args:
        index: Index of the bundle.
        conjunction: Schema.
        around: Schemas that apply to the same value, outside of the schema.
    """

    def __init__(self, index: SchemaIndex, conjunction: Conjunction, around: Sequence[SchemaNode] = ()) -> None:
        self.conjunction = conjunction
        self.nodes = (*conjunction.nodes, *around)
        self._all = Conjunction(nodes=self.nodes, rejects_all=False)
        self._index = index

    @property
    def are_stated(self) -> bool:
        """True if the schema itself states constants, or types with the properties of objects."""
        return self.constants is not None or (self.conjunction.types is not None and self.are_described)

    @property
    def are_described(self) -> bool:
        """True if the properties of usual objects are known."""
        is_known = not self.conjunction.rejects_all and not self.conjunction.has_keyword(*UNDECIDED)
        return is_known and self.types is not None and ("object" not in self.types or bool(self.properties))

    @cached_property
    def types(self) -> list[str] | None:
        """JSON types; None if all are possible."""
        return self._all.types

    @cached_property
    def constants(self) -> list[Json] | None:
        """All values, if they are listed."""
        lists = [*(value for _, value in self.conjunction.occurrences("enum"))]
        lists += [[value] for _, value in self.conjunction.occurrences("const")]
        return min(lists, key=len, default=None)

    @cached_property
    def properties(self) -> dict[str, tuple[SchemaNode, ...]]:
        """Schemas of each declared property."""
        found: dict[str, tuple[SchemaNode, ...]] = {}
        for node, declared in self._all.occurrences("properties"):
            for name in declared:
                found[name] = (*found.get(name, ()), self._index.child(node, "properties", name))
        return found

    @property
    def items(self) -> tuple[SchemaNode, ...]:
        """Schemas of all items."""
        stated = self._all.occurrences("items")
        return tuple(self._index.child(node, "items") for node, _ in stated if "prefixItems" not in node.keywords)

    @cached_property
    def required(self) -> frozenset[str]:
        """Names of required properties."""
        return frozenset(name for _, names in self._all.occurrences("required") for name in names)

    @property
    def has_other_properties(self) -> bool:
        """True if usual objects have properties that are not declared."""
        others = [value for _, value in self._all.occurrences("additionalProperties")]
        others += [value for _, value in self._all.occurrences("unevaluatedProperties")]
        return self._all.has_keyword("patternProperties") or any(isinstance(value, dict) for value in others)


class _Comparison:
    """Comparison of the alternatives of one union."""

    def __init__(self, index: SchemaIndex, *, formats: bool) -> None:
        self._index = index
        self._formats = formats
        self._steps = self._depth = 0
        self._known: dict[tuple[tuple[SchemaNode, ...], SchemaNode], bool] = {}
        self.has_ignored_format = False
        """True if formats differ, but reject no value."""

    def accepts(self, schema: SchemaNode, values: _Values) -> bool:
        """Return True if all usual values are certainly valid for a schema."""
        key = values.nodes, schema
        if key not in self._known:
            self._steps += 1
            if self._steps > MAX_STEPS or self._depth == MAX_DEPTH:
                return False
            self._known[key] = True  # a cycle adds no condition
            self._depth += 1
            self._known[key] = self._accepts(schema, values)
            self._depth -= 1
        return self._known[key]

    def _accepts(self, schema: SchemaNode, values: _Values) -> bool:
        conjunction = conjoin(self._index, (schema,))
        if conjunction.rejects_all:
            return False
        return {*conjunction.nodes} <= {*values.nodes} or all(
            self._is_satisfied(node, keyword, value, values)
            for node in conjunction.nodes
            for keyword, value in node.keywords.items()
            if keyword in VALIDATING - FOLLOWED
        )

    def _is_satisfied(self, node: SchemaNode, keyword: str, value: Json, values: _Values) -> bool:
        """Return True if one keyword of a schema accepts all values."""
        if keyword in COMPARABLE:
            stated = [other for _, other in values.conjunction.occurrences(keyword)]
            if keyword == "format" and not (self._formats and value in FORMATS):
                self.has_ignored_format |= value in FORMATS and value not in stated
                return True
            return value in stated
        match keyword:
            case "type":
                return self._have_types([value] if isinstance(value, str) else value, values)
            case "const" | "enum":
                accepted = [value] if keyword == "const" else value
                constants = values.constants
                return constants is not None and all(any(equal(one, it) for it in accepted) for one in constants)
            case "required":
                return values.required.issuperset(value)
            case "properties":
                return values.are_described and all(self._accepts_property(node, name, values) for name in value)
            case "additionalProperties":
                return values.are_described and self._accepts_others(node, value, values)
            case "items":
                return "prefixItems" not in node.keywords and self._accepts_items(node, values)
            case _:
                return False

    def _have_types(self, types: Sequence[str], values: _Values) -> bool:
        if values.constants is not None:
            return all(any(has_type(value, type_) for type_ in types) for value in values.constants)
        stated = values.types
        return stated is not None and all(
            type_ in types or (type_ == "integer" and "number" in types) for type_ in stated
        )

    def _accepts_property(self, node: SchemaNode, name: str, values: _Values) -> bool:
        schema = self._index.child(node, "properties", name)
        if name in values.properties:
            stated = values.properties[name]
            return self.accepts(schema, _Values(self._index, conjoin(self._index, stated)))
        if name in values.required:
            return schema.schema in (True, {})
        return not _is_condition(conjoin(self._index, (schema,)))

    def _accepts_items(self, node: SchemaNode, values: _Values) -> bool:
        schema, stated = self._index.child(node, "items"), values.items
        if values.types is not None and "array" not in values.types:
            return True
        return bool(stated) and self.accepts(schema, _Values(self._index, conjoin(self._index, stated)))

    def _accepts_others(self, node: SchemaNode, schema: Json, values: _Values) -> bool:
        if schema in (True, {}):
            return True
        if "patternProperties" in node.keywords or values.has_other_properties:
            return False
        others = values.properties.keys() - node.keywords.get("properties", {}).keys()
        rest = self._index.child(node, "additionalProperties")
        return all(
            self.accepts(rest, _Values(self._index, conjoin(self._index, values.properties[name]))) for name in others
        )


def _is_condition(conjunction: Conjunction) -> bool:
    """Return True for the schema of a property that rather tells alternatives apart than declares the property."""
    asserting = {keyword for node in conjunction.nodes for keyword in node.keywords.keys() & VALIDATING}
    return conjunction.has_keyword("const", "enum") or (conjunction.types is None and bool(asserting - FOLLOWED))
