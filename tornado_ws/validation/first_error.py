"""First error of a value that its schema rejects: pointer, keyword, expected value and message.

jsonschema-rs decides if a value is valid. This module walks the schema and the value together to locate the error.
``runtime/validators.ts`` documents the order, which is the same for pages. No data of values is kept.
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
from .tag_table import TagTable, TagValues, tag_of

__all__ = ["ORDER", "Compile", "first_error"]

Predicate: TypeAlias = Callable[[Any], bool]
Compile: TypeAlias = Callable[[Any], Predicate]
"""Function that compiles a schema with jsonschema-rs."""
KeywordPredicate: TypeAlias = Callable[[str, Any], Predicate]
"""Function from a keyword and its value to a predicate by jsonschema-rs."""
Fault: TypeAlias = tuple[str, Any]
"""Keyword that rejects a value, and its expected value: of the keyword, or :class:`.TagValues`; None for no value."""
Evaluated: TypeAlias = set[str | int] | None
"""Evaluated names and indices, for ``unevaluatedProperties`` and ``unevaluatedItems``; None if not needed."""

MAX_DEPTH = 2_000
"""Maximum number of nested schemas. Python's recursion limit is usually reached first."""
FIRST_VALUES = 16
"""Number of values that are always checked one by one, since the first value is invalid most often."""
BATCH_FROM_VALUES = 256
"""Number of values from which jsonschema-rs validates them in batches."""
BATCH_SIZE = 1024
"""Number of values in one batch."""
BATCH_FROM_STEPS = 200
"""Number of entered schemas from which jsonschema-rs skips valid arrays, objects and unions."""
IN_PLACE = frozenset({"$dynamicRef", "$ref", "allOf", "anyOf", "if", "not", "oneOf"})
"""Keywords whose subschemas apply to the same value."""


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
    """Return the first error of a value, with the code ``invalid_message``. Never raises.

    Args:
        pointer: JSON Pointer to the schema that rejects the value.
        value: JSON value.
        references: Index of the schema document.
        compile_: Function that compiles schemas; they may refer to the document by absolute URIs.
        predicate_of_keyword: Function from a keyword, such as ``pattern``, and its value to a predicate.
        formats: True if ``format`` is asserted.
        patterns: Regular expressions in their original form, by the form in the document.
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
    steps = walk.steps if walk.reported_steps is None else walk.steps[: walk.reported_steps]
    place = json_pointer.join(steps)
    try:
        if fault is not None:
            keyword, keyword_value = fault
            if keyword == "pattern":
                keyword_value = patterns.get(keyword_value, keyword_value)
            text = message(keyword, keyword_value)
            if isinstance(keyword_value, TagValues):
                keyword_value = None
            return ErrorData(
                code="invalid_message", message=text, pointer=place, keyword=keyword, expected=keyword_value
            )
    except Exception:  # such as a number that has no decimal form
        pass
    return ErrorData(code="invalid_message", message=UNKNOWN, pointer=place)


class _Walk:
    """One walk through a schema and a value."""

    def __init__(
        self, references: References, compile_: Compile, predicate_of_keyword: KeywordPredicate, *, formats: bool
    ) -> None:
        self.steps: list[str | int] = []
        """Path of the current value; once an error is found, the path of the invalid value."""
        self.reported_steps: int | None = None
        """Number of steps that may be reported; None for all steps."""
        self._references = references
        self._compile = compile_
        self.predicate = predicate_of_keyword
        self.formats = formats
        self._probing = False
        """True if only the existence of a fault matters."""
        self._level = 0
        self._entered = 0
        self._batch_from = BATCH_FROM_STEPS
        self._pause = BATCH_FROM_STEPS
        """Number of entered schemas after an invalid batch without further ones; it doubles each time, so that all
        batches together take hardly more time than one."""
        self._verdicts: dict[tuple[int, int, Scope], bool] = {}
        """Verdicts on arrays and objects, by the identities of the schema and the value."""
        self._predicates: dict[Any, Predicate] = {}
        self._tag_tables: dict[tuple[int, str], TagTable | None] = {}
        """Tables of tags, by the identity of the schema and the keyword of the union."""

    def find(self, schema: Any, value: Any, keyword: str, scope: Scope, evaluated: Evaluated = None) -> Fault | None:
        """Return the first fault of a value.

        Args:
            schema: JSON Schema.
            value: JSON value.
            keyword: Keyword that contains the schema.
            scope: Scope of the enclosing schema.
            evaluated: Set to which the names and indices that the schema evaluates are added, if the value is valid.
        """
        outer, level = evaluated, self._level
        known = []
        while True:
            if schema is True:
                break
            if schema is False:
                return keyword, None
            if outer is None and (type(value) is dict or type(value) is list):
                key = id(schema), id(value), scope
                verdict = self._verdicts.get(key)
                if verdict:
                    break
                if verdict is False and self._probing:
                    return keyword, None
                known.append(key)
            self._entered += 1
            self._level += 1
            if self._level > MAX_DEPTH:
                raise RecursionError
            if (
                self._entered > self._batch_from
                and outer is None
                and (isinstance(value, list | dict) or not IN_PLACE.isdisjoint(schema))
                and self.can_batch(schema, scope)
            ):
                if self.batch("items", schema)([value]):
                    break
                if self._probing:
                    return keyword, None
                self._pause *= 2
                self._batch_from = self._entered + self._pause
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
            if reference:  # the last keyword: a loop instead of a call keeps the stack flat
                keyword = reference
                schema, scope = self.follow(reference, schema, scope)
                continue
            if unevaluated and outer is not None and evaluated:
                outer |= evaluated
            break
        self._level = level
        self._verdicts.update(dict.fromkeys(known, True))
        return None

    def accepts(self, schema: Any, value: Any, scope: Scope, evaluated: Evaluated = None) -> bool:
        """Return True if a schema accepts the value; only then are its names and indices evaluated."""
        outer, probing, depth, level = self.reported_steps, self._probing, len(self.steps), self._level
        if outer is None:
            self.reported_steps = depth
        self._probing = True
        found: Evaluated = None if evaluated is None else set()
        try:
            accepted = self.find(schema, value, "", scope, found) is None
        except RecursionError:
            if evaluated is not None or not self.can_batch(schema, scope):
                raise
            accepted = self.batch("items", schema)([value])
        if not accepted:
            del self.steps[depth:]
            self._level = level
            if evaluated is None and (type(value) is dict or type(value) is list):
                self._verdicts[id(schema), id(value), scope] = False
        elif evaluated is not None and found:
            evaluated |= found
        self.reported_steps, self._probing = outer, probing
        return accepted

    def find_unnamed(self, schema: Any, values: Sequence[Any], keyword: str, scope: Scope) -> Fault | None:
        """Return the first fault of values with names that the schema does not contain; its pointer is the object's."""
        outer, depth = self.reported_steps, len(self.steps)
        if outer is None:
            self.reported_steps = depth
        for index in self.candidates(schema, values, scope):
            fault = self.find(schema, values[index], keyword, scope)
            if fault is not None:
                del self.steps[depth:]
                return fault
        self.reported_steps = outer
        return None

    def candidates(self, schema: Any, values: Sequence[Any], scope: Scope) -> Iterable[int]:
        """Return the indices of values that may be invalid, in order, without batches that are valid."""
        if len(values) < BATCH_FROM_VALUES or not self.can_batch(schema, scope):
            return range(len(values))
        return chain(range(FIRST_VALUES), self._candidates_of_many(schema, values))

    def _candidates_of_many(self, schema: Any, values: Sequence[Any]) -> Iterator[int]:
        all_valid = self.batch("items", schema)
        for start in range(FIRST_VALUES, len(values), BATCH_SIZE):
            chunk = values[start : start + BATCH_SIZE]
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

    def can_batch(self, schema: Any, scope: Scope) -> bool:
        """Return True if validity does not depend on the dynamic scope, so that jsonschema-rs can decide it."""
        return isinstance(schema, dict) and self._references.is_static(schema, scope)

    def batch(self, keyword: str, schema: Any, **others: Any) -> Predicate:
        """Return the predicate for an applicator, such as ``items``, with a schema of the document as its value."""
        key = keyword, id(schema), *others.items()
        if key not in self._predicates:
            subschema = {"$ref": self._references.uri(schema)} if has_references(schema) else schema
            self._predicates[key] = self._compile({keyword: subschema, **others})
        return self._predicates[key]

    def follow(self, keyword: str, schema: Any, scope: Scope) -> tuple[Any, Scope]:
        """Return the schema to which a reference resolves, and its scope."""
        return self._references.follow(schema[keyword], scope, dynamic=keyword == "$dynamicRef")

    def tag_table(self, schema: Any, keyword: str) -> TagTable | None:
        """Return the table of the tag of a union; None if it has none."""
        key = id(schema), keyword
        if key not in self._tag_tables:
            tag = tag_of(schema, keyword)
            self._tag_tables[key] = None if tag is None else TagTable(tag)
        return self._tag_tables[key]


