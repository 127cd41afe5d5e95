"""First error of a value that its schema rejects: pointer, keyword, expected value and message.

jsonschema-rs decides whether a value is valid; this module walks the schema and the value together to locate the error.
``runtime/validators.ts`` documents the order, which is the same for pages. Nothing about values is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, TypeAlias

from ..errors import ErrorData
from . import json_pointer
from .assertions import ASSERTIONS, Assertion, expected
from .error_messages import UNKNOWN, message
from .references import References, Scope, has_references

__all__ = ["ORDER", "Compile", "first_error"]

Predicate: TypeAlias = Callable[[Any], bool]
Compile: TypeAlias = Callable[[Any], Predicate]
"""Compiles a schema with jsonschema-rs."""
KeywordPredicate: TypeAlias = Callable[[str, Any], Predicate]
"""Returns the test of a keyword with a value, by jsonschema-rs."""
Fault: TypeAlias = tuple[str, Any]
"""Keyword that rejects a value, and the value of the keyword, if it is reported."""
Evaluated: TypeAlias = set[str | int] | None
"""Names and indices that some keyword has accepted, for ``unevaluatedProperties`` and ``unevaluatedItems``."""

MOST_LEVELS = 2_000
"""Schemas that may be entered without leaving one. Python's own limit is lower in most cases."""
FEW_VALUES = 16
"""Number of values that are checked one by one in any case, since the first one is wrong most often."""
MANY_VALUES = 256
"""Number of values from which on jsonschema-rs validates many in one call."""
CHUNK = 1024
"""Number of values in one such call."""
MANY_STEPS = 1_000
"""Number of schemas that a walk enters before it leaves valid arrays and objects to jsonschema-rs."""


def first_error(
    pointer: str,
    value: Any,
    references: References,
    compile_: Compile,
    predicate_of_keyword: KeywordPredicate,
    *,
    formats: bool,
    patterns: Mapping[str, str],
) -> ErrorData:
    """Return the first error of a value. It is an ``invalid_message`` whatever goes wrong.

    Args:
        pointer: JSON Pointer to the schema that rejects the value.
        value: Plain JSON.
        references: Index of the schema document.
        compile_: Compiles schemas with jsonschema-rs; they may refer to the document by absolute URIs.
        predicate_of_keyword: Returns the test of one keyword, such as a ``pattern``, by jsonschema-rs.
        formats: True if ``format`` is asserted.
        patterns: Regular expressions as users wrote them, by their spelling in the document.
    """
    walk = _Walk(references, compile_, predicate_of_keyword, formats=formats)
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
    keyword, stated = fault
    if keyword == "pattern":
        stated = patterns.get(stated, stated)
    text = message(keyword, stated)
    return ErrorData(code="invalid_message", message=text, pointer=place, keyword=keyword, expected=stated)


