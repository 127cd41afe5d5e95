"""Cost of all validators that apply to one part of a value, and the validators of its items and properties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

from msgspec import Struct, field

from .. import model
from ..keywords.json_equality import has_type
from .conversions import HOOK, converted_in_python
from .nested_unions import count_judged, nested_unions

__all__ = ["JSON_TYPES", "REJECTION", "JsonType", "Node", "NodeCosts"]

JsonType: TypeAlias = Literal["null", "boolean", "number", "string", "array", "object"]

JSON_TYPES: Final[Mapping[JsonType, int]] = {
    "null": 5,
    "boolean": 5,
    "number": 2,
    "string": 3,
    "array": 2,
    "object": 3,
}
"""Bytes of the shortest value of each type, with a separator; an array that contains only an array needs none."""

ASSERTION = 8
"""Time of a comparison, in nanoseconds, such as ``type`` or ``minimum``."""
APPLICATOR = 15
"""Time to enter a subschema, in nanoseconds."""
REJECTION = 2 * APPLICATOR + ASSERTION
"""Time to reject a value by its type, in nanoseconds."""
LOOKUP = 10
"""Time to look up a property, in nanoseconds."""
CONTAINER = 15
"""Time to compare an array or an object with a constant, in nanoseconds."""
PATTERN = 40
"""Time of a regular expression for a short text, in nanoseconds."""
FRACTION = 1_200
"""Time of ``multipleOf`` with a fraction, in decimal arithmetic, in nanoseconds."""
UNIQUE = 60
"""Time to compare an item with all others, in nanoseconds."""
UNEVALUATED = 150
"""Time to record an evaluated property or item, in nanoseconds."""
CONVERSION = 80
"""Time to decode an object of a recursive union through a plain one, in nanoseconds, divided by the passes."""
LEVEL = 1_500
"""Time to find the valid alternative for one level of a deep object in Python, divided likewise."""
JUDGED = 3_000
"""Further time for each alternative."""
MEMBER = len('"":1,')
"""Bytes of a member of an object without its name."""
LEVEL_BYTES = len('{"":}')
"""Bytes of an object around another one."""
MAX_CASES = 200
"""Number of cases that are considered for one part; all further alternatives of tags count together."""


class Node(Struct, kw_only=True):
    """Validators of one value in one case: one JSON type, and one alternative of each union with a tag."""

    cost: float = APPLICATOR
    """Time for the value itself, in nanoseconds."""
    bytes: int
    """Size of the shortest value that is not rejected at once, in bytes."""
    items: list[model.Validator] = field(default_factory=list)
    """Validators of items."""
    most_items: float = float("inf")
    named: dict[str, list[model.Validator]] = field(default_factory=dict)
    """Validators of properties by name."""
    rest: list[model.Validator] = field(default_factory=list)
    """Validators of properties with other names, and of all names."""
    most_properties: float = float("inf")
    visited: set[str] = field(default_factory=set)
    """Names of the called validators: a value is validated once for each reference."""

    def copy(self) -> Node:
        """Return an independent copy."""
        return Node(
            cost=self.cost,
            bytes=self.bytes,
            items=[*self.items],
            most_items=self.most_items,
            named={name: [*validators] for name, validators in self.named.items()},
            rest=[*self.rest],
            most_properties=self.most_properties,
            visited={*self.visited},
        )


class NodeCosts:
    """Costs of the parts of the values of one endpoint."""

    def __init__(self, endpoint: model.Endpoint) -> None:
        self._named = endpoint.validators
        self._hooks = converted_in_python(endpoint.definitions)
        self._nested = nested_unions(endpoint.validators)
        self._judged: dict[int, int] = {}
        """Results of :func:`.count_judged` by the identity of the union."""

    def accepted_types(self, validators: Sequence[model.Validator], *, converted: bool) -> list[JsonType]:
        """Return the JSON types that one of ``validators`` does not reject at once.

        Args:
            validators: Validators of one value.
            converted: True to include all types if a function in Python gets the value first.
        """
        if converted and any(
            isinstance(validator, model.Call) and validator.name in self._hooks for validator in validators
        ):
            return [*JSON_TYPES]
        rejected = {*JSON_TYPES}
        for validator in validators:
            rejected &= self._rejected_types(validator)
        return [json_type for json_type in JSON_TYPES if json_type not in rejected]

    def cases(self, validators: Sequence[model.Validator], json_type: JsonType) -> list[Node]:
        """Return all cases of a value of a JSON type to which ``validators`` apply."""
        nodes = [Node(bytes=JSON_TYPES[json_type])]
        for validator in validators:
            nodes = self._add(nodes, validator, json_type)
        return nodes

    def _add(self, nodes: list[Node], validator: model.Validator, json_type: JsonType) -> list[Node]:
        """Add a validator to each case; a union with a tag multiplies the cases."""
        match validator:
            case model.Call(name=name):
                others = [node for node in nodes if name in node.visited]
                called = [node for node in nodes if name not in node.visited]
                for node in called:
                    node.visited.add(name)
                    node.cost += APPLICATOR + self._hooks.get(name, 0)
                return [*others, *self._add(called, self._named[name], json_type)] if called else nodes
            case model.All(validators=validators):
                if any(_excludes(inner, json_type) for inner in validators):
                    return _spend(nodes, ASSERTION)
                for inner in validators:
                    nodes = self._add(nodes, inner, json_type)
                return nodes
            case model.AnyOf() | model.ExactlyOne():
                return self._add_union(nodes, validator, json_type)
            case model.Not(validator=inner):
                return self._add_optional(nodes, [inner], json_type)
            case model.Dependent(validator=inner):
                return self._add_optional(nodes, [inner], json_type) if json_type == "object" else nodes
            case model.Conditional(condition=condition, then=then, otherwise=otherwise):
                return self._add_optional(nodes, [condition, then, otherwise], json_type)
            case _:
                for node in nodes:
                    _add_leaf(node, validator, json_type)
                return nodes

    def _add_optional(
        self, nodes: list[Node], validators: Sequence[model.Validator], json_type: JsonType
    ) -> list[Node]:
        """Add validators that a valid value need not match, so that they do not make it longer."""
        found: list[Node] = []
        for node in _spend(nodes, APPLICATOR * len(validators)):
            size, cases = node.bytes, [node]
            for validator in validators:
                cases = self._add(cases, validator, json_type)
            for case in cases:
                case.bytes = size
            found += cases
        return found

    def _add_union(self, nodes: list[Node], union: model.AnyOf | model.ExactlyOne, json_type: JsonType) -> list[Node]:
        alternatives = union.validators
        if union.tag is not None and json_type == "object" and len(nodes) * len(alternatives) <= MAX_CASES:
            _spend(nodes, APPLICATOR + LOOKUP + (CONVERSION if id(union) in self._nested else 0))
            return [
                case
                for node in nodes
                for alternative in alternatives
                for case in self._add([node.copy()], alternative, json_type)
            ]
        if union.tag is not None and json_type != "object":
            return _spend(nodes, ASSERTION)
        accepting = [inner for inner in alternatives if json_type not in self._rejected_types(inner)]
        _spend(nodes, ASSERTION * len(alternatives))
        if union.tag is None and len(accepting) > 1 and json_type in ("array", "object"):
            _spend(nodes, HOOK)
        cases = [case for node in nodes for case in self._add_alternatives(node, accepting, json_type)]
        if json_type == "object" and id(union) in self._nested:
            if id(union) not in self._judged:
                self._judged[id(union)] = count_judged(accepting, self._named)
            judged = self._judged[id(union)]
            for case in cases if judged else ():
                share = case.bytes / max(case.bytes, LEVEL_BYTES)  # the shortest object may have no property
                case.cost += (LEVEL + JUDGED * judged) * share
        return cases

    def _add_alternatives(self, node: Node, alternatives: Sequence[model.Validator], json_type: JsonType) -> list[Node]:
        """Add all alternatives of a union: a value is compared with each, and has the size of the shortest."""
        nodes, start, least = [node], node.bytes, float("inf")
        for alternative in alternatives:
            nodes = self._add(nodes, alternative, json_type)
            least = min(least, *(case.bytes for case in nodes))
            for case in nodes:
                case.bytes = start
        for case in nodes:
            case.bytes = int(least) if alternatives else start
        return nodes

    def _rejected_types(self, validator: model.Validator) -> set[JsonType]:
        """Return the JSON types that a validator rejects at once."""
        visited: set[str] = set()
        while isinstance(validator, model.Call) and validator.name not in visited:
            visited.add(validator.name)
            validator = self._named[validator.name]
        parts = validator.validators if isinstance(validator, model.All) else (validator,)
        asserting = [part for part in parts if isinstance(part, model.IsType | model.Equals)]
        return {json_type for part in asserting for json_type in JSON_TYPES if _excludes(part, json_type)}


def _spend(nodes: list[Node], cost: float) -> list[Node]:
    for node in nodes:
        node.cost += cost
    return nodes


def _excludes(validator: model.Validator, json_type: JsonType) -> bool:
    """Return True for an assertion that rejects all values of a JSON type."""
    match validator:
        case model.IsType(types=types):
            return json_type not in types and not (json_type == "number" and "integer" in types)
        case model.Equals(values=values):
            return not any(has_type(value, json_type) for value in values)
        case _:
            return False


def _add_leaf(node: Node, validator: model.Validator, json_type: JsonType) -> None:
    """Add a validator without validators for the same value."""
    match validator, json_type:
        case model.Equals(values=values), "array" | "object":
            node.cost += CONTAINER * sum(isinstance(value, list | dict) for value in values)
        case model.Equals(values=values), _:
            node.cost += ASSERTION * len(values)
        case model.MultipleOf(divisor=divisor), "number":
            node.cost += ASSERTION if divisor == int(divisor) else FRACTION
        case model.Matches(), "string":
            node.cost += PATTERN
        case model.Size(bound=bound, keyword="maxItems"), "array":
            node.most_items = min(node.most_items, bound)
        case model.Size(bound=bound, keyword="maxProperties"), "object":
            node.most_properties = min(node.most_properties, bound)
        case model.Required(names=names), "object":
            node.cost += LOOKUP * len(names)
            node.bytes += sum(len(name) + MEMBER for name in names)
        case model.Unique(), "array":
            node.items.append(model.Always(verdict=True, keyword="uniqueItems"))
        case model.Items(prefix=prefix, rest=rest), "array":
            node.items += prefix
            if rest == model.Always(verdict=False, keyword="items"):
                node.most_items = min(node.most_items, len(prefix))
            elif rest is not None:
                node.items.append(rest)
        case model.Contains(validator=inner), "array":
            node.items.append(inner)
        case model.Properties(), "object":
            _add_properties(node, validator)
        case model.PropertyNames(validator=inner), "object":
            node.rest.append(inner)
        case model.Unevaluated(validator=inner), "array" | "object":
            node.cost += UNEVALUATED * (1 + len(node.named))
            node.items.append(inner)
            node.rest.append(inner)
        case _:
            node.cost += ASSERTION


def _add_properties(node: Node, properties: model.Properties) -> None:
    node.cost += LOOKUP * len(properties.named)
    for name, inner in properties.named:
        node.named.setdefault(name, []).append(inner)
    for _, inner in properties.patterns:
        node.rest.append(model.All(validators=(model.Matches(text="", keyword="pattern"), inner)))
    if isinstance(properties.rest, model.Always) and not properties.rest.verdict and not properties.patterns:
        node.most_properties = min(node.most_properties, len(properties.named))
    elif properties.rest is not None:
        node.rest.append(properties.rest)
