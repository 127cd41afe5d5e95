"""First error of a value that its schema rejects: pointer, keyword, expected value and message.

jsonschema-rs decides whether a value is valid; this module walks the schema and the value together to locate the error.
``runtime/validators.ts`` documents the order, which is the same for pages. Nothing is kept from one value to the next.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from ..errors import ErrorData
from . import json_pointer
from .error_messages import UNKNOWN, message
from .references import References, Scope

__all__ = ["ORDER", "Compile", "first_error"]

Predicate: TypeAlias = Callable[[Any], bool]
Compile: TypeAlias = Callable[[Any], Predicate]
"""Compiles a schema with jsonschema-rs."""
Fault: TypeAlias = tuple[str, Any]
"""The keyword, and its value where that helps."""
Evaluated: TypeAlias = set[str | int] | None
"""Names and indices that some keyword has accepted, for ``unevaluatedProperties`` and ``unevaluatedItems``."""

MOST_LEVELS = 2_000
"""Schemas that may be entered without leaving one. Python's own limit is lower in most cases."""
MANY_VALUES = 256
"""Number of values that are validated at once by jsonschema-rs instead of one by one."""
CHUNK = 1024
"""Number of values in one such call."""
MANY_STEPS = 1_000
"""Number of schemas that a walk enters before it asks jsonschema-rs which arrays and objects are valid."""


def first_error(
    pointer: str, value: Any, references: References, compile_: Compile, *, formats: bool, patterns: Mapping[str, str]
) -> ErrorData:
    """Return the first error of a value. It is an ``invalid_message`` whatever goes wrong.

    Args:
        pointer: JSON Pointer to the schema that rejects the value.
        value: plain JSON.
        references: those of the schema document.
        compile_: compiles schemas that are asserted as a whole; they may refer to the document by absolute URIs.
        formats: True if ``format`` is asserted.
        patterns: regular expressions as users wrote them, by those that the document has.
    """
    walk = _Walk(references, compile_, formats=formats)
    fault: Fault | None = None
    try:
        schema, scope = references.at(pointer)
        fault = walk.find(schema, value, "$ref", scope)
    except RecursionError:
        fault = "depth", None
    except Exception:  # the value is invalid, even if the reason remains unknown
        pass
    steps = walk.steps if walk.known is None else walk.steps[: walk.known]
    place = json_pointer.join(steps)
    if fault is None:
        return ErrorData(code="invalid_message", message=UNKNOWN, pointer=place)
    keyword, expected = fault
    if keyword == "pattern":
        expected = patterns.get(expected, expected)
    return ErrorData(
        code="invalid_message",
        message=message(keyword, expected),
        pointer=place,
        keyword=keyword,
        expected=expected,
    )