# Applicators, and assertions that jsonschema-rs decides. They return the first fault.

Applicator: TypeAlias = Callable[[_Walk, Any, Any, Scope, Evaluated], Fault | None]


def _delegated(keyword: str, *types: type) -> Applicator:
    """Return the handler for an assertion that jsonschema-rs decides, for values of ``types``."""

    def find(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
        if type(value) not in types or (keyword == "format" and not walk.formats):
            return None
        keyword_value = schema[keyword]
        return (
            None
            if walk.predicate(keyword, keyword_value)(value)
            else (keyword, None if keyword_value is True else keyword_value)
        )

    return find


def _required(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    if isinstance(value, dict):
        for name in schema["required"]:
            if name not in value:
                return "required", name
    return None


def _dependent_required(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    for name, required in schema["dependentRequired"].items() if isinstance(value, dict) else ():
        if name in value:
            for other in required:
                if other not in value:
                    return "dependentRequired", other
    return None


def _properties(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    if isinstance(value, dict):
        properties = schema["properties"]
        for name in _in_order(properties):
            if name in value:
                walk.steps.append(name)
                fault = walk.find(properties[name], value[name], "properties", scope)
                if fault is not None:
                    return fault
                walk.steps.pop()
                if evaluated is not None:
                    evaluated.add(name)
    return None


INDEX = re.compile("0|[1-9][0-9]{0,9}")
NO_INDEX = 2**32 - 1
"""Smallest integer that is not an array index (ECMAScript)."""


def _in_order(names: Iterable[str]) -> Iterable[str]:
    """Return names in the order of ECMAScript: array indices come first, in ascending order."""
    return sorted(names, key=_index) if any(map(str.isdigit, names)) else names


def _index(name: str) -> int:
    return int(name) if INDEX.fullmatch(name) and int(name) < NO_INDEX else NO_INDEX


def _pattern_properties(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    for pattern, subschema in schema["patternProperties"].items() if isinstance(value, dict) else ():
        names = list(filter(walk.predicate("pattern", pattern), _in_order(value)))
        fault = walk.find_unnamed(subschema, [value[name] for name in names], "patternProperties", scope)
        if fault is not None:
            return fault
        if evaluated is not None:
            evaluated.update(names)
    return None


def _additional_properties(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    if not isinstance(value, dict):
        return None
    properties = schema.get("properties", ())
    names = [name for name in value if name not in properties]
    for pattern in schema.get("patternProperties", ()) if names else ():
        matches = walk.predicate("pattern", pattern)
        names = [name for name in names if not matches(name)]
    subschema = schema["additionalProperties"]
    fault = walk.find_unnamed(subschema, [value[name] for name in _in_order(names)], "additionalProperties", scope)
    if fault is None and evaluated is not None:
        evaluated.update(names)
    return fault


def _property_names(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    subschema = schema["propertyNames"]
    names = list(value) if isinstance(value, dict) else []
    accepted = all(walk.accepts(subschema, names[index], scope) for index in walk.candidates(subschema, names, scope))
    return None if accepted else ("propertyNames", None)


def _prefix_items(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    if isinstance(value, list):
        for index, (subschema, item) in enumerate(zip(schema["prefixItems"], value, strict=False)):
            walk.steps.append(index)
            fault = walk.find(subschema, item, "prefixItems", scope)
            if fault is not None:
                return fault
            walk.steps.pop()
            if evaluated is not None:
                evaluated.add(index)
    return None


def _items(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    if isinstance(value, list):
        subschema, first = schema["items"], len(schema.get("prefixItems", ()))
        rest = value[first:] if first else value
        for index in walk.candidates(subschema, rest, scope):
            walk.steps.append(first + index)
            fault = walk.find(subschema, rest[index], "items", scope)
            if fault is not None:
                return fault
            walk.steps.pop()
        if evaluated is not None:
            evaluated.update(range(first, len(value)))
    return None


def _contains(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    if not isinstance(value, list):
        return None
    minimum, maximum, subschema = schema.get("minContains"), schema.get("maxContains"), schema["contains"]
    if len(value) >= BATCH_FROM_VALUES and evaluated is None and walk.can_batch(subschema, scope):
        many = maximum is not None and not walk.batch("contains", subschema, minContains=0, maxContains=maximum)(value)
        few = not walk.batch("contains", subschema, minContains=1 if minimum is None else minimum)(value)
    else:
        found = [index for index, item in enumerate(value) if walk.accepts(subschema, item, scope)]
        many = maximum is not None and len(found) > maximum
        few = len(found) < (1 if minimum is None else minimum)
        if evaluated is not None:
            evaluated.update(found)
    if many or few:
        without_minimum = "contains" if maximum is None else "maxContains"
        return ("maxContains" if many else without_minimum if minimum is None else "minContains"), None
    return None


def _dependent_schemas(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    for name, subschema in schema["dependentSchemas"].items() if isinstance(value, dict) else ():
        if name in value:
            fault = walk.find(subschema, value, "dependentSchemas", scope, evaluated)
            if fault is not None:
                return fault
    return None


def _all_of(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    for subschema in schema["allOf"]:
        fault = walk.find(subschema, value, "allOf", scope, evaluated)
        if fault is not None:
            return fault
    return None


def _union(keyword: str) -> Applicator:
    def find(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
        members, table = schema[keyword], walk.tag_table(schema, keyword)
        if table is not None:
            selected = table.select(value)
            if selected is None:
                return keyword, table.expected(value)
            return walk.find(members[selected], value, keyword, scope, evaluated)
        if keyword == "anyOf" and evaluated is None:
            accepted = any(walk.accepts(member, value, scope) for member in members)
        else:  # each valid member may evaluate further properties
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
    fault = walk.find_unnamed(schema["unevaluatedProperties"], rest, "unevaluatedProperties", scope)
    return None if fault is None else ("unevaluatedProperties", None)


def _unevaluated_items(walk: _Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    if not isinstance(value, list) or evaluated is None:
        return None
    rest = [item for index, item in enumerate(value) if index not in evaluated]
    evaluated.update(range(len(value)))
    fault = walk.find_unnamed(schema["unevaluatedItems"], rest, "unevaluatedItems", scope)
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
    """Return the handlers of keywords in order, True with ``unevaluated…`` keywords, and a reference at the end."""
    ordered = [keyword for keyword in ORDER if keyword in keywords]
    reference = ordered.pop() if ordered and ordered[-1] in ("$ref", "$dynamicRef") else ""
    handlers = [(keyword, ASSERTIONS.get(keyword), APPLICATORS.get(keyword)) for keyword in ordered]
    return handlers, not {"unevaluatedItems", "unevaluatedProperties"}.isdisjoint(keywords), reference