class _Walk:
    """One walk through a schema and a value."""

    def __init__(
        self, references: References, compile_: Compile, predicate_of_keyword: KeywordPredicate, *, formats: bool
    ) -> None:
        self.steps: list[str | int] = []
        """Path of the current value; that of the error, once it is found."""
        self.known: int | None = None
        """Number of steps that may be reported; None for all."""
        self._references = references
        self._compile = compile_
        self.predicate = predicate_of_keyword
        self.formats = formats
        self._probing = False
        """True while only the existence of a fault matters."""
        self._level = 0
        self._entered = 0
        self._predicates: dict[Any, Predicate] = {}

    def find(self, schema: Any, value: Any, keyword: str, scope: Scope, evaluated: Evaluated = None) -> Fault | None:
        """Return the first fault of a value.

        Args:
            schema: Any JSON Schema.
            value: Plain JSON.
            keyword: Keyword whose value the schema is.
            scope: Scope of the schema around it.
            evaluated: Receives what the schema evaluates, if it is valid.
        """
        outer, level = evaluated, self._level
        while True:
            if schema is True:
                break
            if schema is False:
                return keyword, None
            self._entered += 1
            self._level += 1
            if self._level > MOST_LEVELS:
                raise RecursionError
            if (
                self._entered > MANY_STEPS
                and outer is None
                and isinstance(value, list | dict)
                and self.can_batch(schema)
            ):
                if self.batch("items", schema)([value]):
                    break
                if self._probing:
                    return keyword, None
            if "$id" in schema:
                scope = self._references.enter(schema, scope)
            handlers, unevaluated, reference = _plan(tuple(schema))
            if unevaluated:
                evaluated = set()
            for keyword, assertion, applicator in handlers:
                if assertion is not None:
                    if not assertion(schema[keyword], value):
                        return keyword, expected(keyword, schema[keyword])
                elif applicator is not None:
                    fault = applicator(self, schema, value, scope, evaluated)
                    if fault is not None:
                        return fault
            if reference:  # the last keyword, which needs no deeper stack
                keyword = reference
                schema, scope = self.follow(reference, schema, scope)
                continue
            if unevaluated and outer is not None and evaluated:
                outer |= evaluated
            break
        self._level = level
        return None

    def accepts(self, schema: Any, value: Any, scope: Scope, evaluated: Evaluated = None) -> bool:
        """Return True if a schema accepts the value; what it evaluates counts only then."""
        outer, probing, depth, level = self.known, self._probing, len(self.steps), self._level
        if outer is None:
            self.known = depth
        self._probing = True
        found: Evaluated = None if evaluated is None else set()
        accepted = self.find(schema, value, "", scope, found) is None
        if not accepted:
            del self.steps[depth:]
            self._level = level
        elif evaluated is not None and found:
            evaluated |= found
        self.known, self._probing = outer, probing
        return accepted

    def hidden(self, schema: Any, values: Sequence[Any], keyword: str, scope: Scope) -> Fault | None:
        """Return the first fault of values whose names are not in the schema. It is reported at the object."""
        outer, depth = self.known, len(self.steps)
        if outer is None:
            self.known = depth
        for index in self.suspects(schema, values):
            fault = self.find(schema, values[index], keyword, scope)
            if fault is not None:
                del self.steps[depth:]
                return fault
        self.known = outer
        return None

    def suspects(self, schema: Any, values: Sequence[Any]) -> Iterable[int]:
        """Return the indices of values that may be invalid, in order. Of many values jsonschema-rs selects them."""
        if len(values) < MANY_VALUES or not self.can_batch(schema):
            return range(len(values))
        return chain(range(FEW_VALUES), self._suspects_of_many(schema, values))

    def _suspects_of_many(self, schema: Any, values: Sequence[Any]) -> Iterator[int]:
        all_valid = self.batch("items", schema)
        for start in range(FEW_VALUES, len(values), CHUNK):
            chunk = values[start : start + CHUNK]
            if not all_valid(chunk):
                low, high = 0, len(chunk)
                while high - low > 1:
                    middle = (low + high) // 2
                    if all_valid(chunk[low:middle]):
                        low = middle
                    else:
                        high = middle
                yield from range(start + low, len(values))
                return

    def can_batch(self, schema: Any) -> bool:
        """Return True if jsonschema-rs can validate by a schema alone, without the dynamic scope of this walk."""
        return isinstance(schema, dict) and not self._references.has_dynamic

    def batch(self, keyword: str, schema: Any, **others: Any) -> Predicate:
        """Return the test of an applicator with a schema of the document as its value."""
        key = keyword, id(schema), *others.items()
        if key not in self._predicates:
            stated = {"$ref": self._references.uri(schema)} if has_references(schema) else schema
            self._predicates[key] = self._compile({keyword: stated, **others})
        return self._predicates[key]

    def follow(self, keyword: str, schema: Any, scope: Scope) -> tuple[Any, Scope]:
        """Return the schema that a reference leads to."""
        return self._references.follow(schema[keyword], scope, dynamic=keyword == "$dynamicRef")


# Applicators, and assertions that need the walk. They return the first fault.

Applicator: TypeAlias = Callable[[_Walk, Any, Any, Scope, Evaluated], Fault | None]


def _delegated(keyword: str, *types: type) -> Applicator:
    """Return the handler of an assertion that jsonschema-rs decides, for values of these types."""

    def find(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
        if type(value) not in types or (keyword == "format" and not walk.formats):
            return None
        stated = schema[keyword]
        return None if walk.predicate(keyword, stated)(value) else (keyword, None if stated is True else stated)

    return find


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
    accepted = all(walk.accepts(below, names[index], scope) for index in walk.suspects(below, names))
    return None if accepted else ("propertyNames", None)


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
        for index in walk.suspects(below, rest):
            walk.steps.append(first + index)
            fault = walk.find(below, rest[index], "items", scope)
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
    "multipleOf": _delegated("multipleOf", int, float),
    "required": _required,
    "dependentRequired": _dependent_required,
    "pattern": _delegated("pattern", str),
    "format": _delegated("format", str),
    "uniqueItems": _delegated("uniqueItems", list),
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


@lru_cache(maxsize=1024)
def _plan(keywords: tuple[str, ...]) -> tuple[list[tuple[str, Assertion | None, Applicator | None]], bool, str]:
    """Return the handlers of keywords in order, if one is about unevaluated values, and the reference at the end."""
    ordered = [keyword for keyword in ORDER if keyword in keywords]
    reference = ordered.pop() if ordered and ordered[-1] in ("$ref", "$dynamicRef") else ""
    handlers = [(keyword, ASSERTIONS.get(keyword), APPLICATORS.get(keyword)) for keyword in ordered]
    return handlers, not {"unevaluatedItems", "unevaluatedProperties"}.isdisjoint(keywords), reference