class _Walk:
    """One walk through a schema and a value."""

    def __init__(self, references: References, compile_: Compile, *, formats: bool) -> None:
        self.steps: list[str | int] = []
        """Path of the current value; that of the error, once it is found."""
        self.known: int | None = None
        """Number of steps that may be reported; None for all."""
        self._references = references
        self._compile = compile_
        self.formats = formats
        self._level = 0
        self._entered = 0
        self._predicates: dict[Any, Predicate] = {}

    def find(self, schema: Any, value: Any, keyword: str, scope: Scope, evaluated: Evaluated = None) -> Fault | None:
        """Return the first fault of a value.

        Args:
            schema: any JSON Schema.
            value: plain JSON.
            keyword: the one that the schema is the value of.
            scope: that of the schema around.
            evaluated: receives what the schema evaluates, if it is valid.
        """
        outer, level = evaluated, self._level
        while True:
            if schema is True:
                break
            if schema is False:
                return keyword, None
            self._enter()
            if self._entered > MANY_STEPS and outer is None and self._is_valid(schema, value):
                break
            if "$id" in schema:
                scope = self._references.enter(schema, scope)
            unevaluated = "unevaluatedProperties" in schema or "unevaluatedItems" in schema
            if unevaluated:
                evaluated = set()
            ranks = sorted([RANKS[name] for name in schema if name in RANKS])
            for rank in ranks:
                keyword = ORDER[rank]
                assertion = RANKED_ASSERTIONS[rank]
                if assertion is not None:
                    if not assertion(self, keyword, schema[keyword], value):
                        return keyword, _expected(keyword, schema[keyword])
                elif rank in REFERENCE_RANKS and rank == ranks[-1]:  # no need for a deeper stack
                    schema, scope = self.follow(keyword, schema, scope)
                    break
                else:
                    fault = APPLICATORS[keyword](self, schema, value, scope, evaluated)
                    if fault is not None:
                        return fault
            else:
                if unevaluated and outer is not None and evaluated:
                    outer |= evaluated
                break
        self._level = level
        return None

    def _enter(self) -> None:
        self._entered += 1
        self._level += 1
        if self._level > MOST_LEVELS:
            raise RecursionError

    def accepts(self, schema: Any, value: Any, scope: Scope, evaluated: Evaluated = None) -> bool:
        """Return True if a schema accepts the value; what it evaluates counts only then."""
        outer, depth, level = self.known, len(self.steps), self._level
        if outer is None:
            self.known = depth
        found: Evaluated = None if evaluated is None else set()
        accepted = self.find(schema, value, "", scope, found) is None
        if not accepted:
            del self.steps[depth:]
            self._level = level
        elif evaluated is not None and found:
            evaluated |= found
        self.known = outer
        return accepted

    def hidden(self, schema: Any, values: Sequence[Any], keyword: str, scope: Scope) -> Fault | None:
        """Return the first fault of values whose names are not in the schema; its place is that of the object."""
        outer, depth = self.known, len(self.steps)
        if outer is None:
            self.known = depth
        for value in values[self.valid_prefix(schema, values) :]:
            fault = self.find(schema, value, keyword, scope)
            if fault is not None:
                del self.steps[depth:]
                return fault
        self.known = outer
        return None

    def valid_prefix(self, schema: Any, values: Sequence[Any]) -> int:
        """Return the number of values before the first invalid one; 0 if there are too few to be worth the call."""
        if len(values) < MANY_VALUES or not self.can_batch(schema):
            return 0
        for start in range(0, len(values), CHUNK):
            chunk = values[start : start + CHUNK]
            if not self._all_valid(schema, chunk):
                low, high = 0, len(chunk)
                while high - low > 1:
                    middle = (low + high) // 2
                    if self._all_valid(schema, chunk[low:middle]):
                        low = middle
                    else:
                        high = middle
                return start + low
        return len(values)

    def _is_valid(self, schema: Any, value: Any) -> bool:
        """Return True if jsonschema-rs accepts an array or an object; it is not asked about scalars."""
        return isinstance(value, list | dict) and self._all_valid(schema, [value])

    def _all_valid(self, schema: Any, values: Sequence[Any]) -> bool:
        return self.can_batch(schema) and self.batch("items", schema)(values)

    def can_batch(self, schema: Any) -> bool:
        """Return True if jsonschema-rs can be asked about a schema by itself, without the way to it."""
        return isinstance(schema, dict) and not self._references.has_dynamic

    def batch(self, keyword: str, schema: Any, **others: Any) -> Predicate:
        """Return the test of an applicator with a schema of the document as its value."""
        key = keyword, id(schema), *others.items()
        if key not in self._predicates:
            reference = {"$ref": self._references.uri(schema)}
            self._predicates[key] = self._compile({keyword: reference, **others})
        return self._predicates[key]

    def predicate(self, keyword: str, stated: Any) -> Predicate:
        """Return the test of a single keyword, as jsonschema-rs understands it."""
        key = keyword, stated
        if key not in self._predicates:
            self._predicates[key] = self._compile({keyword: stated})
        return self._predicates[key]

    def follow(self, keyword: str, schema: Any, scope: Scope) -> tuple[Any, Scope]:
        """Return the schema that a reference leads to."""
        return self._references.follow(schema[keyword], scope, dynamic=keyword == "$dynamicRef")


# Assertions. They return True if the value passes, and for values of other types.

Assertion: TypeAlias = Callable[[_Walk, str, Any, Any], bool]


def _type(walk: _Walk, keyword: str, stated: Any, value: Any) -> bool:
    if isinstance(stated, list):
        return any([_type(walk, keyword, one, value) for one in stated])
    return type(value) in TYPES[stated] or (stated == "integer" and type(value) is float and value.is_integer())


TYPES: Mapping[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}


def _is_number(value: Any) -> bool:
    return type(value) is int or type(value) is float


def _const(walk: _Walk, keyword: str, stated: Any, value: Any) -> bool:
    return _equal(stated, value)


def _enum(walk: _Walk, keyword: str, stated: Any, value: Any) -> bool:
    return any(_equal(one, value) for one in stated)


def _equal(one: Any, other: Any) -> bool:
    """Return True if two JSON values are equal: 1 equals 1.0, and ``true`` does not equal 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _minimum(walk: _Walk, keyword: str, stated: Any, value: Any) -> bool:
    return not _is_number(value) or value >= stated


def _maximum(walk: _Walk, keyword: str, stated: Any, value: Any) -> bool:
    return not _is_number(value) or value <= stated


def _exclusive_minimum(walk: _Walk, keyword: str, stated: Any, value: Any) -> bool:
    return not _is_number(value) or value > stated


def _exclusive_maximum(walk: _Walk, keyword: str, stated: Any, value: Any) -> bool:
    return not _is_number(value) or value < stated


def _at_least(type_: type[str | list[Any] | dict[str, Any]]) -> Assertion:
    return lambda walk, keyword, stated, value: not isinstance(value, type_) or len(value) >= stated


def _at_most(type_: type[str | list[Any] | dict[str, Any]]) -> Assertion:
    return lambda walk, keyword, stated, value: not isinstance(value, type_) or len(value) <= stated


def _number(walk: _Walk, keyword: str, stated: Any, value: Any) -> bool:
    return not _is_number(value) or walk.predicate(keyword, stated)(value)


def _text(walk: _Walk, keyword: str, stated: Any, value: Any) -> bool:
    return not isinstance(value, str) or walk.predicate(keyword, stated)(value)


def _format(walk: _Walk, keyword: str, stated: Any, value: Any) -> bool:
    return not walk.formats or _text(walk, keyword, stated, value)


def _unique(walk: _Walk, keyword: str, stated: Any, value: Any) -> bool:
    return not isinstance(value, list) or walk.predicate(keyword, stated)(value)


ASSERTIONS: Mapping[str, Assertion] = {
    "type": _type,
    "const": _const,
    "enum": _enum,
    "minimum": _minimum,
    "maximum": _maximum,
    "exclusiveMinimum": _exclusive_minimum,
    "exclusiveMaximum": _exclusive_maximum,
    "multipleOf": _number,
    "minLength": _at_least(str),
    "maxLength": _at_most(str),
    "minItems": _at_least(list),
    "maxItems": _at_most(list),
    "minProperties": _at_least(dict),
    "maxProperties": _at_most(dict),
    "pattern": _text,
    "format": _format,
    "uniqueItems": _unique,
}


def _expected(keyword: str, stated: Any) -> Any:  # JSON values
    """Return the value of an assertion as it is reported."""
    if keyword == "uniqueItems":
        return None
    if keyword == "type" and isinstance(stated, list):
        return stated[0] if len(stated) == 1 else sorted(stated)
    return _sorted(stated) if keyword in ("const", "enum") else stated


def _sorted(value: Any) -> Any:  # JSON values
    """Return a value whose objects have their names in order, as generated clients report them."""
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


# Applicators, and assertions that report a missing name. They return the first fault.

Applicator: TypeAlias = Callable[[_Walk, Any, Any, Scope, Evaluated], Fault | None]


def _required(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    if isinstance(value, dict):
        for name in schema["required"]:
            if name not in value:
                return "required", name
    return None


def _dependent_required(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    for name, wanted in schema["dependentRequired"].items() if isinstance(value, dict) else ():
        if name in value:
            for other in wanted:
                if other not in value:
                    return "dependentRequired", other
    return None


def _properties(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    if isinstance(value, dict):
        named = schema["properties"]
        for name in _in_order(named):
            if name in value:
                walk.steps.append(name)
                fault = walk.find(named[name], value[name], "properties", scope)
                if fault is not None:
                    return fault
                walk.steps.pop()
                if evaluated is not None:
                    evaluated.add(name)
    return None


INDEX = re.compile("0|[1-9][0-9]{0,9}")
NO_INDEX = 2**32 - 1


def _in_order(names: Iterable[str]) -> Iterable[str]:
    """Return names in the order of ECMAScript: array indices come first, in ascending order."""
    return sorted(names, key=_index) if any(map(str.isdigit, names)) else names


def _index(name: str) -> int:
    return int(name) if INDEX.fullmatch(name) and int(name) < NO_INDEX else NO_INDEX


def _pattern_properties(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    for pattern, below in schema["patternProperties"].items() if isinstance(value, dict) else ():
        names = list(filter(walk.predicate("pattern", pattern), _in_order(value)))
        fault = walk.hidden(below, [value[name] for name in names], "patternProperties", scope)
        if fault is not None:
            return fault
        if evaluated is not None:
            evaluated.update(names)
    return None


def _additional_properties(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    if not isinstance(value, dict):
        return None
    named = schema.get("properties", ())
    names = [name for name in value if name not in named]
    for pattern in schema.get("patternProperties", ()) if names else ():
        matches = walk.predicate("pattern", pattern)
        names = [name for name in names if not matches(name)]
    below = schema["additionalProperties"]
    fault = walk.hidden(below, [value[name] for name in _in_order(names)], "additionalProperties", scope)
    if fault is None and evaluated is not None:
        evaluated.update(names)
    return fault


def _property_names(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    below = schema["propertyNames"]
    names = list(value) if isinstance(value, dict) else []
    rest = names[walk.valid_prefix(below, names) :]
    return None if all(walk.accepts(below, name, scope) for name in rest) else ("propertyNames", None)


def _prefix_items(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    if isinstance(value, list):
        for index, (below, item) in enumerate(zip(schema["prefixItems"], value, strict=False)):
            walk.steps.append(index)
            fault = walk.find(below, item, "prefixItems", scope)
            if fault is not None:
                return fault
            walk.steps.pop()
            if evaluated is not None:
                evaluated.add(index)
    return None


def _items(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    if isinstance(value, list):
        below, first = schema["items"], len(schema.get("prefixItems", ()))
        rest = value[first:] if first else value
        for index in range(first + walk.valid_prefix(below, rest), len(value)):
            walk.steps.append(index)
            fault = walk.find(below, value[index], "items", scope)
            if fault is not None:
                return fault
            walk.steps.pop()
        if evaluated is not None:
            evaluated.update(range(first, len(value)))
    return None


def _contains(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    if not isinstance(value, list):
        return None
    least, most, below = schema.get("minContains"), schema.get("maxContains"), schema["contains"]
    if len(value) >= MANY_VALUES and evaluated is None and walk.can_batch(below):
        many = most is not None and not walk.batch("contains", below, minContains=0, maxContains=most)(value)
        few = not walk.batch("contains", below, minContains=1 if least is None else least)(value)
    else:
        found = [index for index, item in enumerate(value) if walk.accepts(below, item, scope)]
        many = most is not None and len(found) > most
        few = len(found) < (1 if least is None else least)
        if evaluated is not None:
            evaluated.update(found)
    if many or few:
        stated = "contains" if most is None else "maxContains"
        return ("maxContains" if many else stated if least is None else "minContains"), None
    return None


def _dependent_schemas(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    for name, below in schema["dependentSchemas"].items() if isinstance(value, dict) else ():
        if name in value:
            fault = walk.find(below, value, "dependentSchemas", scope, evaluated)
            if fault is not None:
                return fault
    return None


def _all_of(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    for below in schema["allOf"]:
        fault = walk.find(below, value, "allOf", scope, evaluated)
        if fault is not None:
            return fault
    return None


def _union(keyword: str) -> Applicator:
    def find(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
        members, tag = schema[keyword], schema.get("x-tag")
        if isinstance(tag, dict) and tag.get("keyword") == keyword:
            chosen = value.get(tag["name"]) if isinstance(value, dict) else None
            if not isinstance(chosen, str) or chosen not in tag["values"]:
                return keyword, None
            return walk.find(members[tag["values"].index(chosen)], value, keyword, scope, evaluated)
        if keyword == "anyOf" and evaluated is None:
            accepted = any(walk.accepts(member, value, scope) for member in members)
        else:  # each member may evaluate other properties
            count = sum([walk.accepts(member, value, scope, evaluated) for member in members])
            accepted = count > 0 if keyword == "anyOf" else count == 1
        return None if accepted else (keyword, None)

    return find


def _not(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    return ("not", None) if walk.accepts(schema["not"], value, scope) else None


def _if(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    keyword = "then" if walk.accepts(schema["if"], value, scope, evaluated) else "else"
    return walk.find(schema[keyword], value, keyword, scope, evaluated) if keyword in schema else None


def _reference(keyword: str) -> Applicator:
    def find(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
        target, inside = walk.follow(keyword, schema, scope)
        return walk.find(target, value, keyword, inside, evaluated)

    return find


def _unevaluated_properties(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    if not isinstance(value, dict) or evaluated is None:
        return None
    rest = [value[name] for name in value if name not in evaluated]
    evaluated.update(value)
    fault = walk.hidden(schema["unevaluatedProperties"], rest, "unevaluatedProperties", scope)
    return None if fault is None else ("unevaluatedProperties", None)


def _unevaluated_items(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    if not isinstance(value, list) or evaluated is None:
        return None
    rest = [item for index, item in enumerate(value) if index not in evaluated]
    evaluated.update(range(len(value)))
    fault = walk.hidden(schema["unevaluatedItems"], rest, "unevaluatedItems", scope)
    return None if fault is None else ("unevaluatedItems", None)


APPLICATORS: Mapping[str, Applicator] = {
    "required": _required,
    "dependentRequired": _dependent_required,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "propertyNames": _property_names,
    "prefixItems": _prefix_items,
    "items": _items,
    "contains": _contains,
    "dependentSchemas": _dependent_schemas,
    "allOf": _all_of,
    "anyOf": _union("anyOf"),
    "oneOf": _union("oneOf"),
    "not": _not,
    "if": _if,
    "$ref": _reference("$ref"),
    "$dynamicRef": _reference("$dynamicRef"),
    "unevaluatedProperties": _unevaluated_properties,
    "unevaluatedItems": _unevaluated_items,
}

ORDER = (
    *("type", "const", "enum"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
    *("required", "dependentRequired", "pattern", "format", "uniqueItems"),
    *("properties", "patternProperties", "additionalProperties", "propertyNames"),
    *("prefixItems", "items", "contains", "dependentSchemas"),
    *("allOf", "anyOf", "oneOf", "not", "if", "$ref", "$dynamicRef"),
    *("unevaluatedProperties", "unevaluatedItems"),
)
"""Keywords in the order in which their errors are reported."""
RANKS = {keyword: rank for rank, keyword in enumerate(ORDER)}
RANKED_ASSERTIONS = [ASSERTIONS.get(keyword) for keyword in ORDER]
REFERENCE_RANKS = frozenset({RANKS["$ref"], RANKS["$dynamicRef"]})
